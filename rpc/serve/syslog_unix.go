//go:build !windows

package serve

import (
	"encoding/json"
	"errors"
	"log/syslog"

	"omanager/app/audit"
)

// toSyslog sends one checkpoint to the machine's syslog.
func toSyslog(p audit.Checkpoint) error {
	w, err := syslog.New(syslog.LOG_AUTHPRIV|syslog.LOG_NOTICE, "omserver")
	if err != nil {
		return err
	}
	b, err := json.Marshal(p)
	if err == nil {
		err = w.Notice("operation log checkpoint " + string(b))
	}
	return errors.Join(err, w.Close())
}

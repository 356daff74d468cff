package enginetest

import (
	"bytes"
	"encoding/json"
	"testing"

	"omanager/app/engine"
	"omanager/app/job"
)

// files arrive in the JSON on standard input, whole and beside the parameters, and in no variable.
func (s Setup) files(t *testing.T) {
	big := make([]byte, 1<<20)
	for i := range big {
		big[i] = byte(i * i >> 3)
	}
	files := map[string][]byte{"big": big, "empty": {}}
	task := engine.Task{Script: []byte("#!/bin/sh\ntest -z \"${OM_big+x}\" || exit 9\ncat\n"), Params: map[string]string{"plain": "a b"}, Files: files}
	got := s.one(t, task)
	ends(t, got, job.OK, "")
	var back struct {
		Plain string `json:"plain"`
		Big   []byte `json:"big"`
		Empty []byte `json:"empty"`
	}
	if err := json.Unmarshal(got.Out[job.Stdout], &back); err != nil {
		t.Fatalf("standard input is not JSON: %v", err)
	}
	if back.Plain != "a b" || !bytes.Equal(back.Big, big) || back.Empty == nil || len(back.Empty) != 0 {
		t.Errorf("plain %q, %d bytes of %d", back.Plain, len(back.Big), len(big))
	}
}

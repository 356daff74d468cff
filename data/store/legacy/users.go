package legacy

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/app/rights"
)

// user is a row of users that can be taken over.
type user struct {
	name, passwd, key, privileges string
}

// readUsers gives the rows that are still to be taken over; what is wrong with others is in the report.
func (t *takeover) readUsers(ctx context.Context) ([]user, error) {
	if !t.schema.users {
		return nil, nil
	}
	var out []user
	files := make(map[string][]string)
	err := each(ctx, t.DB(), `SELECT u.admin, coalesce(u.passwd, ''), coalesce(u.Privatekey, ''), coalesce(u.privileges, ''),
		d.name IS NOT NULL, o.name IS NOT NULL FROM users u
		LEFT JOIN om_legacy_users d ON d.name = CAST(CONVERT(u.admin USING utf8mb4) AS BINARY)
		LEFT JOIN om_operators o ON o.name = CAST(CONVERT(u.admin USING utf8mb4) AS BINARY) ORDER BY u.admin`, func(scan func(...any) error) error {
		var u user
		var done, exists bool
		if err := scan(&u.name, &u.passwd, &u.key, &u.privileges, &done, &exists); err != nil {
			return err
		}
		key := strings.ToLower(u.key)
		files[key] = append(files[key], u.name)
		switch cause := u.fault(exists); {
		case done:
			t.report.Before++
		case cause != "":
			t.report.Left = append(t.report.Left, fmt.Sprintf("users %q: %s", u.name, cause))
		default:
			out = append(out, u)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read users: %w", t.Named(err))
	}
	for _, u := range out {
		if names := files[strings.ToLower(u.key)]; len(names) > 1 && names[0] == u.name {
			t.report.Notes = append(t.report.Notes, "operators "+strings.Join(names, ", ")+
				" have the same key file: give all but one a new one with omserver operator newkey")
		}
	}
	return out, nil
}

// fault is why the row cannot be taken over; empty means it can.
func (u user) fault(exists bool) string {
	if account.CheckName(u.name) != nil {
		return "this name is not usable: 1 to 20 letters, digits, . _ -, starting with a letter"
	}
	if exists {
		return "an operator of this name was made here before"
	}
	if _, err := rights.ParsePrivileges(u.privileges); err != nil {
		return fmt.Sprintf("privileges %q are not understood", u.privileges)
	}
	if _, err := account.WrapMD5(u.passwd, account.FloorParams()); err != nil {
		return "passwd is not an MD5 in hex"
	}
	if _, ok := account.LegacyKeyHash(u.key); !ok {
		return "Privatekey is not an MD5 in hex"
	}
	return ""
}

// takeUsers stores each operator with the note that the row is done.
func (t *takeover) takeUsers(ctx context.Context, users []user) error {
	for _, u := range users {
		hash, err := account.WrapMD5(u.passwd, t.Params)
		if err != nil {
			return fmt.Errorf("take over %s: %w", u.name, err)
		}
		key, _ := account.LegacyKeyHash(u.key)
		now := t.Now().UTC()
		o := account.Operator{Name: u.name, Password: hash, Privileges: u.privileges, Created: now, LegacyKey: key}
		err = t.Commit(ctx, "take over "+u.name, func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO om_legacy_users (name) VALUES (?)", u.name); err != nil {
				return err
			}
			if err := t.PutOperator(ctx, tx, o); err != nil {
				return err
			}
			return t.Log(ctx, tx, audit.Entry{Time: now, Source: "omserver migrate", Event: "operator_migrate", Detail: u.name + " " + u.privileges})
		})
		if err != nil {
			return problem.Wrap(err, "migrate_stopped", "cause", err.Error())
		}
		t.report.Operators++
	}
	return nil
}

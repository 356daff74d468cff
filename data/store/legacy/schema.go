package legacy

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"omanager/app/problem"
)

// schema is what is found of the legacy tables.
type schema struct {
	database    string
	users, logs bool
	engines     map[string]string // by table
	columns     map[string]column // by table.column, in small letters
	foreign     []string          // constraints of user_logs
}

type column struct {
	kind, charset, extra string
	null                 bool
}

func (s *schema) read(ctx context.Context, db *sql.DB) error {
	if err := db.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&s.database); err != nil {
		return err
	}
	s.engines, s.columns = make(map[string]string), make(map[string]column)
	err := each(ctx, db, `SELECT table_name, coalesce(engine, '') FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name IN ('users', 'user_logs')`, func(scan func(...any) error) error {
		var name, engine string
		err := scan(&name, &engine)
		s.engines[name] = engine
		return err
	})
	if err != nil {
		return err
	}
	_, s.users = s.engines["users"]
	_, s.logs = s.engines["user_logs"]
	err = each(ctx, db, `SELECT lower(table_name), lower(column_name), lower(column_type), coalesce(character_set_name, ''), lower(extra), is_nullable
		FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ('users', 'user_logs')`, func(scan func(...any) error) error {
		var table, name, null string
		var c column
		err := scan(&table, &name, &c.kind, &c.charset, &c.extra, &null)
		c.null = null == "YES"
		s.columns[table+"."+name] = c
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, db, `SELECT DISTINCT constraint_name FROM information_schema.key_column_usage
		WHERE table_schema = DATABASE() AND table_name = 'user_logs' AND referenced_table_name IS NOT NULL`, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		s.foreign = append(s.foreign, name)
		return err
	})
}

// each calls f with every row's Scan.
func each(ctx context.Context, db *sql.DB, text string, f func(scan func(...any) error) error, args ...any) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// check refuses tables that are not those of the earlier system, and ones without transactions.
func (s *schema) check() error {
	for _, need := range []struct {
		table   string
		there   bool
		columns []string
	}{
		{"users", s.users, []string{"admin", "passwd", "privatekey", "privileges"}},
		{"user_logs", s.logs, []string{"id", "user", "event", "datatime"}},
	} {
		if !need.there {
			continue
		}
		if e := s.engines[need.table]; !strings.EqualFold(e, "InnoDB") {
			return problem.New("migrate_table", "table", need.table, "cause", "its engine is "+e+", which loses rows at a crash; run ALTER TABLE "+need.table+" ENGINE=InnoDB")
		}
		for _, c := range need.columns {
			if _, ok := s.columns[need.table+"."+c]; !ok {
				return problem.New("migrate_table", "table", need.table, "cause", "it has no column "+c+", so it is not the table of an earlier OManager")
			}
		}
	}
	return nil
}

// mended reports whether user_logs has its new widths.
func (s *schema) mended() bool {
	user, event, at := s.columns["user_logs.user"], s.columns["user_logs.event"], s.columns["user_logs.datatime"]
	return len(s.foreign) == 0 && user.kind == "varchar(64)" && user.charset == "utf8mb4" &&
		event.kind == "mediumtext" && event.charset == "utf8mb4" && !strings.Contains(at.extra, "on update")
}

// mending is the one statement that gives user_logs widths that hold today's names and events, lets it hold operators who
// are not in users, and ends the odd habit of its time to follow every change of a row.
func (s *schema) mending() string {
	at := "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"
	if s.columns["user_logs.datatime"].null {
		at = "TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP"
	}
	steps := make([]string, 0, len(s.foreign)+3)
	for _, f := range slices.Sorted(slices.Values(s.foreign)) {
		steps = append(steps, "DROP FOREIGN KEY `"+strings.ReplaceAll(f, "`", "``")+"`")
	}
	steps = append(steps, "MODIFY user VARCHAR(64) CHARACTER SET utf8mb4 NULL", "MODIFY event MEDIUMTEXT CHARACTER SET utf8mb4 NULL",
		"MODIFY Datatime "+at)
	return "ALTER TABLE user_logs " + strings.Join(steps, ", ")
}

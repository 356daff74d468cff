package mariadb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// LegacyTime is when the first entry of the legacy operation log was written.
var LegacyTime = time.Date(2014, 5, 6, 7, 8, 9, 0, time.UTC) //nolint:gochecknoglobals // a constant

// LegacyKeyFile is the key file of the operators in LegacySchema.
const LegacyKeyFile = "-----BEGIN KEY FILE-----\nany file would do, if it is long and varied enough: 0123456789\n"

// LegacySchema makes the tables of the program of 2014, with widths, foreign key and the time that follows every change
// of a row, three operators (demo has the password 123456), two entries of the log and the newest version.
func LegacySchema() []string {
	return []string{
		`CREATE TABLE users (admin CHAR(20) NOT NULL, passwd CHAR(32), Privatekey CHAR(32), privileges CHAR(62), PRIMARY KEY (admin))
			ENGINE=InnoDB DEFAULT CHARSET=utf8`,
		`CREATE TABLE user_logs (id INT NOT NULL AUTO_INCREMENT, user CHAR(10), event CHAR(255),
			Datatime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
			PRIMARY KEY (id), KEY user (user), CONSTRAINT user_logs_ibfk_1 FOREIGN KEY (user) REFERENCES users (admin)) ENGINE=InnoDB DEFAULT CHARSET=utf8`,
		"CREATE TABLE `upgrade` (version CHAR(5)) ENGINE=InnoDB DEFAULT CHARSET=utf8",
		`INSERT INTO users VALUES ('demo', 'e10adc3949ba59abbe56e057f20f883e', 'dced4ca98819e25a3ebcc939d5c21378', '1,2,3,5,6'),
			('admin', 'E10ADC3949BA59ABBE56E057F20F883E', MD5('` + strings.ReplaceAll(LegacyKeyFile, "\n", `\n`) + `'), 'root'),
			('duty', MD5('duty'), MD5('another file'), 'zhiban')`,
		fmt.Sprintf(`INSERT INTO user_logs (user, event, Datatime) VALUES ('demo', '登录 192.168.1.7', FROM_UNIXTIME(%d)), ('admin', '1001', FROM_UNIXTIME(%d))`,
			LegacyTime.Unix(), LegacyTime.Unix()+60),
		"INSERT INTO `upgrade` VALUES ('10027')",
	}
}

// LegacyState is what a takeover must have made of the database, without what differs from run to run: salts, and the
// times at which operators were taken over.
func LegacyState(ctx context.Context, db *sql.DB) (string, error) {
	var all strings.Builder
	for _, query := range []string{
		"SELECT name, LEFT(password, 40), LENGTH(password), HEX(public_key), privileges, disabled, one_time, legacy_key FROM om_operators ORDER BY name",
		"SELECT IF(event = 'legacy_log', time, 0), operator, source, event, job, detail FROM om_audit ORDER BY seq",
		"SELECT name FROM om_legacy_users ORDER BY name",
		"SELECT count(*), min(id), max(id), sum(id) FROM om_legacy_logs",
		`SELECT table_name, column_name, column_type, column_default, is_nullable, extra FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name NOT LIKE 'om\\_%' ORDER BY table_name, ordinal_position`,
		`SELECT constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE() AND table_name = 'user_logs' ORDER BY 1`,
	} {
		out, err := Dump(ctx, db, query)
		if err != nil {
			return "", err
		}
		all.WriteString(out + "\n")
	}
	for _, query := range []string{
		"SELECT admin, passwd, Privatekey, privileges FROM users ORDER BY admin",
		"SELECT id, user, event, Datatime FROM user_logs ORDER BY id",
		"SELECT version FROM `upgrade`",
	} {
		out, err := Dump(ctx, db, query)
		if err != nil {
			out = "gone\n"
		}
		all.WriteString(query + "\n" + out)
	}
	return all.String(), nil
}

// Dump gives the rows, a line each, the columns between bars.
func Dump(ctx context.Context, db *sql.DB, query string) (string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return "", fmt.Errorf("%.60s: %w", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", fmt.Errorf("%.60s: %w", query, err)
	}
	var out strings.Builder
	for rows.Next() {
		cells := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", fmt.Errorf("%.60s: %w", query, err)
		}
		for i, c := range cells {
			if i > 0 {
				out.WriteString("|")
			}
			out.WriteString(c.String)
		}
		out.WriteString("\n")
	}
	return out.String(), rows.Err()
}

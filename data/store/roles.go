package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"omanager/app/account"
	"omanager/app/rights"
)

// PutRole inserts or replaces. The body is one JSON value: nothing but this program asks for parts of it.
func (s *shared) PutRole(ctx context.Context, r rights.Role) error {
	what := "store role " + r.Name
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		res, err := tx.exec(ctx, "UPDATE @roles SET body = ? WHERE name = ?", string(body), r.Name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		_, err = tx.exec(ctx, "INSERT INTO @roles (name, body) VALUES (?,?)", r.Name, string(body))
		return err
	})
}

func (s *shared) Role(ctx context.Context, name string) (rights.Role, error) {
	r, err := scanRole(s.row(ctx, "SELECT name, body FROM @roles WHERE name = ?", name))
	if err != nil {
		return rights.Role{}, fmt.Errorf("read role %s: %w", name, s.named(err))
	}
	return r, nil
}

func (s *shared) Roles(ctx context.Context) ([]rights.Role, error) {
	rows, err := s.rows(ctx, "SELECT name, body FROM @roles ORDER BY name")
	out, err := collect(rows, err, scanRole)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", s.named(err))
	}
	return out, nil
}

// DeleteRole looks for holders first, so that its answer says what is in the way; the reference between the tables keeps
// a role that is given at the same moment.
func (s *shared) DeleteRole(ctx context.Context, name string) error {
	what := "delete role " + name
	var n int64
	err := s.commit(ctx, what, func(ctx context.Context, tx txn) error {
		var holder string
		err := tx.row(ctx, "SELECT operator FROM @operator_roles WHERE role = ? LIMIT 1", name).Scan(&holder)
		if err == nil {
			return fmt.Errorf("%w by %s", ErrInUse, holder)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		res, err := tx.exec(ctx, "DELETE FROM @roles WHERE name = ?", name)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return found(n, err, what)
}

func scanRole(r scanner) (out rights.Role, err error) {
	var name, body string
	if err := r.Scan(&name, &body); err != nil {
		return out, err
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		return rights.Role{}, fmt.Errorf("role %s: %w", name, err)
	}
	out.Name = name
	return out, nil
}

// putRoles replaces what the operator holds.
func putRoles(ctx context.Context, tx txn, o account.Operator) error {
	if _, err := tx.exec(ctx, "DELETE FROM @operator_roles WHERE operator = ?", o.Name); err != nil {
		return err
	}
	for _, role := range o.Roles {
		if _, err := tx.exec(ctx, "INSERT INTO @operator_roles (operator, role) VALUES (?,?)", o.Name, role); err != nil {
			return err
		}
	}
	return nil
}

// operatorRow is an operator with one of its roles, if it has any.
type operatorRow struct {
	account.Operator

	role sql.NullString
}

// joined puts the rows of each operator, which lie together, into one.
func joined(rows []operatorRow) []account.Operator {
	var out []account.Operator
	for _, r := range rows {
		if n := len(out); n == 0 || out[n-1].Name != r.Name {
			out = append(out, r.Operator)
		}
		if o := &out[len(out)-1]; r.role.Valid {
			o.Roles = append(o.Roles, r.role.String)
		}
	}
	return out
}

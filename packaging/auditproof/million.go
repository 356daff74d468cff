package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"omanager/app/audit"
	"omanager/data/store"
)

// Million writes so many chained records straight into the table, which is quicker than logging them, and gives the
// seconds that verifying them takes.
func Million(ctx context.Context, path string, n int) (seconds float64, err error) {
	st, err := store.OpenSQLite(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := fill(ctx, path, n); err != nil {
		return 0, err
	}
	began := time.Now()
	v := audit.NewVerifier(nil)
	if err := st.AuditScan(ctx, 0, v.Next); err != nil {
		return 0, err
	}
	if v.Count() != int64(n) {
		return 0, fmt.Errorf("%d of %d records were verified", v.Count(), n)
	}
	return time.Since(began).Seconds(), v.End()
}

func fill(ctx context.Context, path string, n int) error {
	return withDB(path, func(db *sql.DB) (err error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, tx.Commit()) }()
		put, err := tx.PrepareContext(ctx, "INSERT INTO audit (seq, time, operator, source, event, job, detail, hash) VALUES (?,?,?,?,?,?,?,?)")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, put.Close()) }()
		hash := audit.Genesis()
		for i := range int64(n) {
			r := audit.Chain(audit.Entry{Time: time.UnixMilli(1e12 + i), Operator: "demo", Source: "10.0.0.1", Event: audit.EventPlan, Detail: "1003 on category:1"}, i, hash)
			if _, err := put.ExecContext(ctx, r.Seq, r.Time.UnixMilli(), r.Operator, r.Source, r.Event, r.Job, r.Detail, r.Hash); err != nil {
				return err
			}
			hash = r.Hash
		}
		_, err = tx.ExecContext(ctx, "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", n, hash)
		return err
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"omanager/app/audit"
	"omanager/app/problem"
	"omanager/data/store"
	"omanager/rpc/serve"
)

// auditLog is the command line's way to the operation log of a data folder, whether its control server runs or not.
type auditLog struct {
	dir string
	out io.Writer
}

func auditCommand(stdout io.Writer) *cobra.Command {
	a := &auditLog{out: stdout}
	c := &cobra.Command{Use: "audit", Short: "Verify the operation log, or remove old records from it", Args: noArgs}
	c.PersistentFlags().StringVar(&a.dir, "data", "", "data folder made by init")
	c.AddCommand(a.verify(), a.trim())
	return c
}

// with opens the store of the folder and the key that signs for its log.
func (a *auditLog) with(ctx context.Context, f func(store.Store, audit.Signer) error) (err error) {
	if a.dir == "" {
		return problem.New("usage", "cause", "--data is not given. Name the data folder made by omserver init.")
	}
	signer, err := serve.AuditSigner(a.dir)
	if err != nil {
		return err
	}
	st, err := serve.OpenStore(ctx, a.dir, serve.Beside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return f(st, signer)
}

func (a *auditLog) verify() *cobra.Command {
	var files []string
	c := &cobra.Command{
		Use: "verify --data DIR", Short: "Check every record; name the first that does not hold", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(st store.Store, s audit.Signer) error {
				return a.check(cmd.Context(), st, s, files)
			})
		},
	}
	c.Flags().StringArrayVar(&files, "checkpoint", nil, "file of checkpoints held outside (a client's, or the control server's checkpoint_file)")
	return c
}

func (a *auditLog) check(ctx context.Context, st store.Store, s audit.Signer, files []string) error {
	stub, err := st.AuditStub(ctx)
	if err != nil {
		return err
	}
	held, err := a.held(ctx, st, files)
	if err != nil {
		return err
	}
	began := time.Now()
	v, err := audit.Check(ctx, st, s.Server, s.PublicKey(), held...)
	if err != nil {
		return faulty(err)
	}
	_, err = fmt.Fprintf(a.out, "The operation log holds: records %d to %d, %s.\n", first(stub)+1, v.Count(), time.Since(began).Round(time.Millisecond))
	if err == nil {
		_, err = fmt.Fprintf(a.out, "Checkpoints vouch for it up to record %d; what came later rests on the chain alone.\n", v.Vouched())
	}
	return err
}

func first(stub *audit.Stub) int64 {
	if stub == nil {
		return 0
	}
	return stub.Count
}

// faulty words a fault of the log; another error is as it is.
func faulty(err error) error {
	if f, ok := errors.AsType[*audit.FaultError](err); ok {
		return problem.Wrap(err, "audit_fault", "cause", f.Error())
	}
	return err
}

// held gathers the checkpoints to hold against the log: the database's newest and those of the files.
func (a *auditLog) held(ctx context.Context, st store.Store, files []string) ([]audit.Checkpoint, error) {
	var held []audit.Checkpoint
	last, err := st.LastCheckpoint(ctx)
	switch {
	case err == nil:
		held = append(held, last)
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	for _, f := range files {
		more, err := serve.Checkpoints(f)
		if err != nil {
			return nil, err
		}
		held = append(held, more...)
	}
	return held, nil
}

func (a *auditLog) trim() *cobra.Command {
	var before string
	var yes bool
	c := &cobra.Command{
		Use: "trim --data DIR --before DATE --yes", Short: "Remove records older than a date; a signed stub stands for them", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := time.ParseInLocation("2006-01-02", before, time.Local)
			if err != nil {
				return problem.Wrap(err, "usage", "cause", fmt.Sprintf("--before %q is not a date such as 2026-01-31", before))
			}
			return a.with(cmd.Context(), func(st store.Store, s audit.Signer) error {
				return a.remove(cmd.Context(), st, s, t, yes)
			})
		},
	}
	c.Flags().StringVar(&before, "before", "", "records before this date go, for example 2026-01-31")
	c.Flags().BoolVar(&yes, "yes", false, "do it; without it only what would go is told")
	required(c, "before")
	return c
}

// remove checks the log first: what does not hold is evidence and stays.
func (a *auditLog) remove(ctx context.Context, st store.Store, s audit.Signer, before time.Time, yes bool) error {
	last, err := st.AuditBefore(ctx, before)
	if errors.Is(err, store.ErrNotFound) {
		_, err = fmt.Fprintf(a.out, "No record is older than %s.\n", before.Format("2006-01-02"))
		return err
	}
	if err != nil {
		return err
	}
	if err := a.check(ctx, st, s, nil); err != nil {
		return err
	}
	if !yes {
		_, err = fmt.Fprintf(a.out, "Records up to number %d would be removed. Add --yes to do it; export them before.\n", last.Seq)
		return err
	}
	e := audit.Entry{
		Time: time.Now(), Source: "omserver audit", Event: audit.EventAuditTrim,
		Detail: fmt.Sprintf("records up to %d, before %s", last.Seq, before.Format("2006-01-02")),
	}
	if err := st.AuditTrim(ctx, s.Stub(last.Seq, last.Hash, time.Now()), e); err != nil {
		return fmt.Errorf("trim the operation log: %w", err)
	}
	_, err = fmt.Fprintf(a.out, "Records up to number %d are removed; a signed stub stands for them.\n", last.Seq)
	return err
}

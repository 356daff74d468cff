// Package store is the control server's memory behind one contract: operators, sessions, jobs, events, and the
// operation log. Everything it says it stored survives kill -9 and power loss. SQLite and MySQL implement it;
// storetest is the suite that every implementation passes. Only this package imports database/sql.
package store

import (
	"context"
	"errors"
	"time"

	"omanager/app/account"
	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/rights"
)

// Errors that callers tell apart with errors.Is. Driver errors never leave the package unwrapped.
var (
	ErrNotFound = account.ErrNotFound
	ErrExists   = errors.New("stored already")
	ErrFull     = errors.New("no space left for the store")
	ErrInUse    = errors.New("in use")
	// ErrTaken: an approval is not in the state that was asked for, because somebody was faster or it has ended.
	ErrTaken = errors.New("the approval was decided, used or ended before")
	// ErrReadOnly: the database server was made read-only; it works again when that ends.
	ErrReadOnly = errors.New("the database server is read-only")
	// ErrUnknown: the connection was lost while the answer was awaited, and the server could not be asked what became
	// of it. AppendEvents may be called again with the same events, or some of them in the same order: none is stored
	// twice.
	ErrUnknown = errors.New("not known whether it was stored")
	// ErrUnreachable: the database server could not be asked, or did not answer a question that stores nothing.
	ErrUnreachable = errors.New("reach the database server")
	// ErrHeld: another control server has the database.
	ErrHeld = errors.New("another control server uses the database")
	// ErrReplaced: another control server has taken the database over since this store was opened; it stores nothing more.
	ErrReplaced = errors.New("another control server has taken the database over")
)

// Store is safe for use by many goroutines. Times are kept to the millisecond, in UTC.
type Store interface {
	account.Store

	// PutRole inserts or replaces a role; Roles lists them by name. An operator can hold only roles that are stored:
	// PutOperator with another one stores nothing and gives ErrNotFound. DeleteRole gives ErrInUse while somebody holds it.
	PutRole(ctx context.Context, r rights.Role) error
	Roles(ctx context.Context) ([]rights.Role, error)
	DeleteRole(ctx context.Context, name string) error

	// CreateJob stores the job with its frozen targets and the log entry in one transaction. ErrExists if the id
	// is taken.
	CreateJob(ctx context.Context, j job.Job, e audit.Entry) error
	Job(ctx context.Context, id string) (job.Job, error)
	Jobs(ctx context.Context, limit int) ([]job.Job, error) // newest first, without targets
	// UnfinishedJobs lists jobs whose state is not finished, with targets: what a crash left open.
	UnfinishedJobs(ctx context.Context) ([]job.Job, error)
	SetJobState(ctx context.Context, id string, s job.State, at time.Time, counts map[job.Outcome]int) error

	// PutApproval stores a request for approval and the log entry in one transaction. ErrExists if the id is taken.
	PutApproval(ctx context.Context, a job.Approval, e audit.Entry) error
	Approval(ctx context.Context, id string) (job.Approval, error)
	Approvals(ctx context.Context, q ApprovalQuery) ([]job.Approval, error) // newest first
	// DecideApproval decides a pending request, with the log entry in the same transaction. ErrTaken if it is not
	// pending, has ended, or is the decider's own: of several who decide at once exactly one succeeds.
	DecideApproval(ctx context.Context, d Decision, e audit.Entry) error
	// CreateApprovedJob is CreateJob and the use of the approval in one transaction. ErrTaken, and no job, unless the
	// approval is approved, has not ended, and is for the job's operator and plan: one approval makes one job.
	CreateApprovedJob(ctx context.Context, j job.Job, approval string, e audit.Entry) error

	// AppendEvents stores the events of one job in order and returns them with Seq set. It returns after the
	// data is safe. Only one goroutine appends to a given job at a time.
	AppendEvents(ctx context.Context, jobID string, ev []job.Event) ([]job.Event, error)
	// Events returns at most limit events with Seq > after, in order.
	Events(ctx context.Context, jobID string, after int64, limit int) ([]job.Event, error)

	// Log appends to the operation log, whose records are chained by their hashes and never changed.
	Log(ctx context.Context, e audit.Entry) error
	AuditRecords(ctx context.Context, q audit.Query) ([]audit.Record, error) // newest first
	// AuditScan gives f every record from a number on, in order, in bounded memory.
	AuditScan(ctx context.Context, from int64, f func(audit.Record) error) error
	AuditHead(ctx context.Context) (seq int64, hash []byte, err error)
	AuditBefore(ctx context.Context, t time.Time) (audit.Record, error) // the last one older than t
	AuditStub(ctx context.Context) (*audit.Stub, error)                 // nil if none was removed
	// AuditTrim removes the records that the stub stands for; the stub and e are there before the first is gone.
	AuditTrim(ctx context.Context, stub audit.Stub, e audit.Entry) error
	PutCheckpoint(ctx context.Context, c audit.Checkpoint) error
	LastCheckpoint(ctx context.Context) (audit.Checkpoint, error)

	// UseOnce records a nonce; ErrExists if it was recorded before. Expired ones may be forgotten.
	UseOnce(ctx context.Context, nonce []byte, expires time.Time) error

	Close() error
}

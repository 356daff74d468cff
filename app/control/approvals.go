package control

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"omanager/app/audit"
	"omanager/app/job"
	"omanager/app/problem"
	"omanager/app/rights"
	"omanager/data/store"
)

const (
	approvalLife = 24 * time.Hour // from the request to the last moment of use
	maxReason    = 500            // characters of a reason or note
	maxWaiting   = 100            // open requests of one operator
	maxListed    = 1000
	listPage     = 50
)

// Ask is a request for a second operator's consent to one plan.
type Ask struct {
	ID       string // UUID made by the client; the same id again is the same request
	Request  job.Request
	PlanHash string
	Reason   string
}

// RequestApproval plans again and stores what is to be approved, frozen. Nothing runs.
func (c *Control) RequestApproval(ctx context.Context, who Caller, q Ask) (job.Approval, error) {
	a, err := c.request(ctx, who, q)
	if err != nil {
		c.note(ctx, who, audit.EventApprovalError, "", "request "+clip(q.ID, 64)+": "+problem.Describe("en", err))
		return job.Approval{}, err
	}
	return c.judged(who, a), nil
}

func (c *Control) request(ctx context.Context, who Caller, q Ask) (job.Approval, error) {
	if _, err := uuid.Parse(q.ID); err != nil {
		return job.Approval{}, problem.Wrap(err, "usage", "cause", "approval id \""+clip(q.ID, 64)+"\" is not a UUID")
	}
	a, err := c.Store.Approval(ctx, q.ID)
	switch {
	case err == nil:
		return sameRequest(a, who, q)
	case !errors.Is(err, store.ErrNotFound):
		return job.Approval{}, c.storeProblem(err)
	}
	if err := reasoned(q.Reason); err != nil {
		return job.Approval{}, err
	}
	p, _, _, err := c.plan(who, q.Request)
	if err != nil {
		return job.Approval{}, err
	}
	if p.Hash != q.PlanHash {
		return job.Approval{}, problem.New("plan_changed")
	}
	if p.Gate != job.GateApproval {
		return job.Approval{}, problem.New("approval_not_needed", "module", p.Module, "gate", string(p.Gate))
	}
	if err := c.room(ctx, who); err != nil {
		return job.Approval{}, err
	}
	now := c.Now().UTC().Truncate(time.Millisecond)
	a = job.Approval{
		ID: q.ID, Operator: who.Operator.Name, Module: p.Module, Title: p.Title, On: q.Request.On, Params: p.Params, Targets: p.Targets,
		Danger: p.Danger, PlanHash: p.Hash, Frame: p.Frame(), Reason: strings.TrimSpace(q.Reason), State: job.ApprovalPending, Created: now, Expires: now.Add(approvalLife),
	}
	detail := fmt.Sprintf("approval %s: %s on %d servers: %s", a.ID, a.Module, len(a.Targets), a.Reason)
	err = c.Store.PutApproval(ctx, a, c.entry(who, audit.EventAskApproval, "", detail))
	if errors.Is(err, store.ErrExists) { // the same request, at the same moment
		if a, err = c.Store.Approval(ctx, q.ID); err == nil {
			return sameRequest(a, who, q)
		}
	}
	if err != nil {
		return job.Approval{}, c.storeProblem(err)
	}
	c.grown()
	return a, nil
}

// sameRequest answers a request that was sent again.
func sameRequest(a job.Approval, who Caller, q Ask) (job.Approval, error) {
	if a.Operator != who.Operator.Name || a.PlanHash != q.PlanHash {
		return job.Approval{}, problem.New("approval_taken", "approval", a.ID)
	}
	return a, nil
}

func reasoned(text string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(text)); n == 0 || n > maxReason {
		return problem.New("approval_reason", "max", strconv.Itoa(maxReason))
	}
	return nil
}

// room keeps one operator from burying the others' requests.
func (c *Control) room(ctx context.Context, who Caller) error {
	open, err := c.Store.Approvals(ctx, store.ApprovalQuery{Operator: who.Operator.Name, OpenAt: c.Now(), Limit: maxWaiting})
	if err != nil {
		return c.storeProblem(err)
	}
	if len(open) >= maxWaiting {
		return problem.New("approval_many", "count", strconv.Itoa(len(open)), "operator", who.Operator.Name)
	}
	return nil
}

// Approvals lists what the caller asked for and what it may decide or might have, newest first. It looks through the newest
// thousand.
func (c *Control) Approvals(ctx context.Context, who Caller, pending bool, limit int) ([]job.Approval, error) {
	if limit <= 0 || limit > maxListed {
		limit = 100
	}
	q := store.ApprovalQuery{Limit: listPage}
	if pending {
		q.OpenAt = c.Now()
	}
	var out []job.Approval
	for seen := 0; seen < maxListed; seen += listPage {
		page, err := c.Store.Approvals(ctx, q)
		if err != nil {
			return nil, c.storeProblem(err)
		}
		for _, a := range page {
			q.Before = a.ID
			if a.Operator == who.Operator.Name || c.mayApprove(who, a.Operator, a.Module, a.Targets) {
				out = append(out, c.judged(who, a))
			}
			if len(out) == limit {
				return out, nil
			}
		}
		if len(page) < listPage {
			break
		}
	}
	return out, nil
}

// judged is an approval as the caller sees it now.
func (c *Control) judged(who Caller, a job.Approval) job.Approval {
	if (a.State == job.ApprovalPending || a.State == job.ApprovalApproved) && !c.Now().Before(a.Expires) {
		a.State = job.ApprovalExpired
	}
	a.Decidable = a.State == job.ApprovalPending && c.mayApprove(who, a.Operator, a.Module, a.Targets)
	return a
}

// mayApprove is who may consent to what an operator asked for: another one, who may approve the module on every target.
func (c *Control) mayApprove(decider Caller, asker, module string, targets []job.Target) bool {
	r, m := decider.may(), c.moduleNamed(module)
	return decider.Operator.Name != asker && every(targets, func(s rights.Server) bool { return r.MayApprove(m, s) })
}

// DecideApproval approves or refuses another operator's request. Approving makes the plan again, as the one who asked: what
// was changed since then is not approved.
func (c *Control) DecideApproval(ctx context.Context, who Caller, id string, approve bool, note string) (job.Approval, error) {
	a, err := c.decide(ctx, who, id, approve, strings.TrimSpace(note))
	if err != nil {
		c.note(ctx, who, audit.EventApprovalError, "", "decide "+clip(id, 64)+": "+problem.Describe("en", err))
		return job.Approval{}, err
	}
	return c.judged(who, a), nil
}

func (c *Control) decide(ctx context.Context, who Caller, id string, approve bool, note string) (job.Approval, error) {
	a, err := c.decidable(ctx, who, id)
	if err != nil {
		return job.Approval{}, err
	}
	d := store.Decision{ID: id, State: job.ApprovalRefused, Decider: who.Operator.Name, Note: note, At: c.Now().UTC().Truncate(time.Millisecond)}
	event := audit.EventNotApproved
	if approve {
		d.State, event = job.ApprovalApproved, audit.EventApproved
		if err := c.stands(ctx, who, a); err != nil {
			return job.Approval{}, err
		}
	}
	if !approve || note != "" {
		if err := reasoned(note); err != nil {
			return job.Approval{}, err
		}
	}
	detail := fmt.Sprintf("approval %s of %s: %s on %d servers: %s", a.ID, a.Operator, a.Module, len(a.Targets), note)
	err = c.Store.DecideApproval(ctx, d, c.entry(who, event, "", detail))
	if errors.Is(err, store.ErrTaken) {
		if a, err = c.Store.Approval(ctx, id); err == nil {
			return job.Approval{}, problem.New("approval_decided", "approval", id, "state", string(c.judged(who, a).State))
		}
	}
	if err != nil {
		return job.Approval{}, c.storeProblem(err)
	}
	c.grown()
	a.State, a.Decider, a.Note, a.Decided = d.State, d.Decider, d.Note, d.At
	return a, nil
}

// decidable loads a request that the caller may decide now.
func (c *Control) decidable(ctx context.Context, who Caller, id string) (job.Approval, error) {
	a, err := c.Store.Approval(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return job.Approval{}, problem.New("approval_unknown", "approval", clip(id, 64))
	}
	if err != nil {
		return job.Approval{}, c.storeProblem(err)
	}
	now := c.judged(who, a)
	switch {
	case a.Operator == who.Operator.Name:
		return job.Approval{}, problem.New("approval_own", "operator", a.Operator, "approval", id)
	case !c.mayApprove(who, a.Operator, a.Module, a.Targets) && c.seesAll(who, a.Targets):
		return job.Approval{}, problem.New("approval_not_allowed", "operator", who.Operator.Name, "approval", id)
	case !c.mayApprove(who, a.Operator, a.Module, a.Targets):
		return job.Approval{}, problem.New("approval_unknown", "approval", id)
	case now.State == job.ApprovalExpired:
		return job.Approval{}, problem.New("approval_expired", "approval", id, "expires", moment(a.Expires))
	case now.State != job.ApprovalPending:
		return job.Approval{}, problem.New("approval_decided", "approval", id, "state", string(a.State))
	}
	return a, nil
}

// stands makes the plan again for the one who asked and compares; the decider must also be allowed what it is now. The
// parameters are those of the request, which does not change; of secrets among them only the one who asked knows more,
// so the plan's frame is compared, and the whole plan when the approval is used.
func (c *Control) stands(ctx context.Context, who Caller, a job.Approval) error {
	asker, err := c.Store.Operator(ctx, a.Operator)
	if errors.Is(err, store.ErrNotFound) || err == nil && asker.Disabled {
		return problem.Wrap(err, "approval_asker", "approval", a.ID, "operator", a.Operator)
	}
	if err != nil {
		return c.storeProblem(err)
	}
	as, err := c.as(ctx, asker, who.Source)
	if err != nil {
		return err
	}
	p, err := c.planFrame(as, a.Module, a.On)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Kind() == problem.Unavailable {
		return err
	}
	if err != nil || p.Frame() != a.Frame {
		return problem.Wrap(err, "plan_changed")
	}
	if !c.mayApprove(who, a.Operator, a.Module, p.Targets) {
		return problem.New("approval_not_allowed", "operator", who.Operator.Name, "approval", a.ID)
	}
	return nil
}

// granted checks that an approval covers the caller's plan at this moment. Using it up is CreateApprovedJob's.
func (c *Control) granted(ctx context.Context, who Caller, p job.Plan, id string) error {
	a, err := c.Store.Approval(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && a.Operator != who.Operator.Name {
		return problem.New("approval_unknown", "approval", clip(id, 64))
	}
	if err != nil {
		return c.storeProblem(err)
	}
	if err := notUsable(c.judged(who, a)); err != nil {
		return err
	}
	if a.PlanHash != p.Hash {
		return problem.New("approval_other", "approval", id)
	}
	decider, err := c.Store.Operator(ctx, a.Decider)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return c.storeProblem(err)
	}
	as, aerr := c.as(ctx, decider, who.Source)
	if aerr != nil {
		return aerr
	}
	if err != nil || decider.Disabled || !c.mayApprove(as, a.Operator, a.Module, p.Targets) {
		return problem.Wrap(err, "approval_withdrawn", "approval", id, "decider", a.Decider)
	}
	return nil
}

// notUsable is why an approval in this state starts nothing, or nil.
func notUsable(a job.Approval) error {
	switch a.State {
	case job.ApprovalApproved:
		return nil
	case job.ApprovalPending:
		return problem.New("approval_waiting", "approval", a.ID, "expires", moment(a.Expires))
	case job.ApprovalRefused:
		return problem.New("approval_refused", "approval", a.ID, "decider", a.Decider, "note", a.Note)
	case job.ApprovalUsed:
		return problem.New("approval_used", "approval", a.ID)
	default:
		return problem.New("approval_expired", "approval", a.ID, "expires", moment(a.Expires))
	}
}

// moment is a time as a sentence holds it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

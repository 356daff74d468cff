package job

import "time"

// ApprovalState is where a request for approval is.
type ApprovalState string

// The states of an approval. Only a pending one can be decided, only an approved one can be used, once.
const (
	ApprovalPending  ApprovalState = "pending"
	ApprovalApproved ApprovalState = "approved"
	ApprovalRefused  ApprovalState = "refused"
	ApprovalUsed     ApprovalState = "used"
	ApprovalExpired  ApprovalState = "expired"
)

// Approval is a second operator's consent to exactly one plan: PlanHash binds it to module, parameters and targets.
type Approval struct {
	ID        string // UUIDv7 made by the client: asking twice is one request
	Operator  string // who asked
	Module    string
	Title     string
	On        string
	Params    map[string]string
	Targets   []Target
	Danger    string
	PlanHash  string
	Frame     string // Plan.Frame; only the control server knows it
	Reason    string
	State     ApprovalState
	Decider   string
	Note      string // of the decider
	Created   time.Time
	Decided   time.Time
	Expires   time.Time
	Decidable bool // the operator who asked for the list may decide it; not stored
}

package audit

// The events of the operation log.
const (
	EventLogin         = "login"
	EventLoginRefused  = "login_refused"
	EventLogout        = "logout"
	EventRefused       = "refused" // a call that the caller may not make
	EventPlan          = "plan"
	EventJobStart      = "job_start"
	EventJobRefused    = "job_refused"
	EventJobCancel     = "job_cancel"
	EventJobDone       = "job_done"
	EventJobRecovered  = "job_recovered"
	EventServerStart   = "server_start"
	EventAuditRead     = "audit_read"
	EventAuditExport   = "audit_export"
	EventAuditTrim     = "audit_trim"
	EventAskApproval   = "approval_asked"
	EventApproved      = "approval_granted"
	EventNotApproved   = "approval_refused"
	EventApprovalError = "approval_denied" // a request or decision that was not accepted
	EventOperatorAdd   = "operator_add"
	EventOperatorState = "operator_state"
	EventRights        = "operator_rights"
	EventNewPassword   = "operator_password"
	EventNewKey        = "operator_key"
	EventOwnPassword   = "password_change"
	EventPasswordError = "password_refused"
	EventRolePut       = "role_put"
	EventRoleDelete    = "role_delete"
)

// Title is what a person calls an event, in "en" or "zh"; one that is not listed is its own title.
func Title(lang, event string) string {
	var en, zh string
	switch event {
	case EventLogin:
		en, zh = "Login", "登录"
	case EventLoginRefused:
		en, zh = "Login refused", "登录被拒"
	case EventLogout:
		en, zh = "Logout", "注销"
	case EventRefused:
		en, zh = "Not allowed", "越权被拒"
	case EventPlan:
		en, zh = "Plan", "计划"
	case EventJobStart:
		en, zh = "Job started", "作业启动"
	case EventJobRefused:
		en, zh = "Job refused", "作业被拒"
	case EventJobCancel:
		en, zh = "Cancel asked", "请求取消"
	case EventJobDone:
		en, zh = "Job ended", "作业结束"
	case EventJobRecovered:
		en, zh = "Job settled after a crash", "崩溃后结清作业"
	default:
		return adminTitle(lang, event)
	}
	return pick(lang, en, zh)
}

func adminTitle(lang, event string) string {
	en, zh := event, event
	switch event {
	case EventServerStart:
		en, zh = "Control server started", "控制服务器启动"
	case EventAuditRead:
		en, zh = "Log read", "查阅日志"
	case EventAuditExport:
		en, zh = "Log exported", "导出日志"
	case EventAuditTrim:
		en, zh = "Old records removed", "清理旧记录"
	case EventAskApproval:
		en, zh = "Approval asked", "申请审批"
	case EventApproved:
		en, zh = "Approved", "审批通过"
	case EventNotApproved:
		en, zh = "Approval refused", "审批驳回"
	case EventApprovalError:
		en, zh = "Approval not possible", "审批操作被拒"
	case EventOperatorAdd:
		en, zh = "Operator added", "新增操作员"
	case EventOperatorState:
		en, zh = "Operator on or off", "启用或停用操作员"
	case EventRights:
		en, zh = "Rights changed", "变更权限"
	case EventNewPassword:
		en, zh = "New password made", "重置密码"
	case EventNewKey:
		en, zh = "New key file made", "重置密钥文件"
	case EventOwnPassword:
		en, zh = "Own password changed", "修改本人密码"
	case EventPasswordError:
		en, zh = "Change of own password refused", "修改本人密码被拒"
	case EventRolePut:
		en, zh = "Role saved", "保存角色"
	case EventRoleDelete:
		en, zh = "Role removed", "删除角色"
	}
	return pick(lang, en, zh)
}

func pick(lang, en, zh string) string {
	if lang == "zh" {
		return zh
	}
	return en
}

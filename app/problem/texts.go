package problem

type sentence struct {
	kind   Kind
	en, zh string
}

// table is a function so that nothing in the package is a mutable global.
func table() map[string]sentence { return sentences }

// sentences is constant by convention: nothing writes to it.
var sentences = map[string]sentence{ //nolint:gochecknoglobals // a constant; Go has no constant maps
	// inventory
	"inventory_read": {Unavailable, "Asset file {file} cannot be read: {cause}. Put the file in place, or point the control server at another folder.", "无法读取资产文件 {file}：{cause}。请放好该文件，或让控制服务器指向其他目录。"},
	"inventory_xml":  {Usage, "Asset file {file} is not usable: {cause} (near line {line}). Mend the file; the last good list stays in use.", "资产文件 {file} 无法使用：{cause}（第 {line} 行附近）。请修正文件；此前的服务器清单继续有效。"},
	"inventory_size": {Usage, "Asset file {file} is larger than {limit}. Split it or remove what does not belong there.", "资产文件 {file} 超过 {limit}。请拆分或删除多余内容。"},
	"expr_syntax":    {Usage, "Target expression \"{expr}\" is not understood at \"{at}\". Use names, addresses, category:NAME, app:NAME, all, web[01-20], joined by , ! &.", "目标表达式“{expr}”在“{at}”处无法理解。可用：名称、地址、category:名称、app:名称、all、web[01-20]，以 , ! & 连接。"},
	"expr_unknown":   {NotFound, "\"{name}\" names no server, category or application that you may see. Check the spelling with: omctl servers.", "“{name}”不是您可见的服务器、类别或应用。请用 omctl servers 核对。"},
	"expr_size":      {Usage, "Target expression \"{expr}\" is too large: at most {limit} ({what}). Split it, or use a category or wildcard.", "目标表达式“{expr}”过大：上限为 {limit}（{what}）。请拆分，或使用类别或通配符。"},
	"no_targets":     {Usage, "No server is chosen by \"{expr}\". Tick at least one server or widen the expression.", "“{expr}”没有选中任何服务器。请至少勾选一台，或放宽表达式。"},
	// modules
	"module_unknown": {NotFound, "Module {module} does not exist on this control server. See the list with: omctl modules.", "控制服务器上没有模块 {module}。可用 omctl modules 查看列表。"},
	"module_bad":     {Usage, "Module folder {folder} is left out: {cause}. Mend it and save; it is read again at once.", "模块目录 {folder} 未载入：{cause}。修正并保存后会立即重新读取。"},
	"module_no_task": {Usage, "Module {module} has no task for engine {engine}. Choose another module or engine.", "模块 {module} 没有引擎 {engine} 的任务。请换一个模块或引擎。"},
	"param_unknown":  {Usage, "Module {module} declares no parameter \"{param}\". Remove it; declared are: {declared}.", "模块 {module} 没有声明参数“{param}”。请去掉；已声明：{declared}。"},
	"param_required": {Usage, "Parameter \"{param}\" is missing. Give it a value.", "缺少参数“{param}”。请填写。"},
	"param_range":    {Usage, "Parameter \"{param}\" is {value}; allowed is {min} to {max}.", "参数“{param}”为 {value}；允许范围 {min} 到 {max}。"},
	"param_type":     {Usage, "Parameter \"{param}\" is \"{value}\", which is not a valid {type}. Correct the value.", "参数“{param}”的值“{value}”不是有效的 {type}。请更正。"},
	"param_enum":     {Usage, "Parameter \"{param}\" is \"{value}\"; allowed are: {values}.", "参数“{param}”的值“{value}”不在允许范围：{values}。"},
	"param_text":     {Usage, "Parameter \"{param}\" is not allowed: {cause}. Correct the value.", "参数“{param}”不合规：{cause}。请更正。"},
	"param_utf8":     {Usage, "Parameter \"{param}\" is not valid UTF-8 text. Type it again or save its file as UTF-8.", "参数“{param}”不是有效的 UTF-8 文本。请重新输入，或将文件存为 UTF-8。"},
	"param_char":     {Usage, "Parameter \"{param}\" holds the character {char} at place {place}, which no value may hold. Remove it.", "参数“{param}”第 {place} 个字符 {char} 不允许使用。请删除。"},
	"param_lines":    {Usage, "Parameter \"{param}\" must be a single line. Remove the line breaks.", "参数“{param}”只能是一行。请去掉换行。"},
	"param_long":     {Usage, "Parameter \"{param}\" has {count} characters; at most {max} are allowed. Shorten it.", "参数“{param}”有 {count} 个字符，最多 {max} 个。请缩短。"},
	"param_pattern":  {Usage, "Parameter \"{param}\" is \"{value}\", which does not have the form {pattern}. Correct the value.", "参数“{param}”的值“{value}”不符合格式 {pattern}。请更正。"},
	// login and session
	"login_refused":   {NoAccess, "Login refused: operator name, password or key file is wrong. Check all three; the server does not say which.", "登录被拒绝：操作员名、密码或密钥文件有误。请逐一核对；服务器不会说明是哪一项。"},
	"login_busy":      {Unavailable, "Too many logins at once. Wait {seconds} s and try again.", "同时登录过多。请等待 {seconds} 秒后重试。"},
	"session_expired": {NoAccess, "The session has ended. Log in again.", "会话已结束。请重新登录。"},
	"not_allowed":     {NoAccess, "Operator {operator} may not {action} on {thing}. Ask an administrator for the privilege.", "操作员 {operator} 无权在 {thing} 上{action}。请向管理员申请权限。"},
	"keyfile_read":    {Usage, "Key file {file} cannot be read: {cause}. Choose the file made for this operator.", "无法读取密钥文件 {file}：{cause}。请选择该操作员的密钥文件。"},
	"keyfile_weak":    {Usage, "Key file {file} is {cause}. Use the file made by omserver init or any file of at least 32 varied bytes.", "密钥文件 {file} {cause}。请使用 omserver init 生成的文件，或至少 32 字节且内容多样的文件。"},
	"password_weak":   {Usage, "The new password is too weak: {cause}.", "新密码太弱：{cause}。"},
	// reaching the control server
	"address_missing":    {Usage, "No control server is named. Give its address as host:port.", "未填写控制服务器。请填写地址（主机:端口）。"},
	"server_unreachable": {Unavailable, "Control server {addr} cannot be reached: {cause}. Check the address and that omserver is running.", "无法连接控制服务器 {addr}：{cause}。请检查地址以及 omserver 是否在运行。"},
	"server_fingerprint": {NoAccess, "Control server {addr} shows fingerprint {got}, expected {want}. Do not go on unless its administrator confirms the new one.", "控制服务器 {addr} 的指纹是 {got}，应为 {want}。除非管理员确认新指纹，否则请勿继续。"},
	"server_error":       {Internal, "The control server had an internal fault ({ref}). Try again; if it stays, look into the server's log.", "控制服务器内部错误（{ref}）。请重试；若仍出现，请查看服务器日志。"},
	"data_folder":        {Usage, "Data folder {dir} cannot be used: {cause}. Choose another with --data, or make one with: omserver init --data DIR.", "数据目录 {dir} 无法使用：{cause}。请用 --data 另选，或用 omserver init --data DIR 新建。"},
	"listen":             {Usage, "Cannot listen on {addr}: {cause}. Choose another address with --listen.", "无法监听 {addr}：{cause}。请用 --listen 指定其他地址。"},
	"operator_exists":    {Usage, "Operator {name} exists already. Choose another name, or change the existing one.", "操作员 {name} 已存在。请换一个名称，或修改已有操作员。"},
	"operator_unknown":   {NotFound, "There is no operator {name}. See the list with: omserver operator list.", "没有操作员 {name}。可用 omserver operator list 查看列表。"},
	"operator_last":      {Usage, "Operator {name} is the last one with all rights and must keep them. Give another operator the privilege root first.", "操作员 {name} 是最后一个拥有全部权限的操作员，必须保留。请先给另一操作员 root 权限。"},
	"privileges_bad":     {Usage, "Privileges \"{value}\" are not understood. Use root, zhiban (look only), or category numbers joined by commas.", "权限“{value}”无法理解。可用 root、zhiban（只看不运行），或以逗号连接的类别编号。"},
	"operator_name":      {Usage, "Operator name \"{name}\" is not usable: 1 to 20 letters, digits, . _ -, starting with a letter. Choose another.", "操作员名“{name}”不可用：须为 1 到 20 个字母、数字或 . _ -，并以字母开头。请另选。"},
	"usage":              {Usage, "{cause}", "{cause}"},
	"config_read":        {Usage, "Settings file {file} cannot be read: {cause}. Check the path and its permissions.", "无法读取设置文件 {file}：{cause}。请检查路径和权限。"},
	"config_bad":         {Usage, "Settings file {file} is not usable: {cause}. Mend this line; nothing was changed.", "设置文件 {file} 无法使用：{cause}。请修正该行；未作任何更改。"},
	"config_value":       {Usage, "Setting {key} cannot be stored: {cause}. Choose another value.", "设置 {key} 无法保存：{cause}。请换一个值。"},
	"config_save":        {Unavailable, "Settings file {file} was not saved: {cause}. The old file is still in use.", "设置文件 {file} 未保存：{cause}。原文件继续有效。"},
	// a legacy control server
	"legacy_timeout":   {Unavailable, "The legacy control server {addr} did not answer within {limit}; it is not known whether the job ran. Look on the servers before you run it again, or raise timeout in the settings.", "旧版控制服务器 {addr} 在 {limit} 内没有响应；不知道作业是否执行。重新运行前请先到服务器上核对，或在设置中调大 timeout。"},
	"legacy_lost":      {Unavailable, "The legacy control server {addr} ended the connection before its answer was complete ({cause}); it is not known whether the job ran. Look on the servers before you run it again.", "旧版控制服务器 {addr} 在答复完成前断开连接（{cause}）；不知道作业是否执行。重新运行前请先到服务器上核对。"},
	"legacy_garbage":   {Unavailable, "{addr} does not answer as a legacy control server: {cause}. Check address and port, or choose the protocol of the new control server.", "{addr} 的应答不符合旧版控制服务器：{cause}。请检查地址和端口，或改用新版控制服务器的协议。"},
	"legacy_exception": {Unavailable, "The legacy control server {addr} stopped with an exception: {cause}. Look into its log and its module.", "旧版控制服务器 {addr} 发生异常：{cause}。请查看其日志和对应模块。"},
	// jobs
	"job_unknown":      {NotFound, "Job {job} is not known here. See the list with: omctl jobs.", "没有作业 {job}。可用 omctl jobs 查看列表。"},
	"plan_changed":     {Conflict, "The plan has changed since it was shown: module, parameters or servers are different now. Look at the new plan and start again.", "计划自显示后已改变（模块、参数或服务器）。请查看新计划后重新开始。"},
	"confirm_needed":   {Conflict, "Module {module} has danger {danger}: confirm the list of {count} servers first (omctl: --yes).", "模块 {module} 的危险级别为 {danger}：请先确认 {count} 台服务器的列表（omctl 用 --yes）。"},
	"too_many_servers": {Usage, "{count} servers are chosen; one run may have at most {limit}. Choose fewer, or raise max_servers on the control server.", "选中了 {count} 台服务器；一次最多 {limit} 台。请减少选择，或在控制服务器上调大 max_servers。"},
	"engine_failed":    {HostFault, "Nothing was started on {host}: the engine could not begin ({cause}).", "{host} 上未启动任何操作：执行引擎无法开始（{cause}）。"},
	"envelope_refused": {NoAccess, "The sealed job was refused: {cause}. Log in again; if it stays, check the clocks of both machines.", "加密作业被拒绝：{cause}。请重新登录；若仍出现，请检查两端时钟。"},
	"disk_full":        {Unavailable, "The control server's disk is full at {path}; the job was not started. Free space and try again; stored results are safe.", "控制服务器磁盘已满（{path}），作业未启动。请释放空间后重试；已存结果不受影响。"},
	"store_failed":     {Unavailable, "The control server's store did not answer: {cause}. Nothing was started; look into its log.", "控制服务器的存储没有响应：{cause}。未启动任何操作；请查看日志。"},
	// one host's trouble
	"host_unreachable":   {HostFault, "{host} ({addr}) cannot be reached: {cause}. Check the machine, its network and sshd.", "无法连接 {host}（{addr}）：{cause}。请检查主机、网络和 sshd。"},
	"host_key_changed":   {HostFault, "{host} shows host key {got}, expected {want}; nothing was sent to it. Find out why before you accept the new key.", "{host} 的主机密钥是 {got}，应为 {want}；未向其发送任何内容。查明原因前请勿接受新密钥。"},
	"host_key_unknown":   {HostFault, "{host} has no known host key (it shows {got}); nothing was sent to it. Add the key to the assets or to known_hosts.", "{host} 没有已知主机密钥（其为 {got}）；未向其发送任何内容。请把密钥加入资产或 known_hosts。"},
	"host_auth":          {HostFault, "{host} refused the login of {user}. Check the key that the control server uses.", "{host} 拒绝 {user} 登录。请检查控制服务器使用的密钥。"},
	"host_timeout":       {HostFault, "The command on {host} ran longer than {limit} and was stopped.", "{host} 上的命令超过 {limit}，已停止。"},
	"host_lost":          {HostFault, "The connection to {host} broke while the command ran; it is not known whether it finished.", "命令运行中与 {host} 的连接断开；不知道是否完成。"},
	"host_exit":          {HostFault, "The command on {host} ended with exit code {exit}.", "{host} 上的命令以退出码 {exit} 结束。"},
	"host_signal":        {HostFault, "The command on {host} was ended by signal {signal}.", "{host} 上的命令被信号 {signal} 终止。"},
	"host_no_exit":       {HostFault, "{host} closed the command without an exit code; it is not known whether it finished.", "{host} 未返回退出码；不知道命令是否完成。"},
	"host_no_shell":      {HostFault, "{host} did not run the task for {user}: its login shell or a forced command ran instead. Give that account /bin/sh or another plain shell.", "{host} 未为 {user} 运行任务：运行的是其登录 shell 或强制命令。请为该账号设置 /bin/sh 等普通 shell。"},
	"host_cancelled":     {HostFault, "The command on {host} was cancelled and is verified to be gone.", "{host} 上的命令已取消，并已确认不再运行。"},
	"host_cancel_unsure": {HostFault, "The command on {host} was cancelled, but {host} could not be asked whether it is gone: {cause}.", "{host} 上的命令已取消，但无法确认是否已停止：{cause}。"},
	"host_not_started":   {HostFault, "Nothing was started on {host}: the job was cancelled first.", "{host} 上未启动任何操作：作业已先被取消。"},
	"host_interrupted":   {HostFault, "The control server stopped while the command on {host} ran; it is not known whether it finished.", "命令在 {host} 上运行时控制服务器停止；不知道是否完成。"},
	"host_never_begun":   {HostFault, "The control server stopped before anything was started on {host}.", "控制服务器在 {host} 上启动任何操作之前已停止。"},
	// roles and operators
	"role_name":      {Usage, "Role name \"{role}\" is not usable: 1 to 20 letters, digits, . _ -, starting with a letter. Choose another.", "角色名“{role}”不可用：须为 1 到 20 个字母、数字或 . _ -，并以字母开头。请另选。"},
	"role_note":      {Usage, "The note of role {role} is not usable: at most {max} characters on one line. Shorten it.", "角色 {role} 的备注不可用：只能是一行，最多 {max} 个字符。请缩短。"},
	"role_large":     {Usage, "Role {role} has {count} {what}; at most {max} are allowed. Split it into several roles.", "角色 {role} 有 {count} 项 {what}，最多 {max} 项。请拆分成多个角色。"},
	"role_empty":     {Usage, "Grant {grant} of role {role} names no {what}. Add at least one, or * for all.", "角色 {role} 的第 {grant} 条授权没有 {what}。请至少填写一项，或用 * 表示全部。"},
	"role_verb":      {Usage, "Grant {grant} of role {role}: verb \"{value}\" is not known. Use look, run or approve.", "角色 {role} 的第 {grant} 条授权：动作“{value}”无法识别。可用 look、run、approve。"},
	"role_module":    {Usage, "Grant {grant} of role {role}: module \"{value}\" is not understood. Use a module number, category:bas (or app, dba, ser, mid), or *.", "角色 {role} 的第 {grant} 条授权：模块“{value}”无法理解。可用模块编号、category:bas（或 app、dba、ser、mid）或 *。"},
	"role_server":    {Usage, "Grant {grant} of role {role}: server \"{value}\" is not understood. Use category:ID, app:NAME, server:ID, or * alone for all.", "角色 {role} 的第 {grant} 条授权：服务器“{value}”无法理解。可用 category:编号、app:名称、server:标识，或单独的 * 表示全部。"},
	"role_manage":    {Usage, "Role {role} cannot manage \"{value}\". Use operators or audit.", "角色 {role} 不能管理“{value}”。可用 operators、audit。"},
	"role_unknown":   {NotFound, "There is no role {role}. See the list with: omctl roles.", "没有角色 {role}。可用 omctl roles 查看列表。"},
	"role_in_use":    {Conflict, "Role {role} is held by {operators} and was not deleted. Take it from them first.", "角色 {role} 正由 {operators} 使用，未删除。请先从这些操作员处移除。"},
	"role_file":      {Usage, "Role file {file} is not usable: {cause}. Correct it; nothing was changed.", "角色文件 {file} 无法使用：{cause}。请修正；未作任何更改。"},
	"role_many":      {Usage, "{name} would hold {count} roles; at most {max} are allowed. Join some of them.", "{name} 将拥有 {count} 个角色，最多 {max} 个。请合并部分角色。"},
	"role_above":     {NoAccess, "Operator {actor} may not make, change or delete role {role}, which allows more than its own rights. Ask an operator with all rights.", "角色 {role} 的权限超过操作员 {actor} 自己的权限，不能新建、修改或删除。请联系拥有全部权限的操作员。"},
	"role_own":       {Usage, "Operator {actor} holds role {role} and cannot change it. Ask another operator with the right to.", "操作员 {actor} 自己拥有角色 {role}，不能修改。请联系有权限的其他操作员。"},
	"change_missing": {Usage, "The request does not say what to change of operator {name}. Use a newer console or omctl.", "请求没有说明要修改操作员 {name} 的什么。请使用更新的控制台或 omctl。"},
}

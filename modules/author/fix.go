package author

import "strings"

// fix tells what to do about a reason of the loader.
func fix(text string) map[string]string {
	for _, f := range []struct{ part, en, zh string }{
		{"its name must be", "Rename the folder, for example bas_4711_disk_usage.", "请重命名文件夹，例如 bas_4711_disk_usage。"},
		{"is missing", "Add the file; omctl module new makes a folder that has all of them.", "请补上该文件；omctl module new 可生成完整的文件夹。"},
		{"is not in the form", "Write the name of a control of form.xrc, or add the control there.", "请写 form.xrc 中控件的名称，或在其中添加该控件。"},
		{"cannot fill a parameter", "Choose another control in form.xrc, or another type.", "请在 form.xrc 中换用其他控件，或更改类型。"},
		{"must be lower-case", "Write it with a to z, 0 to 9 and _.", "只能使用 a-z、0-9 和 _。"},
		{"is there twice", "Give each its own name.", "请使用不同的名称。"},
		{"type \"", "Write one of these types.", "请写其中一种类型。"},
		{"danger is", "Write danger: low, medium or high.", "请写 danger: low、medium 或 high。"},
		{"timeout", "Write a duration such as 30s or 5m.", "请写时长，例如 30s 或 5m。"},
		{"titles has neither", "Add titles: {en: ..., zh: ...}.", "请添加 titles: {en: ..., zh: ...}。"},
		{"not found in type", "Remove this key or correct its spelling; docs/modules.md lists the keys.", "请删除该键或更正拼写；可用的键见 docs/modules.md。"},
		{"exit code", "Correct the lists ok and changed.", "请更正 ok 和 changed 列表。"},
		{"does not start with \"#!\"", "Make #!/bin/sh the first line.", "请把 #!/bin/sh 写在第一行。"},
		{"Windows line ends", "Save the file with Unix line ends (LF).", "请以 Unix 换行（LF）保存文件。"},
		{"is empty", "Write it; omctl module new shows the form.", "请填写内容；omctl module new 可给出样例。"},
		{"DOCTYPE", "Remove the DOCTYPE line.", "请删除 DOCTYPE 行。"},
		{"not an XRC form", "Open and save it with wxFormBuilder or wxGlade, as an XRC file.", "请用 wxFormBuilder 或 wxGlade 打开并另存为 XRC 文件。"},
		{"above max", "Correct a bound: min must not be above max.", "请更正上下限：min 不得大于 max。"},
		{"default", "Correct the default, or the bounds it breaks.", "请更正默认值或其违反的限制。"},
		{"pattern", "Correct the expression; the syntax is RE2.", "请更正表达式；语法为 RE2。"},
		{"results:", "Correct this part of results.", "请更正 results 的这一部分。"},
		{"when ", "Write when: other=value, with a parameter declared above and one of its values.", "请写 when: 参数=值，该参数须在上方声明，且值有效。"},
		{"did not find expected", "Correct the YAML: look at indentation, quotes and brackets of the line before.", "请更正 YAML：检查上一行的缩进、引号和括号。"},
		{"cannot unmarshal", "Correct the kind of value: a number, a text or a list is expected here.", "请更正值的种类：此处应为数字、文本或列表。"},
	} {
		if strings.Contains(text, f.part) {
			return map[string]string{"en": f.en, "zh": f.zh}
		}
	}
	return map[string]string{"en": "Correct this place.", "zh": "请更正此处。"}
}

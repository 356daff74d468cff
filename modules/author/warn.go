package author

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"omanager/modules"
)

// warnings are what loads but serves its users badly, or is easy to get wrong.
func (r *Report) warnings(dir string, files map[string][]byte) {
	yml := filepath.Join(dir, "module.yaml")
	warn := func(file string, line int, en, zh, fixEN, fixZH string) {
		r.add(Finding{File: file, Line: line, Text: map[string]string{"en": en, "zh": zh}, Fix: map[string]string{"en": fixEN, "zh": fixZH}})
	}
	m := r.Module
	for _, lang := range []string{"en", "zh"} {
		if m.Titles[lang] == "" || m.Helps[lang] == "" {
			warn(yml, yamlLine(files["module.yaml"], "titles"), "no title or help in "+lang+".", "缺少语言 "+lang+" 的标题或说明。", "Add titles: and help: in both languages.", "请补全两种语言的 titles: 和 help:。")
		}
		for _, p := range m.Params {
			if p.Labels[lang] == "" {
				warn(yml, r.paramLine(files, p.Name), fmt.Sprintf("parameter %q has no label in %s.", p.Name, lang), fmt.Sprintf("参数“%s”缺少语言 %s 的标签。", p.Name, lang), "Add it to labels:.", "请在 labels: 中补上。")
			}
		}
	}
	for _, p := range m.Params {
		if n := m.Form.Root.Find(p.Control); p.Type == modules.Secret && n != nil && !n.Has("wxTE_PASSWORD") {
			warn(yml, r.paramLine(files, p.Name), fmt.Sprintf("the secret %q can be read over the shoulder.", p.Name), fmt.Sprintf("机密“%s”输入时会显示出来。", p.Name), "Give its control the style wxTE_PASSWORD.", "请为其控件加上样式 wxTE_PASSWORD。")
		}
	}
	task, has := m.Tasks["ssh"]
	if !has {
		if len(m.Tasks) == 0 {
			warn(dir, 0, "no task: it can be looked at, not run.", "没有任务：只能查看，不能运行。", "Add ssh.sh.", "请添加 ssh.sh。")
		}
		return
	}
	first, _, _ := bytes.Cut(task.Body, []byte("\n"))
	if fields := strings.Fields(strings.TrimPrefix(string(first), "#!")); len(fields) > 0 && slices.Contains([]string{"sh", "bash", "dash"}, filepath.Base(fields[0])) {
		r.shell(filepath.Join(dir, task.File), task.Body, warn)
	}
}

func (r *Report) paramLine(files map[string][]byte, name string) int {
	return yamlLine(files["module.yaml"], fmt.Sprintf("parameter %q", name))
}

// shell looks at how a script uses its parameters.
func (r *Report) shell(file string, body []byte, warn func(file string, line int, en, zh, fixEN, fixZH string)) {
	tree, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(body), "")
	if err != nil {
		r.add(Finding{File: file, Line: lineOf(err), Error: false, Text: map[string]string{"en": "the script is not understood: " + err.Error() + ".", "zh": "脚本无法解析：" + err.Error() + "。"},
			Fix: map[string]string{"en": "Correct it; sh -n says the same.", "zh": "请更正；sh -n 会给出同样的提示。"}})
		return
	}
	declared := map[string]bool{"JOB": true, "RUN": true}
	for _, p := range r.Module.Params {
		declared[p.Name], declared[p.Name+"_sha256"], declared[p.Name+"_addr"] = true, true, true
	}
	used, quoted := map[string]bool{}, map[*syntax.ParamExp]bool{}
	syntax.Walk(tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DblQuoted:
			syntax.Walk(n, func(in syntax.Node) bool {
				if p, ok := in.(*syntax.ParamExp); ok {
					quoted[p] = true
				}
				return true
			})
		case *syntax.Assign: // a value that is assigned, or looked at by case, is not split
			markWord(n.Value, quoted)
		case *syntax.CaseClause:
			markWord(n.Word, quoted)
		case *syntax.CallExpr:
			if len(n.Args) > 0 && n.Args[0].Lit() == "eval" {
				warn(file, int(n.Pos().Line()), "eval runs what a parameter holds.", "eval 会执行参数的内容。", "Do without eval.", "请勿使用 eval。")
			}
		}
		return true
	})
	syntax.Walk(tree, func(n syntax.Node) bool {
		p, ok := n.(*syntax.ParamExp)
		if !ok || p.Param == nil || !strings.HasPrefix(p.Param.Value, "OM_") {
			return true
		}
		name := strings.TrimPrefix(p.Param.Value, "OM_")
		used[name] = true
		if !declared[name] {
			warn(file, int(p.Pos().Line()), "$OM_"+name+" is not a parameter.", "$OM_"+name+" 不是已声明的参数。", "Declare it in module.yaml, or correct the name.", "请在 module.yaml 中声明，或更正名称。")
		} else if !quoted[p] {
			warn(file, int(p.Pos().Line()), "$OM_"+name+" stands without quotes: blanks and * in it do harm.", "$OM_"+name+" 没有加引号：其中的空格和 * 会造成问题。", `Write "$OM_`+name+`".`, `请写成 "$OM_`+name+`"。`)
		}
		return true
	})
	for _, p := range r.Module.Params {
		if !used[p.Name] && p.Type != modules.File && p.Type != modules.Source && !bytes.Contains(body, []byte(p.Name)) {
			warn(file, 0, fmt.Sprintf("the parameter %q is not used.", p.Name), fmt.Sprintf("参数“%s”没有用到。", p.Name), `Use "$OM_`+p.Name+`", or remove it.`, `请使用 "$OM_`+p.Name+`" 或删除它。`)
		}
	}
}

func markWord(w *syntax.Word, quoted map[*syntax.ParamExp]bool) {
	if w == nil {
		return
	}
	for _, part := range w.Parts {
		if p, ok := part.(*syntax.ParamExp); ok {
			quoted[p] = true
		}
	}
}

func lineOf(err error) int {
	if p, ok := err.(syntax.ParseError); ok { //nolint:errorlint // the parser returns it as it is
		return int(p.Pos.Line())
	}
	return 0
}

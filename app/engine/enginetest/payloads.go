package enginetest

import "strings"

// Payloads are values that would make the marker if any part of them were run.
func Payloads(marker string) []string {
	run := "touch " + marker
	var out []string
	for _, prefix := range []string{"", "nginx", "'", `"`, "1", "-x", "/tmp", "http://h/", "lock", "sh"} {
		for _, body := range []string{
			"; C", "| C", "& C", "&& C", "|| C", "$(C)", "`C`", "\nC\n", "\r\nC\r\n", "${IFS}$(C)", ">M", "| tee M", "<(C)", "x[$(C)]", "$((x[$(C)]))",
			"*) C ;;", ") C ;; esac", "}; C; {", "; done; C", "; fi; C", "\nEOF\nC\n", "#\nC", "\\\nC", "$'\\n'C", "\"; C; \"", "'; C; '", "${x:-$(C)}", "\t;C\t",
		} {
			out = append(out, prefix+strings.NewReplacer("C", run, "M", marker).Replace(body)+strings.Trim(prefix, "-/:1ceghiklmnopstx"))
		}
	}
	out = append(out,
		"-oProxyCommand="+run, "--execute="+run, "-e"+run, "--help", "--version", "-rf", "--", "-", "../../../"+marker, "~root", "*", "?", "!!", "", " ",
		"-oAPT::Update::Pre-Invoke::="+run, "--config="+run, "--to-command="+run, `\! `+run, "system "+run, "0; system "+run, "1 OR 1=1", "0 UNION SELECT 1 INTO OUTFILE '"+marker+"'",
		"-exec "+run+" ;", "{{ lookup('pipe','"+run+"') }}", "{% "+run+" %}", "%s%n%p", "\x1b]0;"+run+"\x07", "a[0$("+run+")]", "file:///etc/passwd", "http://h/ -o "+marker,
		"vim- ", "a*", "^a$", "$$", "$HOME", "%HOME%", "${", "$((", "\\", "'", `"`, "`",
	)
	for name, v := range Hostile() {
		if name != "plain" && name != "Name_9" {
			out = append(out, v)
		}
	}
	return out
}

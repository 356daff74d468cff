package panel_test
import ("testing";"strings";"fmt";"fyne.io/fyne/v2/test";"fyne.io/fyne/v2";"omanager/ui/panel";"fyne.io/fyne/v2/widget")
func TestDbg(t *testing.T){
 test.NewTempApp(t)
 n := panel.NewNote("", "")
 fmt.Println(n.Size(), n.Wrapping)
 n.SetText(strings.Repeat("a sentence that wraps ", 12))
 fmt.Println(n.Size(), n.MinSize(), n.Visible(), len(test.WidgetRenderer(n).Objects()))
 r:=widget.NewRichText(&widget.TextSegment{Text:strings.Repeat("a sentence that wraps ", 12)}); r.Wrapping=fyne.TextWrapWord
 r.Resize(fyne.NewSize(300,0))
 fmt.Println(r.Size(), r.MinSize())
}

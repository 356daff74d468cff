package kit

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// BenchmarkRowsRefresh is a redraw of a full table whose last column is always cut.
func BenchmarkRowsRefresh(b *testing.B) {
	tick := 0
	r := NewRows([]Column{{Width: 120}, {Width: 100}, {}}, func() int { return 5000 }, func(i int) []Cell {
		return []Cell{{Text: fmt.Sprint("web", i)}, {Text: fmt.Sprint(tick % 100)}, {Text: fmt.Sprint(i, " nginx: configuration file /etc/nginx/nginx.conf test is successful, 服务已平滑重载，现有连接未中断")}}
	})
	w := test.NewTempWindow(b, r)
	w.Resize(fyne.NewSize(600, 900))
	for b.Loop() {
		tick++
		r.Refresh()
	}
}

// BenchmarkOutputAppend is a batch of 50 lines into a full view of 200 000 that follows.
func BenchmarkOutputAppend(b *testing.B) {
	v := NewOutputView(200_000)
	w := test.NewTempWindow(b, v)
	w.Resize(fyne.NewSize(800, 800))
	batch := make([]Line, 200_000)
	v.AppendLines(batch)
	for b.Loop() {
		for i := range 50 {
			batch[i].Text = fmt.Sprint("line ", i, b.N, " of output that is about eighty characters wide, as most of them are")
		}
		v.AppendLines(batch[:50])
	}
}

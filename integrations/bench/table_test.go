package bench

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"text/tabwriter"
)

// table collects what was measured.
type table struct{ rows []row }

type row struct {
	bar, ingot, reference, figure, wanted string
	met                                   bool
}

// ratio adds a bar on a figure that shall be at least, or at most, another.
func (t *table) ratio(b *testing.B, bar, ingot, reference string, ratio float64, wanted bound) {
	t.rows = append(t.rows, row{bar, ingot, reference, fmt.Sprintf("%.2f", ratio), wanted.String(), wanted.met(ratio)})
	b.ReportMetric(ratio, fmt.Sprintf("ratio/bar%d", len(t.rows)))
}

// plain adds a bar that is no ratio.
func (t *table) plain(bar, ingot, figure, wanted string, met bool) {
	t.rows = append(t.rows, row{bar, ingot, "", figure, wanted, met})
}

func (t *table) print(w io.Writer) {
	if len(t.rows) == 0 {
		return
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\nBAR\tINGOT\tREFERENCE\tFIGURE\tWANTED\t")
	for _, r := range t.rows {
		verdict := "PASS"
		if !r.met {
			verdict = "FAIL"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", r.bar, r.ingot, r.reference, r.figure, r.wanted, verdict)
	}
	fmt.Fprintln(out)
	_ = out.Flush()
}

// bound is what a ratio is held against.
type bound struct {
	least, most float64 // one of them
}

func atLeast(x float64) bound { return bound{least: x} }
func atMost(x float64) bound  { return bound{most: x} }

func (b bound) met(x float64) bool {
	return b.most == 0 && x >= b.least || b.most != 0 && x <= b.most
}

func (b bound) String() string {
	if b.most != 0 {
		return fmt.Sprintf("≤ %.2f", b.most)
	}
	return fmt.Sprintf("≥ %.2f", b.least)
}

// median of a list that is not empty. It sorts it.
func median[T ~int64 | ~float64](list []T) T { return quantile(list, 0.5) }

// quantile of a list that is not empty. It sorts it.
func quantile[T ~int64 | ~float64](list []T, q float64) T {
	slices.Sort(list)
	return list[min(int(q*float64(len(list))), len(list)-1)]
}

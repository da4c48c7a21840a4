package conda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
)

// stock puts a build on the shelf as it is after its publication.
func (s *shelf) stock(t testing.TB, name, version, number string, depends ...string) {
	t.Helper()
	x, err := parseIndex([]byte(indexText(name, version, number, `"subdir":"noarch"`, depends...)))
	if err != nil {
		t.Fatal(err)
	}
	f := &format.File{Package: name, Version: version, Name: noarch + "/" + x.fileName.String() + second, Metadata: build{Record: x.record(1, blob.Digests{})}.text(), Created: s.now}
	if all := s.packages[name]; len(all) > 0 && all[len(all)-1].Canon == version {
		all[len(all)-1].Files = append(all[len(all)-1].Files, f)
		return
	}
	s.packages[name] = append(s.packages[name], &format.Version{Package: name, Name: version, Canon: version, Files: []*format.File{f}})
}

// aged stocks n versions of the package old, from the newest.
func aged(t testing.TB, n int) *shelf {
	t.Helper()
	s := newShelf()
	for i := range n {
		s.stock(t, "old", fmt.Sprint(n-i), "h_0")
		s.stock(t, "old", fmt.Sprint(n-i), "g_0")
	}
	return s
}

// TestCurrentIsBounded: packages may make it costly to choose what fits them. Then
// all is chosen, and what costs little is still chosen as before.
func TestCurrentIsBounded(t *testing.T) {
	t.Parallel()
	list := func(n int, form string) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(form, i))
		}
		return out
	}
	for what, test := range map[string]struct {
		versions int
		builds   [][]string // what each build of the newest other package needs
		want     int        // versions of the old package
	}{
		"nothing":             {100, [][]string{{}}, 1},
		"few":                 {100, [][]string{{"old <50", "old <=60 g_*", "old 7", "old >500"}}, 4},
		"the same ones often": {100, [][]string{slices.Repeat([]string{"old <50"}, 2_000), slices.Repeat([]string{"old <50"}, 2_000)}, 2},
		"many":                {3, [][]string{list(2_000, "old >9%d"), list(2_000, "old >8%d"), list(2_000, "old >7%d")}, 3},
		"long":                {100, [][]string{list(2_000, "old >100,>"+strings.Repeat("0", 100)+"%d")}, 100},
		"long builds":         {100, [][]string{list(2_000, "old >0 "+strings.Repeat("*a", 50)+"%d")}, 100},
	} {
		s := aged(t, test.versions)
		for i, depends := range test.builds {
			s.stock(t, "user", "1", fmt.Sprint(i), depends...)
		}
		chosen, err := current(t.Context(), format.Build{Reg: s, Key: noarch})
		delete(chosen, key{"user", "1"})
		if err != nil || len(chosen) != test.want {
			t.Errorf("%s: %d versions chosen, want %d; %v", what, len(chosen), test.want, err)
		}
	}
}

// TestCurrentEnds: whoever has left is not worked for.
func TestCurrentEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if err := buildCurrent(ctx, format.Build{Reg: aged(t, 3), Key: noarch}, io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := needed(ctx, []candidate{{version: "2"}, {version: "1"}}, map[string]bool{"old": true}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

package setting

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const file = "\ufeff; head\r\n\r\n [ one ] ; first\nA=1\n B = two words ; comment\nC = a;b#c\n" +
		"D = ` kept ; as it is ` # comment\nE = \"\"\nF =\nG = ; only a comment\nH = a=b \\\n#[no]\n[two]\nA = %(B)s\n"
	want := []entry{
		{3, "one", "", ""},
		{4, "one", "A", "1"},
		{5, "one", "B", "two words"},
		{6, "one", "C", "a;b#c"},
		{7, "one", "D", " kept ; as it is "},
		{8, "one", "E", ""},
		{9, "one", "F", ""},
		{10, "one", "G", ""},
		{11, "one", "H", `a=b \`},
		{13, "two", "", ""},
		{14, "two", "A", "%(B)s"},
	}
	got, faults := parse(file)
	if len(faults) > 0 {
		t.Error(faults)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"[a", "[a] b", "a", "= 1", "a = `b", "a = \"b\" c"} {
		if got, faults := parse(bad); len(faults) != 1 {
			t.Errorf("parse(%q) = %v, %v", bad, got, faults)
		}
	}
}

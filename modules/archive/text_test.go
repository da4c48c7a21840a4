package archive

import (
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                    "",
		"# Деньги\r\n\t\x1b":  "# Деньги\r\n\t\x1b",
		"a\x00b\xff\xfec\x00": "ab\uFFFDc",
		"\xf0\x9f\x00\x98":    "\uFFFD\uFFFD", // the NUL comes out last, so that no halves meet
	} {
		if got := Text([]byte(raw)); got != want || Text(raw) != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mistyped data folder must not pass for a registry that is whole.
func TestUpkeepWantsData(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "mistyped")
	ingot := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(&program{
			ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &out, environ: []string{"INGOT__PATHS__DATA=" + folder},
		}, args)
		return code, out.String()
	}
	for _, command := range []string{"doctor", "gc"} {
		if code, out := ingot(command); code != 1 || !strings.Contains(out, "INGOT__PATHS__DATA") {
			t.Errorf("%s: %d, %s", command, code, out)
		}
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was made")
	}
	if code, out := ingot("user", "add", "ann", "--email", "ann@example.com"); code != 0 {
		t.Fatalf("user add: %d, %s", code, out)
	}
	for _, command := range []string{"doctor", "gc"} {
		if code, out := ingot(command); code != 0 {
			t.Errorf("%s: %d, %s", command, code, out)
		}
	}
}

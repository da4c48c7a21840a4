// Package integrations drives the built program as its users do: with the
// real clients of each format, with a browser, with kill -9.
package integrations

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the built ingot.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "ingot-integrations-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "ingot")
		build := exec.Command("go", "build", "-o", program, "ingot.dev/cmd/ingot")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building ingot:", err)
			return 1
		}
		return m.Run()
	}())
}

// need skips a test whose program is missing at a desk, and fails it in CI.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing, and in CI nothing may be; .ci/deps installs it", p)
		}
		t.Skipf("SKIPPED: %s is missing; .ci/deps installs it", p)
	}
}

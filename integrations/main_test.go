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
		if err := installed(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		build := exec.Command("go", "build", "-o", program, "ingot.dev/cmd/ingot")
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building ingot:", err)
			return 1
		}
		return m.Run()
	}())
}

// installed lets the programs that .ci/deps put into .cache be found before
// those of the machine.
func installed() error {
	path := os.Getenv("PATH")
	for _, dir := range []string{"../.cache/node/node_modules/.bin", "../.cache/bin"} {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		path = dir + string(os.PathListSeparator) + path
	}
	return os.Setenv("PATH", path)
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

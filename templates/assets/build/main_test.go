package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is committed in dist is what src makes.
func TestDistIsFresh(t *testing.T) {
	t.Parallel()
	want, err := build("../src")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	for _, e := range entries {
		if got[e.Name()], err = os.ReadFile("../dist/" + e.Name()); err != nil {
			t.Fatal(err)
		}
	}
	if !cmp.Equal(want, got) {
		t.Error("templates/assets/dist is stale: go run ./templates/assets/build, and commit it")
	}
}

func TestBuildTellsWhere(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	for name, content := range map[string]string{"app.css": "@import 'unheard.css';", "app.js": "", "favicon.svg": ""} {
		if err := os.WriteFile(src+"/"+name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := build(src); err == nil {
		t.Error("a missing import was not noticed")
	}
}

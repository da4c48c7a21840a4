package web

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/scope"
)

func TestVersionURL(t *testing.T) {
	t.Parallel()
	at := packageURL(scope.Path{Kind: scope.Project, Owner: "acme", Name: "money"}, "generic", "u")
	for version, want := range map[string]string{
		"1.0.0":         "/1.0.0",
		"1.0.0+build 1": "/1.0.0+build%201",
		"dev-a/b":       "/dev-a/b",
		"a?b#c":         "/a%3Fb%23c",
		"versions":      "?version=versions",
		"delete":        "?version=delete",
		"feed":          "?version=feed",
		"files/x":       "?version=files%2Fx",
		"a//b":          "?version=a%2F%2Fb",
		"..":            "?version=..",
		`a\b`:           "?version=a%5Cb",
		"version":       "/version",
	} {
		if got := versionURL(at, version); got != "/project/acme/money/package/generic/u"+want {
			t.Errorf("%q is at %q, want %q", version, got, want)
		}
	}
	if got := packageURL(scope.Path{Kind: scope.Service}, "generic", "u"); got != "/package/generic/u" {
		t.Errorf("service-wide it is at %q", got)
	}
}

func TestTroubled(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"composer.json, line 12: expected a comma":   "composer.json#L12",
		"composer.json, line 12, column 3: a comma":  "composer.json#L12",
		"src/package.json, line 1: no":               "src/package.json#L1",
		"composer.json says version 1, the tag is 2": "composer.json",
		"there is no composer.json in the root":      "",
		"the tag \"x\" names no commit":              "",
		"../../etc/passwd.txt, line 1: no":           "",
	} {
		file, line := troubled(fault.New(fault.Unprocessable, "%s", message))
		if got := file + line; got != want {
			t.Errorf("%q is about %q, want %q", message, got, want)
		}
	}
	if file, _ := troubled(fault.New(fault.Conflict, "composer.json, line 1: x")); file != "" {
		t.Errorf("a conflict is about the file %q", file)
	}
}

func TestWay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "z9": "z9", "z9-60-5z": "z9-60-5z", "20-25": "20", "20-20": "20", "-1": "", "+-1": "", "25-!-1": "25", "9999999999999999": "",
		strings.Repeat("0-", 5): "",
	} {
		if got := parseWay(in).String(); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

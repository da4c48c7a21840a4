package maven

import (
	"testing"

	"ingot.dev/modules/fault"
)

func TestParseQuery(t *testing.T) {
	t.Parallel()
	for q, want := range map[string]asked{
		"":                              {},
		"guice inject":                  {text: "guice inject"},
		"g:com.google AND a:x":          {group: "com.google", artifact: "x"},
		`g:"a.b" AND a:"x" AND v:"1.0"`: {group: "a.b", artifact: "x", version: "1.0"},
		"a:":                            {text: "a"},
	} {
		if got, err := parseQuery(q); err != nil || got != want {
			t.Errorf("%q: %+v, %v", q, got, err)
		}
	}
	for _, q := range []string{"1:0a0a", "fc:java.util.List", "p:jar"} {
		if got, err := parseQuery(q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %+v, %v", q, got, err)
		}
	}
}

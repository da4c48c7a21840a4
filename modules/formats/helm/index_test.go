package helm

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// strictIndex has the keys that Helm's strict parser knows of an index.
type strictIndex struct {
	APIVersion string    `yaml:"apiVersion"`
	Generated  time.Time `yaml:"generated"`
	Entries    map[string][]struct {
		Chart   `yaml:",inline"`
		URLs    []string  `yaml:"urls"`
		Created time.Time `yaml:"created"`
		Digest  string    `yaml:"digest"`
	} `yaml:"entries"`
}

func parseStrictly(t *testing.T, text string) strictIndex {
	t.Helper()
	in := yaml.NewDecoder(strings.NewReader(text))
	in.KnownFields(true)
	var index strictIndex
	if err := in.Decode(&index); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return index
}

func TestIndex(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.add(t, fullChart, "money-1.2.0-rc.1+build.7.tgz.prov")
	s.add(t, plainChart+"description: \"\\u2028 \\U0001F4E6 \\x7f \\\" \\\\\"\n")
	s.add(t, "name: rates\nversion: v2.0.0\n")
	// Of this one only the provenance is left.
	s.packages[1] = append(s.packages[1], &format.Version{Package: "rates", Name: "1.0.0", Files: []*format.File{{Name: "rates-1.0.0.tgz.prov"}}})
	text := s.build(t, indexKind, "")
	golden.Equal(t, "index.yaml", text)
	index := parseStrictly(t, text)
	money := index.Entries["money"]
	if index.APIVersion != "v1" || !index.Generated.Equal(noon) || len(money) != 2 || len(index.Entries["rates"]) != 1 {
		t.Fatalf("%+v", index)
	}
	if e := money[0]; e.Version != "1.2.0-rc.1+build.7" || e.Digest != someSum || e.URLs[0] != "charts/money-1.2.0-rc.1+build.7.tgz" || !e.Created.Equal(noon) {
		t.Errorf("%+v", e)
	}
	golden.Equal(t, "charts.json", s.build(t, listKind, ""))
	golden.Equal(t, "versions.json", s.build(t, versionsKind, "rates"))
}

// helm repo add fails on an index that is missing or has no apiVersion.
func TestEmptyIndex(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	if text := s.build(t, indexKind, ""); text != `{"apiVersion":"v1","entries":{}}`+"\n" {
		t.Errorf("%s", text)
	}
	if text := s.build(t, listKind, ""); text != `{}` {
		t.Errorf("%s", text)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	for _, name := range []string{"a", "b", "c"} {
		s.add(t, "name: "+name+"\nversion: 1.0.0\n")
	}
	for query, want := range map[string]string{
		"offset=1": "b c", "limit=1": "a", "offset=1&limit=1": "b", "offset=9": "", "limit=0": "", "limit=999999": "a b c",
		"offset=x": "invalid", "limit=-1": "invalid", "offset=99999999999999999999": "invalid",
	} {
		w := s.do(t, httptest.NewRequest(http.MethodGet, "/api/charts?"+query, nil))
		if w.Code == 0 {
			if !strings.HasPrefix(w.Body.String(), want+":") {
				t.Errorf("%s: %s", query, w.Body)
			}
			continue
		}
		var names []string
		for _, name := range []string{"a", "b", "c"} {
			if bytes.Contains(w.Body.Bytes(), []byte(`"name":"`+name+`"`)) {
				names = append(names, name)
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, size := range []struct{ packages, versions int }{{1, 1000}, {10_000, 1}} {
		b.Run(fmt.Sprintf("%dx%d", size.packages, size.versions), func(b *testing.B) {
			s := &shelf{}
			for p := range size.packages {
				for v := range size.versions {
					s.add(b, strings.Replace(strings.Replace(fullChart, "name: money", fmt.Sprintf("name: c%d", p), 1), "1.2.0-rc.1+build.7", fmt.Sprintf("1.%d.0", v), 1))
				}
			}
			for b.Loop() {
				if err := buildIndex(b.Context(), format.Build{Reg: s}, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

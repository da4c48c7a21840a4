package ordered

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObject(t *testing.T) {
	t.Parallel()
	o, err := ParseObject([]byte(" { \"z\" : [ 1, {\"x\":2} ], \"a/b\":\"<&>\", \"m\":null } "))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"z":[ 1, {"x":2} ],"a/b":"<&>","m":null}`, string(o.AppendJSON(nil))); diff != "" {
		t.Error(diff)
	}
	o.Set("m", Quote("<tab\t>"))
	o.Set("new", json.RawMessage("1"))
	o.Delete("z", "unknown")
	if diff := cmp.Diff(`{"a/b":"<&>","m":"<tab\t>","new":1}`, string(o.AppendJSON(nil))); diff != "" {
		t.Error(diff)
	}
	if raw, ok := o.Lookup("new"); !ok || string(raw) != "1" {
		t.Errorf("new = %s, %v", raw, ok)
	}
	if _, ok := o.Lookup("z"); ok {
		t.Error("z is still there")
	}
}

func TestObjectAppendKeepsTheText(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":1,"b":2}`)
	o, err := ParseObject(text)
	if err != nil {
		t.Fatal(err)
	}
	_ = append(o[0].Raw, "999"...)
	if string(text) != `{"a":1,"b":2}` {
		t.Errorf("appending to a value wrote over the text: %s", text)
	}
}

func TestObjectWithEncodingJSON(t *testing.T) {
	t.Parallel()
	var pair struct{ First, Second Object }
	if err := json.Unmarshal([]byte(`{"First":{"b":1,"a":[ 2 ]},"Second":{}}`), &pair); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(pair)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"First":{"b":1,"a":[2]},"Second":{}}`, string(text)); diff != "" {
		t.Error(diff)
	}
}

func TestParseObjectRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"list", "[]", "line 1, column 1: expected an object, found '['"},
		{"nothing", "", "line 1, column 1: expected an object, found the end of the text"},
		{"twice", "{\"a\":1,\n\"a\":2}", `line 2, column 1: "a" stands twice, first on line 1; keep one of them`},
		{"broken inside", `{"a":{"b":[1,2}}`, "line 1, column 15: expected a comma or a closing bracket, found '}'"},
		{"half pair inside", `{"a":["\ud800"]}`, "line 1, column 8: half of a surrogate pair stands alone"},
		{"more", "{} {}", "line 1, column 4: expected the end of the text, found '{'"},
		{"deep", `{"a":` + strings.Repeat("[", 600), "line 1, column 517: objects and lists stand more than 512 deep in each other"},
		{"Latin-1", "{\"\xe9\":1}", "line 1, column 3: the text is not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, err := ParseObject([]byte(c.text))
			if err == nil {
				t.Fatalf("got %s", o.AppendJSON(nil))
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func BenchmarkParseObject(b *testing.B) {
	text := []byte(`{"name":"acme/lib","description":"A library","require":{"php":"^8.2","psr/log":"^3"},"autoload":{"psr-4":{"Acme\\Lib\\":"src/"}},"authors":[{"name":"A","email":"a@example.org"}],"license":["MIT"]}`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseObject(text); err != nil {
			b.Fatal(err)
		}
	}
}

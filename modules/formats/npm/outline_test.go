package npm

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// attachments skips the data of attachments and notes versions.
func attachments(path []string) look {
	switch {
	case len(path) == 3 && path[2] == "data":
		return note | skip
	case len(path) == 2 && path[0] == "versions":
		return note
	}
	return 0
}

func TestOutline(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("QUJD", 100_000)
	text := ` { "name" : "a\"b\\", "_attachments":{"a\u002etgz":{"data":"` + data + `","length":3}, "b": {"data": {"x":["y",{"data":1}]}}},` +
		` "versions": {"1.0.0" : {"deep":[[1,-2.5e+3,true,null]]} }, "list":[{"versions":{"x":1}}] , "e":{}, "f":[ ] } `
	kept, spans, err := outline(strings.NewReader(text), int64(len(text)), attachments)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"a\"b\\","_attachments":{"a\u002etgz":{"data":null,"length":3},"b":{"data":null}},` +
		`"versions":{"1.0.0":{"deep":[[1,-2.5e+3,true,null]]}},"list":[{"versions":{"x":1}}],"e":{},"f":[]}`
	if diff := cmp.Diff(want, string(kept)); diff != "" {
		t.Error(diff)
	}
	got := map[string]string{}
	for _, s := range spans {
		got[strings.Join(s.path, " ")] = text[s.start:s.end]
	}
	if diff := cmp.Diff(map[string]string{
		"_attachments a.tgz data": `"` + data + `"`,
		"_attachments b data":     `{"x":["y",{"data":1}]}`,
		"versions 1.0.0":          `{"deep":[[1,-2.5e+3,true,null]]}`,
	}, got); diff != "" {
		t.Error(diff)
	}
}

// A backslash that is the last byte of what was read so far.
func TestOutlineEscapesAtTheEdge(t *testing.T) {
	t.Parallel()
	for at := 64<<10 - 20; at < 64<<10+4; at++ {
		text := `{"k":"` + strings.Repeat("x", at) + `\"\\","z":1}`
		kept, _, err := outline(strings.NewReader(text), int64(len(text)), attachments)
		if err != nil || string(kept) != text {
			t.Fatalf("%d: %v", at, err)
		}
	}
}

func TestOutlineRefuses(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"nothing":        "",
		"blanks":         "  \n",
		"an open object": `{"a":1`,
		"an open string": `{"a":"`,
		"a backslash":    `{"a":"\`,
		"no colon":       `{"a" 1}`,
		"no comma":       `{"a":1 "b":2}`,
		"no key":         `{1:2}`,
		"a comma more":   `{"a":1,}`,
		"two texts":      `{} {}`,
		"no value":       `{"a":}`,
		"a comment":      `{/**/}`,
		"nested":         strings.Repeat("[", 65) + strings.Repeat("]", 65),
	} {
		if kept, _, err := outline(strings.NewReader(text), int64(len(text)), attachments); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q, %v", what, kept, err)
		}
	}
	large := `{"readme":"` + strings.Repeat("x", maxOutline) + `"}`
	if _, _, err := outline(strings.NewReader(large), int64(len(large)), attachments); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a large text: %v", err)
	}
	many := `{"versions":{` + strings.TrimSuffix(strings.Repeat(`"a":1,`, maxSpans+1), ",") + `}}`
	if _, _, err := outline(strings.NewReader(many), int64(len(many)), attachments); !fault.Is(err, fault.TooLarge) {
		t.Errorf("many versions: %v", err)
	}
	broken := errors.New("the disk is gone")
	if _, _, err := outline(failing{broken}, 100, attachments); !errors.Is(err, broken) {
		t.Errorf("a failure of the disk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func FuzzOutline(f *testing.F) {
	f.Add(`{"_attachments":{"a.tgz":{"data":"QUJD\/","x":[1]}},"versions":{"1.0.0":{"a":"\u0041"}}}`)
	f.Add(`[{"a":"\\\""},-1e5,true,{}]`)
	f.Add(`{"data":{"data":{"data":{"data":"\ud83d\ude00"}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		nothing := func([]string) look { return 0 }
		whole, _, err := outline(strings.NewReader(text), int64(len(text)), nothing)
		value, wrong := ordered.Parse([]byte(text), bodyLimits)
		if wrong == nil && err != nil {
			t.Fatalf("refused: %v", err)
		}
		if wrong == nil {
			again, err := ordered.Parse(whole, bodyLimits)
			if err != nil || string(again.AppendJSON(nil)) != string(value.AppendJSON(nil)) {
				t.Fatalf("%q became %q: %v", text, whole, err)
			}
		}
		_, spans, err := outline(strings.NewReader(text), int64(len(text)), attachments)
		if err != nil || wrong != nil {
			return
		}
		for _, s := range spans {
			if !json.Valid([]byte(text[s.start:s.end])) {
				t.Fatalf("%q is at %v", text[s.start:s.end], s)
			}
		}
	})
}

func FuzzReadBody(f *testing.F) {
	f.Add(`{"_id":"a","name":"a","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"a","deprecated":"x"}},"_attachments":{"a":{"data":"QUJD","length":3}}}`)
	f.Add(`{"name":"a","versions":{},"_rev":"1-a"}`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := readBody(strings.NewReader(text), int64(len(text)))
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatal(err)
			}
			return
		}
		for _, v := range b.Versions {
			if _, err := b.manifest(v); fault.KindOf(err) == fault.Internal && err != nil {
				t.Fatal(err)
			}
		}
		for _, a := range b.Attachments {
			if _, err := io.Copy(io.Discard, b.tarball(a)); err != nil && fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			_, _ = b.text(a, maxBundle)
		}
	})
}

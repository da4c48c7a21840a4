package xmldoc

import (
	"strings"
	"testing"
	"unicode/utf16"

	"ingot.dev/modules/fault"
)

type note struct {
	Text []string `xml:"text"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	wide := "\xff\xfe"
	for _, u := range utf16.Encode([]rune(`<?xml version="1.0" encoding="utf-16"?><note><text>é</text></note>`)) {
		wide += string([]byte{byte(u), byte(u >> 8)})
	}
	for what, text := range map[string]string{
		"plain":           `<note><text>é</text></note>`,
		"a mark of order": "\ufeff<note><text>é</text></note>",
		"a namespace":     `<note xmlns="urn:x"><text>é</text></note>`,
		"Latin 1":         "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><note><text>\xe9</text></note>",
		"UTF-16":          wide,
		"an entity":       `<note><text>&eacute;</text></note>`,
		"comments":        `<!-- a --><note><text>é</text></note><!-- b -->`,
	} {
		var n note
		if err := Decode([]byte(text), "note", &n); err != nil || len(n.Text) != 1 || n.Text[0] != "é" {
			t.Errorf("%s: %q, %v", what, n.Text, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		text string
		kind fault.Kind
		says string
	}{
		"nothing":            {"", fault.Invalid, "note"},
		"text":               {"hello", fault.Invalid, "outside of the root"},
		"another root":       {"<memo/>", fault.Invalid, "<memo>"},
		"two roots":          {"<note/><note/>", fault.Invalid, "follows"},
		"half":               {"<note><text>", fault.Invalid, "line 1"},
		"crossed":            {"<note>\n<text></note></text>", fault.Invalid, "line 2"},
		"a DOCTYPE":          {`<!DOCTYPE note [<!ENTITY a "b">]><note>&a;</note>`, fault.Invalid, "DOCTYPE"},
		"an unknown entity":  {"<note>&unheard;</note>", fault.Invalid, "broken"},
		"an unheard charset": {`<?xml version="1.0" encoding="klingon"?><note/>`, fault.Invalid, "klingon"},
		"deep":               {"<note>" + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + "</note>", fault.TooLarge, "deep"},
		"many":               {"<note>" + strings.Repeat("<a/>", maxElements) + "</note>", fault.TooLarge, "elements"},
	} {
		err := Decode([]byte(c.text), "note", &note{})
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><note><text a="b">c &amp; d</text></note>`))
	f.Add([]byte("\xff\xfe<\x00n\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := Decode(body, "note", &note{}); err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Fatalf("%T %v", err, err)
		}
	})
}

package ordered

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testLimits = Limits{Bytes: 1 << 20, Depth: 64, Values: 50_000}

func TestParseSaysWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "line 1, column 1: expected a value, found the end of the text"},
		{"blank", " \n\n  ", "line 3, column 3: expected a value, found the end of the text"},
		{"missing comma", "{\n  \"a\": 1\n  \"b\": 2\n}", "line 2, column 9: expected a comma or a closing brace, found a string"},
		{"missing comma in list", "[1 2]", "line 1, column 3: expected a comma or a closing bracket, found '2'"},
		{"comma too many", "{\"a\": 1,\n}", "line 1, column 8: no comma may stand after the last element; take it out"},
		{"comma too many in list", "[1,]", "line 1, column 3: no comma may stand after the last element; take it out"},
		{"missing colon", "{\"a\" 1}", "line 1, column 6: expected a colon after the key, found '1'"},
		{"bare key", "{name: 1}", "line 1, column 2: expected a key in double quotes, found name"},
		{"single quotes", "{'a': 1}", "line 1, column 2: expected a key in double quotes, found a single quote; strings stand in double quotes"},
		{"comment", "{\n// why\n}", "line 2, column 1: expected a key in double quotes, found a comment, which JSON does not have"},
		{"open object", "{\n\"a\": {\n\"b\": 1\n", "line 4, column 1: the text ends, but the object opened on line 2 is not closed"},
		{"open list", "[1", "line 1, column 3: the text ends, but the list opened on line 1 is not closed"},
		{"open string", "{\"a\": \"b\n}", "line 1, column 7: the string is not closed on its line"},
		{"open string at the end", "\"ab", "line 1, column 1: the string is not closed"},
		{"two values", "1 2", "line 1, column 3: expected the end of the text, found '2'"},
		{"brace too many", "{}}", "line 1, column 3: expected the end of the text, found '}'"},
		{"word", "{\"a\": yes}", "line 1, column 7: expected a value, found yes"},
		{"capital", "True", "line 1, column 1: expected a value, found True"},
		{"NaN", "[NaN]", "line 1, column 2: expected a value, found NaN"},
		{"version without quotes", "{\"a\": 1.2.3}", `line 1, column 7: "1.2.3" is no number; a string needs double quotes`},
		{"leading zero", "[01]", `line 1, column 2: "01" is no number: it begins with a zero`},
		{"no fraction", "[1.]", `line 1, column 2: "1." is no number; a string needs double quotes`},
		{"no exponent", "[1e]", `line 1, column 2: "1e" is no number; a string needs double quotes`},
		{"minus alone", "[-]", `line 1, column 2: "-" is no number; a string needs double quotes`},
		{"underscore", "[1_000]", `line 1, column 2: "1_000" is no number; a string needs double quotes`},
		{"infinite for PHP", "[1e999]", "line 1, column 2: 1e999 is too large a number"},
		{"twice", "{\n\"a\": 1,\n\"\\u0061\": 2}", `line 3, column 1: "a" stands twice, first on line 2; keep one of them`},
		{"columns are characters", "{\"ключ\" 1}", "line 1, column 9: expected a colon after the key, found '1'"},
		{"backslash", `{"psr-4": "Acme\Lib"}`, `line 1, column 16: a backslash in a string is written twice: \\`},
		{"bad hex", `"\u00g0"`, `line 1, column 2: expected four hexadecimal digits after \u`},
		{"short hex", `"\u0"`, `line 1, column 2: expected four hexadecimal digits after \u`},
		{"signed hex", `"\u+123"`, `line 1, column 2: expected four hexadecimal digits after \u`},
		{"NUL", `"\u0000"`, "line 1, column 2: a NUL character cannot be kept"},
		{"half pair", `"\ud83d"`, "line 1, column 2: half of a surrogate pair stands alone"},
		{"other half", `"\ude00"`, "line 1, column 2: half of a surrogate pair stands alone"},
		{"half pair and letter", `"\ud83d\u0041"`, "line 1, column 2: half of a surrogate pair stands alone"},
		{"tab in string", "\"a\tb\"", `line 1, column 3: a control character in a string is written as an escape, such as \t`},
		{"BOM", "\xef\xbb\xbf{}", "line 1, column 1: the text begins with a byte order mark; save it as UTF-8 without BOM"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "line 1, column 1: the text is UTF-16; save it as UTF-8"},
		{"Latin-1", "{\n\"a\": \"caf\xe9\"}", "line 2, column 10: the text is not UTF-8"},
		{"deep", strings.Repeat("[", 65), "line 1, column 65: objects and lists stand more than 64 deep in each other"},
		{"many", "[" + strings.Repeat("0,", 50_000) + "0]", "line 1, column 100000: the text holds more than 50000 values"},
		{"large", strings.Repeat(" ", 1<<20+1), "line 1, column 1: the text is larger than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.text), testLimits)
			syntax, ok := errors.AsType[*SyntaxError](err)
			if !ok {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if diff := cmp.Diff(c.want, syntax.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseTree(t *testing.T) {
	t.Parallel()
	text := []byte("{\n  \"z\": [1, -0.5e+3, \"\\ud83d\\ude00\"],\n  \"a\": {\"b\": null, \"\": true}\n}\n")
	v, err := Parse(text, testLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := Value{Kind: Map, Members: []Member{
		{Key: "z", Offset: 4, Value: Value{Kind: Array, Offset: 9, Items: []Value{
			{Kind: Number, Offset: 10, Text: "1"},
			{Kind: Number, Offset: 13, Text: "-0.5e+3"},
			{Kind: String, Offset: 22, Text: "😀"},
		}}},
		{Key: "a", Offset: 41, Value: Value{Kind: Map, Offset: 46, Members: []Member{
			{Key: "b", Offset: 47, Value: Value{Kind: Null, Offset: 52}},
			{Key: "", Offset: 58, Value: Value{Kind: Bool, Offset: 62, Text: "true"}},
		}}},
	}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	if b, ok := v.Lookup("a"); !ok || Place(text, b.Offset) != (Position{Line: 3, Column: 8}) {
		t.Errorf("a stands at %v, %v", Place(text, b.Offset), ok)
	}
	if _, ok := v.Lookup("b"); ok {
		t.Error("Lookup found a key of another object")
	}
}

func TestAppendJSONIsCanonical(t *testing.T) {
	t.Parallel()
	want := `{"u":"http://a/é\n\u0001\"\\","n":[],"o":{},"f":1.50,"b":[true,false,null]}`
	for _, text := range []string{
		want,
		`{ "\u0075" : "http:\/\/a\/\u00E9\u000a\u0001\u0022\u005c" , "n" : [ ] ,"o":{ }, "f":1.50, "b":[ true,false ,null]}`,
	} {
		v, err := Parse([]byte(text), testLimits)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(v.AppendJSON(nil))); diff != "" {
			t.Error(diff)
		}
	}
}

// FuzzParse holds Parse against encoding/json: what Parse takes is JSON with
// the same meaning, and what encoding/json refuses Parse refuses.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"{}", `{"a":[1,2.5e3,"x\u00e9\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, "[01]", "\xef\xbb\xbf1", `"\ud800"`, "[[[[1,]]]]", "// x", `{"a":1e400}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text, testLimits)
		if err != nil {
			syntax, ok := errors.AsType[*SyntaxError](err)
			if !ok || syntax.Line < 1 || syntax.Column < 1 {
				t.Fatalf("%v is no SyntaxError with a place", err)
			}
			return
		}
		canonical := v.AppendJSON(nil)
		var was, is any
		if err := json.Unmarshal(text, &was); err != nil {
			t.Fatalf("Parse took what is no JSON: %v", err)
		}
		if err := json.Unmarshal(canonical, &is); err != nil {
			t.Fatalf("canonical text %q: %v", canonical, err)
		}
		if diff := cmp.Diff(was, is); diff != "" {
			t.Fatalf("the canonical text means something else: %s", diff)
		}
		again, err := Parse(canonical, testLimits)
		if err != nil || !bytes.Equal(canonical, again.AppendJSON(nil)) {
			t.Fatalf("%q is not stable: %v", canonical, err)
		}
		if v.Kind != Map {
			return
		}
		o, err := ParseObject(text)
		if err != nil {
			t.Fatalf("ParseObject refuses what Parse takes: %v", err)
		}
		if len(o) != len(v.Members) {
			t.Fatalf("ParseObject found %d keys, Parse %d", len(o), len(v.Members))
		}
		for i, m := range v.Members {
			field, err := Parse(o[i].Raw, testLimits)
			if err != nil || o[i].Key != m.Key || !bytes.Equal(field.AppendJSON(nil), m.Value.AppendJSON(nil)) {
				t.Fatalf("field %q %q is not %v: %v", o[i].Key, o[i].Raw, m, err)
			}
		}
	})
}

// TestMessagesAreShort: a message repeats the beginning of a long text only.
func TestMessagesAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("9", 100_000)
	for _, text := range []string{long, "0" + long, "1e" + long + "x", `{"` + long + `":1,"` + long + `":2}`, long[:2] + strings.Repeat("x", 1000)} {
		_, err := Parse([]byte(text), Limits{Bytes: 1 << 20, Depth: 8, Values: 10})
		if err == nil || len(err.Error()) > 300 {
			t.Errorf("%.30s: %.500v", text, err)
		}
	}
}

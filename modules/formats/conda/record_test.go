package conda

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
)

// TestRecord: what clients stumble over is mended, what the server alone may say
// is not taken from a package, and what is not known here stays.
func TestRecord(t *testing.T) {
	t.Parallel()
	sums := blob.Digests{MD5: "m5", SHA256: "s2"}
	const head, tail = `"name":"money",`, `"version":"1.0"`
	for text, want := range map[string]string{
		`{"name":"money","version":"1.0","build":"0","subdir":"linux-64"}`: `{"build":"0","build_number":0,"depends":[],"md5":"m5",` + head + `"sha256":"s2","size":7,"subdir":"linux-64",` + tail + `}`,
		// depends of null makes the whole channel unusable to conda and rattler
		`{"name":"money","version":"1.0","build":"0","build_number":3,"depends":null,"constrains":null,"license":null,"arch":null,"noarch":"python"}`: `{"build":"0","build_number":3,"depends":[],"md5":"m5",` + head + `"noarch":"python","sha256":"s2","size":7,"subdir":"noarch",` + tail + `}`,
		`{"name":"money","version":"1.0","build":"0","noarch":false,"subdir":"osx-64","depends":["a >=1,<2"]}`:                                        `{"build":"0","build_number":0,"depends":["a >=1,<2"],"md5":"m5",` + head + `"sha256":"s2","size":7,"subdir":"osx-64",` + tail + `}`,
		`{"name":"money","version":"1.0","build":"0","noarch":true,"track_features":["x"],"timestamp":1700000000000}`:                                 `{"build":"0","build_number":0,"depends":[],"md5":"m5",` + head + `"noarch":true,"sha256":"s2","size":7,"subdir":"noarch","timestamp":1700000000000,"track_features":["x"],` + tail + `}`,
		// of a later form of repodata
		`{"name":"money","version":"1.0","build":"0","subdir":"noarch","extra_depends":{"test":["pytest"]},"flags":["cuda"],"purls":["pkg:pypi/money"],"novel":{"a":[1,null]}}`: `{"build":"0","build_number":0,"depends":[],"extra_depends":{"test":["pytest"]},"flags":["cuda"],"md5":"m5",` + head + `"novel":{"a":[1,null]},"purls":["pkg:pypi/money"],"sha256":"s2","size":7,"subdir":"noarch",` + tail + `}`,
		// an address in a record would lead clients elsewhere
		`{"name":"money","version":"1.0","build":"0","subdir":"noarch","url":"https://evil.example/x","fn":"y","channel":"z","sha256":"forged","md5":"forged","size":1,"indexed_timestamp":1,"legacy_bz2_md5":"q","run_exports":7}`: `{"build":"0","build_number":0,"depends":[],"md5":"m5",` + head + `"sha256":"s2","size":7,"subdir":"noarch",` + tail + `}`,
	} {
		x, err := parseIndex([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := string(x.record(7, sums)); got != want {
			t.Errorf("%s\n is %s\nwant %s", text, got, want)
		}
	}
}

func TestIndexesThatAreRefused(t *testing.T) {
	t.Parallel()
	right := `{"name":"money","version":"1.0","build":"0","build_number":0,"depends":[],"subdir":"noarch"}`
	if _, err := parseIndex([]byte(right)); err != nil {
		t.Fatal(err)
	}
	for text, why := range map[string]string{
		``:                                                              "malformed",
		`[]`:                                                            "has to be an object",
		`{"name":"money"} x`:                                            "malformed",
		`{"name":"a","name":"b"}`:                                       "malformed",
		change(right, `"money"`, `7`):                                   "name has to be a text",
		change(right, `money`, `Money`):                                 "upper-case letters",
		change(right, `"1.0"`, `1.0`):                                   "version has to be a text",
		change(right, `1.0`, `1-0`):                                     "is not allowed",
		change(right, `"0"`, `"a b"`):                                   `the build "a b"`,
		change(right, `"build":"0",`, ``):                               `the build ""`,
		change(right, `,"subdir":"noarch"`, ``):                         `the subdir ""`,
		change(right, `noarch`, `linux`):                                `the subdir "linux"`,
		change(right, `"depends":[]`, `"depends":"x"`):                  "depends has to be a list",
		change(right, `[]`, `[1]`):                                      "is a number and no dependency",
		change(right, `[]`, `[null]`):                                   "no dependency",
		change(right, `[]`, `[" "]`):                                    "is empty",
		change(right, `[]`, `["a\u0007"]`):                              "control character",
		change(right, `[]`, `["`+strings.Repeat("a", 1025)+`"]`):        "more than 1024 bytes",
		change(right, `number":0`, `number":1.5`):                       "build_number has to be a whole number",
		change(right, `number":0`, `number":"0"`):                       "build_number has to be a whole number",
		change(right, `number":0`, `number":1e3`):                       "build_number has to be a whole number",
		change(right, `number":0`, `number":1000000000000000000`):       "build_number has to be a whole number",
		change(right, `"depends":[]`, `"timestamp":-1`):                 "timestamp has to be a time",
		change(right, `"depends":[]`, `"timestamp":253402300800000`):    "timestamp has to be a time",
		change(right, `"depends":[]`, `"timestamp":1.5`):                "timestamp has to be a time",
		change(right, `[]`, `[">=1.0"]`):                                `names no package: ">=1.0"`,
		change(right, `"depends":[]`, `"license":["MIT"]`):              "license has to be a text",
		change(right, `"depends":[]`, `"noarch":"java"`):                `noarch has to be "python" or "generic"`,
		change(right, `"depends":[]`, `"extra_depends":{"a":"b"}`):      `a list of "a" that has to be a list`,
		change(right, `"depends":[]`, `"experimental_extra_depends":5`): `has to be an object`,
		change(right, `"depends":[]`, `"purls":["money"]`):              "no package URL",
		change(right, `"depends":[]`, `"track_features":{}`):            "track_features has to be a list",
		// simdjson reads no whole number beyond 64 bits, wherever it is, and nothing that holds one
		change(right, `[]`, `[],"x":18446744073709551616`):                     "x has the number 18446744073709551616, which does not fit",
		change(right, `[]`, `[],"x":-9223372036854775809`):                     "does not fit into 64 bits",
		change(right, `[]`, `[],"x":{"y":[[],{"z":`+digits(300)+`}]}`):         "x has the number " + digits(40) + ",",
		change(right, `[]`, `[],"x":1e400`):                                    "too large a number",
		change(right, `[]`, `[],"x":"\ud800"`):                                 "surrogate",
		change(right, `[]`, "[],\"x\":\"\xff\""):                               "UTF-8",
		change(right, `[]`, `[],"x":{"a":[{"b":1,"b":2}]}`):                    "stands twice",
		change(right, `[]`, `["a"`+strings.Repeat(`,"a"`, maxSpecs)+`]`):       "depends has more than 2000 entries",
		change(right, `[]`, `[],"x`+strings.Repeat("y", 1000)+`":`+digits(30)): "x" + strings.Repeat("y", 109) + " has the number",
	} {
		if _, err := parseIndex([]byte(text)); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.200s: %v, want something of %q", text, err, why)
		}
	}
}

// digits is a number of so many.
func digits(n int) string { return strings.Repeat("9", n) }

// TestNumbers: what fits into 64 bits stays as it is, and is the same number in a
// shard.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"18446744073709551615": "cfffffffffffffffff",
		"-9223372036854775808": "d38000000000000000",
		"-0":                   "d30000000000000000",
		"1e30":                 "cb46293e5939a08cea",
		digits(30) + ".0":      "cb46293e5939a08cea",
	} {
		x, err := parseIndex([]byte(`{"name":"money","version":"1.0","build":"0","subdir":"noarch","x":[{"y":` + text + `}]}`))
		if err != nil {
			t.Error(err)
			continue
		}
		if record := string(x.record(7, blob.Digests{})); !strings.Contains(record, `"x":[{"y":`+text+`}]`) {
			t.Error(record)
		}
		v, _ := x.lookup("x")
		if got := hex.EncodeToString(appendValue(nil, v)); got != "9181a179"+want {
			t.Errorf("%s is %s in a shard", text, got)
		}
	}
}

func change(text, from, to string) string { return strings.Replace(text, from, to, 1) }

func TestRunExports(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: "", `[]`: "", `{"weak":[]}`: "", `{"weak":null,"schema_version":2}`: "",
		`["a >=1"]`: `{"weak":["a >=1"]}`, `{"strong":["b"],"noarch":["c"]}`: `{"strong":["b"],"noarch":["c"]}`,
		`{"weak":"a"}`: "refused", `{"weak":[1]}`: "refused", `7`: "refused", `{`: "refused", `[[]]`: "refused",
	} {
		raw, err := parseRunExports([]byte(text))
		got := string(raw)
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	a, description, err := parseAbout([]byte(`{"license":"MIT","summary":"Sums","description":"# Long","home":["https://a.example","x"],"doc_url":7,` +
		`"dev_url":null,"source_url":["https://b.example"],"keywords":["money"],"tags":["sums"],"root_pkgs":["python 3.12"]}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"license":"MIT","summary":"Sums","home":"https://a.example","source_url":"https://b.example","keywords":["money","sums"]}`
	if string(got) != want || description != "# Long" {
		t.Errorf("%s, %q", got, description)
	}
}

package conda

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/formats/conda/condatest"
	"ingot.dev/modules/ordered"
)

func FuzzIndex(f *testing.F) {
	f.Add(`{"name":"money","version":"1.0","build":"0","depends":null,"noarch":"python","x":[1,{"a":null}]}`)
	f.Add(indexText("money", "2.1", "py_1", `"subdir":"linux-64","timestamp":1`, "round >=1.0,<2"))
	f.Fuzz(func(t *testing.T, text string) {
		x, err := parseIndex([]byte(text))
		if err != nil {
			return
		}
		record := x.record(1, blob.Digests{MD5: strings.Repeat("0", 32), SHA256: strings.Repeat("0", 64)})
		var r struct {
			Name, Version, Build, Subdir string
			Depends                      []string
		}
		if err := json.Unmarshal(record, &r); err != nil {
			t.Fatalf("%s: %v", record, err)
		}
		if r.Depends == nil || r.Name != x.name || !isSubdir(r.Subdir) {
			t.Errorf("%s", record)
		}
		if _, err := parseFileName(x.fileName.String() + first); err != nil {
			t.Error(err)
		}
		// A shard says the same.
		v, err := ordered.Parse(record, shardLimits)
		if err != nil {
			t.Fatal(err)
		}
		if got := unmarshal(t, appendPacked(nil, v)).(map[string]any); got["name"] != x.name {
			t.Errorf("%v", got)
		}
	})
}

func FuzzPackage(f *testing.F) {
	b := condatest.Build{Name: "money", Version: "1.0", Build: "0"}
	f.Add(b.File(), b.Conda())
	f.Add("money-2.1-py_1.tar.bz2", testdata(f, "money-2.1-py_1.tar.bz2"))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		file, err := parseFileName(name)
		if err != nil {
			return
		}
		p, err := readPackage(t.Context(), blob.FromBytes(body), file)
		if err == nil && (p.index.name != file.name || p.build != file.build) {
			t.Errorf("%s was taken for %+v", name, p.index)
		}
	})
}

// FuzzBeside: what lies beside info/index.json is read, or it is the package's
// fault that it is not.
func FuzzBeside(f *testing.F) {
	f.Add(`["a >=1"]`, `{"license":"MIT","home":["x"]}`, `{"paths":[{"_path":"a","prefix_placeholder":"/p"}]}`)
	f.Add(`{"weak":1}`, `[]`, `{"paths":[1]}`)
	f.Add(strings.Repeat("[", 9), strings.Repeat("[", 65), strings.Repeat("[", 10_001))
	f.Add(`"`+strings.Repeat("a", exportsLimits.Bytes)+`"`, "\xff", `{"paths":[],`)
	f.Fuzz(func(t *testing.T, exports, about, paths string) {
		kept, exportsErr := parseRunExports([]byte(exports))
		_, _, aboutErr := parseAbout([]byte(about))
		pathsErr := (&reader{found: map[string]bool{}}).paths(strings.NewReader(paths))
		for _, err := range []error{exportsErr, aboutErr, pathsErr} {
			if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
				t.Errorf("%s: %v", fault.KindOf(err), err)
			}
		}
		if len(kept) > 0 && !json.Valid(kept) {
			t.Errorf("%q became %s", exports, kept)
		}
	})
}

// FuzzVersion: the order is one of text that passed the grammar, and no
// constraint fails.
func FuzzVersion(f *testing.F) {
	f.Add("1!2.0rc1_+a.b", "money >=1.0,<2|~=3.1")
	f.Fuzz(func(t *testing.T, version, text string) {
		s := parseSpec(text)
		canon, err := New().CanonicalVersion(version)
		if err != nil {
			return
		}
		s.matches(canon, "0")
		v := parseVersion(canon)
		if v.compare(v) != 0 || !v.startsWith(v) || New().Compare(canon, canon) != 0 {
			t.Errorf("%s is not itself", canon)
		}
		if again := canonical(t, canon); again != canon {
			t.Errorf("%s becomes %s", canon, again)
		}
		prerelease(canon)
	})
}

package osv

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func record(id string) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2026-01-01T00:00:00Z", "details": "[{\"\n"}`, id)
}

type file struct{ name, text string }

func zipped(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read lists what Each gives: ids, and where something is wrong.
func read(dump []byte) (got []string, err error) {
	err = Each(bytes.NewReader(dump), int64(len(dump)), func(where string, rec Record, err error) error {
		if err != nil {
			got = append(got, "bad: "+where)
		} else {
			got = append(got, rec.ID)
		}
		return nil
	})
	return got, err
}

func TestEach(t *testing.T) {
	t.Parallel()
	a, b := record("A-1"), record("B-1")
	for what, c := range map[string]struct {
		dump []byte
		want []string
		kind fault.Kind // of the error
		bad  string     // in the error; empty for none
	}{
		"one":             {dump: []byte(" \n" + a), want: []string{"A-1"}},
		"a mark":          {dump: []byte("\ufeff" + a), want: []string{"A-1"}},
		"lines":           {dump: []byte(a + "\n" + b + "\n"), want: []string{"A-1", "B-1"}},
		"an array":        {dump: []byte("[" + a + ", " + b + "]\n"), want: []string{"A-1", "B-1"}},
		"an empty array":  {dump: []byte("[]")},
		"a bad record":    {dump: []byte("[" + a + `, {"id": 1}, ` + b + "]"), want: []string{"A-1", "bad: record 2", "B-1"}},
		"a broken array":  {dump: []byte("[" + a + `, {"id": `), want: []string{"A-1"}, kind: fault.Invalid, bad: "cannot be read"},
		"an open array":   {dump: []byte("[" + a), want: []string{"A-1"}, kind: fault.Invalid, bad: "cannot be read"},
		"something else":  {dump: []byte("[" + a + "] x"), want: []string{"A-1"}, kind: fault.Invalid, bad: "behind the end"},
		"a broken line":   {dump: []byte(a + "\n{,}"), want: []string{"A-1"}, kind: fault.Invalid, bad: "cannot be read"},
		"no JSON":         {dump: []byte("<html>"), kind: fault.Invalid, bad: "neither"},
		"nothing":         {kind: fault.Invalid, bad: "neither"},
		"white space":     {dump: bytes.Repeat([]byte(" "), 1<<20), kind: fault.Invalid, bad: "neither"},
		"a long record":   {dump: []byte(`{"details": "` + strings.Repeat("x", 2*MaxRecord)), kind: fault.TooLarge, bad: "at most"},
		"an empty zip":    {dump: zipped(t)},
		"a broken zip":    {dump: zipped(t, file{"A-1.json", a})[:60], kind: fault.Invalid, bad: "zip"},
		"many short ones": {dump: []byte("[" + strings.Repeat(a+",", 10_000) + a + "]"), want: slices.Repeat([]string{"A-1"}, 10_001)},
		"a zip": {
			dump: zipped(t, file{"A-1.json", a}, file{"README", "x"}, file{"deep/B.jsonl", b + "\n{}\n"}, file{"C.json", "<"}, file{"D-1.json", record("D-1")}),
			want: []string{"A-1", "B-1", "bad: deep/B.jsonl, record 2", "bad: C.json", "D-1"},
		},
	} {
		got, err := read(c.dump)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", what, clip(diff))
		}
		if (err != nil) != (c.bad != "") || err != nil && (!fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.bad)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Where a zip file unpacks to more than it may, nothing of it is read further.
func TestEachBomb(t *testing.T) {
	t.Parallel()
	dump := zipped(t, file{"1.json", record("A-1")}, file{"2.json", strings.Repeat(record("A-1"), 1000)})
	z, err := zip.NewReader(bytes.NewReader(dump), int64(len(dump)))
	if err != nil {
		t.Fatal(err)
	}
	budget, n := int64(10_000), 0
	for i, want := range []bool{false, true} {
		err := unpack(z.File[i], &budget, func(string, Record, error) error { n++; return nil })
		if fault.Is(err, fault.TooLarge) != want {
			t.Errorf("entry %d: %v", i+1, err)
		}
	}
	if n < 2 || n > 1000 {
		t.Errorf("%d records", n)
	}
}

func TestEachStops(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for _, dump := range [][]byte{
		[]byte("[" + record("A-1") + "," + record("B-1") + "]"),
		zipped(t, file{"1.json", "<"}, file{"2.json", "<"}),
	} {
		n := 0
		if err := Each(bytes.NewReader(dump), int64(len(dump)), func(string, Record, error) error {
			n++
			return stop
		}); !errors.Is(err, stop) || n != 1 {
			t.Errorf("%v after %d", err, n)
		}
	}
}

// Whatever a dump holds, its records keep what Parse promises.
func FuzzEach(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("[" + sample + "," + sample + "]"))
	f.Add([]byte(sample + "\n" + sample))
	f.Add(zipped(f, file{"a.json", sample}, file{"b.json", "["}))
	f.Add([]byte(`{"id":"X","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"x:y","name":"z"},"ranges":[{"type":"SEMVER","events":[{"fixed":"1"},{"introduced":"0"},{"limit":"*"}]}]}]}`))
	f.Fuzz(func(t *testing.T, dump []byte) {
		_ = Each(bytes.NewReader(dump), int64(len(dump)), func(where string, rec Record, err error) error {
			if err != nil {
				if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
					t.Errorf("%s: %v", where, err)
				}
				return nil
			}
			if !plain(rec.ID, maxID) || rec.Modified.IsZero() && rec.Modified.Year() != 1 {
				t.Errorf("%+v", rec)
			}
			seen := map[[2]string]bool{}
			for _, p := range rec.Packages {
				key := [2]string{p.Ecosystem, p.Name}
				if seen[key] || !plain(p.Ecosystem, maxName) || !plain(p.Name, maxName) || len(p.Affected) == 0 {
					t.Errorf("%+v", p)
				}
				seen[key] = true
				for _, i := range p.Affected {
					for _, v := range []string{i.Introduced, i.Fixed, i.Last} {
						if v != "" && !plain(v, maxVersion) {
							t.Errorf("%+v", i)
						}
					}
					if i.Fixed != "" && i.Last != "" {
						t.Errorf("two ends: %+v", i)
					}
				}
			}
			return nil
		})
	})
}

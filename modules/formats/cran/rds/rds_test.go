package rds

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestAsR compares with what R 4.2.2 wrote of the same values, by saveRDS(...,
// version = 2, compress = FALSE). The bytes 6 to 9 are the version of R.
func TestAsR(t *testing.T) {
	t.Parallel()
	times := func(t ...float64) Value { return Classed{Strings{"POSIXct", "POSIXt"}, Doubles(t)} }
	frame := func(n int) Value {
		zeros := make(Integers, n)
		root := make(Strings, n)
		mode := make(Integers, n)
		for i := range n {
			root[i], mode[i] = "root", 0o644
		}
		return Frame{Strings{"a/a_1.tar.gz", "b"}[:n], []Column{
			{"size", Doubles{12, 1e10}[:n]},
			{"isdir", make(Logicals, n)},
			{"mode", Classed{Strings{"octmode"}, mode}},
			{"mtime", times([]float64{1e9, 1.5}[:n]...)},
			{"ctime", times([]float64{1e9, 1.5}[:n]...)},
			{"atime", times([]float64{1e9, 1.5}[:n]...)},
			{"uid", zeros},
			{"gid", zeros},
			{"uname", root},
			{"grname", root},
		}}
	}
	for name, v := range map[string]Value{
		"matrix.rds": Matrix{Strings{"tiny", "x"}, Strings{"Package", "Version"}, func(row, column int) (string, bool) {
			s := [][]string{{"tiny", "1.0"}, {"", "café"}}[row][column]
			return s, s != ""
		}},
		"empty.rds": Matrix{Columns: Strings{"a", "b"}},
		"list.rds":  List{Strings{"tiny", "b"}, func(i int) Value { return frame(2 - i) }},
	} {
		want, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := Write(&got, v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		copy(want[6:10], got.Bytes()[6:10])
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: got\n%q\nR writes\n%q", name, got.Bytes(), want)
		}
	}
}

func TestLogicals(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	if err := Write(&got, Logicals{true, false}); err != nil || !strings.HasSuffix(got.String(), "\x00\x00\x00\x0a\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00") {
		t.Errorf("%q, %v", got.Bytes(), err)
	}
}

func TestNoString(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a\x00b", "\xff"} {
		if err := Write(&bytes.Buffer{}, Strings{s}); err == nil {
			t.Errorf("%q was written", s)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("full")

func TestFailingWriter(t *testing.T) {
	t.Parallel()
	if err := Write(full{}, make(Strings, 10_000)); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

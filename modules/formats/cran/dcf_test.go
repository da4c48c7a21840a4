package cran

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func TestParseDCF(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		"A: 1\nB:2\nC :  3 \n":                        {"A": "1", "B": "2", "C": "3"},
		"A: one\n  two\n\tthree\n .\n four":           {"A": "one two three . four"},
		"A: 1\r\nB: 2\r\n c\r\n":                      {"A": "1", "B": "2 c"},
		"\n\nA: 1\n\n\n":                              {"A": "1"},
		"A:\n  1\n":                                   {"A": "1"},
		"Author@R: x\nConfig/Needs: y: z\n":           {"Author@R": "x", "Config/Needs": "y: z"},
		"Author: Jos\xe9 \x96 x\nEncoding: latin1\n":  {"Author": "José – x", "Encoding": "latin1"},
		"Author: \xa3\nEncoding: latin2\n":            {"Author": "Ł", "Encoding": "latin2"},
		"Author: \xa4\nEncoding: ISO8859-15\n":        {"Author": "€", "Encoding": "ISO8859-15"},
		"Author: José\nEncoding: UTF-8\n":             {"Author": "José", "Encoding": "UTF-8"},
		"A: a\u0085b\n":                               {"A": "a b"},
		"Author: José\n":                              {"Author": "José"},
		strings.Repeat("a", maxTag) + ": in bounds\n": {strings.Repeat("a", maxTag): "in bounds"},
	} {
		got, err := parseDCF([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v, (-want +got)\n%s", text, err, diff)
		}
	}
	many := strings.Builder{}
	for i := range maxFields + 1 {
		fmt.Fprintf(&many, "F%d: 1\n", i)
	}
	for text, want := range map[string]string{
		"# comment\nA: 1\n":                    "is not",
		"A: 1\nnonsense\n":                     "is not",
		"<html>\n":                             "is not",
		": 1\n":                                "is not",
		"A B: 1\n":                             "is not",
		"Ü: 1\n":                               "is not",
		strings.Repeat("a", 101) + ": 1\n":     "is not",
		" A: 1\n":                              "begins with the blank",
		"A: 1\n\nB: 2\n":                       "another record",
		"A: 1\n\n b\n":                         "another record",
		"A: 1\nA: 2\n":                         "twice",
		"A: \xff\n":                            "not in UTF-8",
		"A: \x00\n":                            "control character",
		"A: a\u0090b\n":                        "control character",
		"A: 1\nEncoding: utf-16\n":             "is not known",
		many.String():                          "more than 500 fields",
		"A: " + strings.Repeat("x", 256<<10):   "more than 262144",
		"A: 1\n" + strings.Repeat("B: 2\n", 2): "twice",
	} {
		got, err := parseDCF([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%.60q: %v, %v", text, got, err)
		}
	}
}

// To read a value of many lines takes memory that grows with their number, and
// not with its square.
func TestParseDCFOfManyLines(t *testing.T) {
	text := []byte("A: 1\n" + strings.Repeat(" a\n", (maxDescription-5)/3))
	one := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if _, err := parseDCF(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	if got := one.AllocedBytesPerOp(); got > 64*maxDescription {
		t.Errorf("%d bytes of memory for %d", got, len(text))
	}
}

// Of several fields that are wrong, the same one is named every time.
func TestParseDCFNamesOne(t *testing.T) {
	t.Parallel()
	for range 20 {
		if _, err := parseDCF([]byte("B: \xff\nA: \xff\nC: \x01\n")); err == nil || !strings.Contains(err.Error(), "field A") {
			t.Fatal(err)
		}
	}
}

// What is let through here is in the index that R reads as a whole.
func TestParseRequirements(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"":                                 "",
		"R (>= 3.5.0), methods":            "R (>= 3.5.0), methods",
		"R(>=3.5)":                         "R (>= 3.5)",
		"Rcpp ( >=1.0-1 ),, data.table , ": "Rcpp (>= 1.0-1), data.table",
		"a1 (== 1.0), b1 (!= 1.0), c1 (< 1.0), d1 (> 1.0), e1 (<= 1.0)": "a1 (== 1.0), b1 (!= 1.0), c1 (< 1.0), d1 (> 1.0), e1 (<= 1.0)",
	} {
		got, err := parseRequirements("Depends", list)
		if joined(got) != want || err != nil {
			t.Errorf("%q is %q, %v", list, joined(got), err)
		}
	}
	for _, list := range []string{
		"R (>= r70000)", "R (>= foo)", "R (>= 4)", "R (= 4.0)", "R (4.0)", "Rcpp (>= 1)", "Rcpp (>= 1.0, < 2.0)", "Rcpp (>= 1.0",
		"Rcpp >= 1.0", "Rcpp (>= 1.0) x", "Rcpp (>= 1.0) (< 2.0)", "Rcpp ()", "r", "a_b", "Rcpp (>= 4000000000.1)", "пакет", "=>", "(>= 1.0)",
	} {
		if got, err := parseRequirements("Depends", list); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", list, joined(got), err)
		}
	}
}

func FuzzParseDescription(f *testing.F) {
	for _, text := range []string{
		"Package: Rcpp\nVersion: 1.0-1\nDepends: R (>= 3.5.0)\nDescription: a\n  b.\n .\n c\n", "Package: a1\nVersion: 1.0\nAuthor: \xe9\nEncoding: latin1\n",
		"Package: a1\r\nVersion: 1.0\r\nImports: b1 (>= 1.0), c1\r\n\r\n", "# x\n", " a", "A: 1\n\nB: 2",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := parseDescription(text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
				t.Fatalf("%v", err)
			}
			return
		}
		// What an index holds is one line that reads back as itself.
		for tag, value := range d {
			again, err := parseDCF([]byte(tag + ": " + value + "\n"))
			if err != nil && tag != "Encoding" || err == nil && again[tag] != value {
				t.Errorf("%q: %q reads as %q, %v", tag, value, again[tag], err)
			}
		}
		for _, field := range requiring {
			list, err := parseRequirements(field, d[field])
			if err != nil || joined(list) != d[field] {
				t.Errorf("%q reads as %q, %v", d[field], joined(list), err)
			}
		}
	})
}

package pypi

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"money": "money", "Acme.Money": "acme-money", "acme__money": "acme-money", "A-._-b": "a-b", "x": "x", "0": "0", "3d": "3d",
	} {
		if got, err := CanonicalName(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{
		"", "-", ".", "..", "-a", "a-", "_a", "a.", "a b", "a/b", `a\b`, "a\nb", "a\x00", "пакет", "\u212a", "\u017f", "a%2fb", strings.Repeat("a", 201),
	} {
		if got, err := CanonicalName(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
}

func TestParseFileName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, project, version string
		of                     bool
	}{
		{"money-1.0-py3-none-any.whl", "money", "1", true},
		{"Acme_Money-1.0.0-py3-none-any.whl", "acme-money", "1", true},
		{"acme.money-1.0-py3-none-any.whl", "acme-money", "1", true},
		{"money-1.0-1foo-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "money", "1", true},
		{"money-1.0+cu118-py3-none-any.whl", "money", "1+cu118", true},
		{"money-1.0_1-py3-none-any.whl", "money", "1.post1", true},
		{"money-1!2.0-py3-none-any.whl", "money", "1!2", true},
		{"money-1.0-py3-none-any.whl", "money", "2", false},
		{"money-1.0-py3-none-any.whl", "other", "1", false},
		{"money-1.0.tar.gz", "money", "1", true},
		{"money-1.0.zip", "money", "1", true},
		{"acme-money-1.0.tar.gz", "acme-money", "1", true},
		{"acme_money-1.0.tar.gz", "acme-money", "1", true},
		{"acme-money-1.0.tar.gz", "acme", "1", false},
		{"money-1.0-1.tar.gz", "money", "1.post1", true},
		{"money.tar.gz", "money", "1", false},
	} {
		f, err := parseFileName(c.file)
		if err != nil || f.of(c.project, c.version) != c.of {
			t.Errorf("%s of %s %s: %+v, %v", c.file, c.project, c.version, f, err)
		}
	}
	// Incident 18 (RubyGems 2016): a dash in a name is none before a version.
	f, err := parseFileName("rails-html-1.0.tar.gz")
	if err != nil || f.of("rails", "1") || !f.of("rails-html", "1") {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{
		"", "money", "money.egg", "money-1.0.tar.bz2", "money-1.0.whl", "money-1.0-py3.whl", "money--py3-none-any.whl", "-1-py3-none-any.whl",
		"money-1.0-x1-py3-none-any.whl", "a-b-c-d-e-f-g.whl", "money-1.0-py3-none-any.whl/..", "../money-1.0.tar.gz", "mo ney-1.0.tar.gz",
		"money-1.0\n.tar.gz", "пакет-1.0.tar.gz", `money\1-1.0.tar.gz`, "money-1.0-py3-none-any.WHL",
	} {
		if f, err := parseFileName(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %+v, %v", bad, f, err)
		}
	}
}

func TestTwin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"acme-money-1.0.tar.gz", "acme_money-1.0.tar.gz", true},
		{"acme_money-1.0.tar.gz", "acme_money-1.0.zip", true},
		{"Acme.Money-1.0-py3-none-any.whl", "acme_money-1.0-py3-none-any.whl", true},
		{"money-1.0-py3-none-any.whl", "money-1.0-1-py3-none-any.whl", false},
		{"money-1.0-py3-none-any.whl", "money-1.0-py2-none-any.whl", false},
		{"money-1.0-py3-none-any.whl", "money-1.0.tar.gz", false},
	} {
		a, errA := parseFileName(c.a)
		b, errB := parseFileName(c.b)
		if errA != nil || errB != nil || a.twin(&b) != c.want {
			t.Errorf("%s and %s: %v, %v", c.a, c.b, errA, errB)
		}
	}
}

package format

import (
	"net/url"
	"testing"

	"ingot.dev/modules/scope"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                      "ingot",
		"user/ann":              "ann",
		"user/ann.b":            "ann-b",
		"company/acme_inc":      "acme_inc",
		"company/3":             "ingot-3",
		"project/acme/my.shop":  "acme-my-shop",
		"project/3d/shop":       "ingot-3d-shop",
		"project/acme/магазин":  "acme--------",
		"project/_acme/my-shop": "ingot-_acme-my-shop",
	} {
		p, err := scope.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := (View{Path: p}).Label(); got != want {
			t.Errorf("%q is called %q, want %q", path, got, want)
		}
	}
}

func TestWithCredential(t *testing.T) {
	t.Parallel()
	const address = "https://h:8443/user/ann/package/-/x/"
	for _, v := range []View{{User: "ann"}, {User: "ann", Private: true}, {User: "a@b:c/d?e#f %", Private: true}} {
		got := v.WithCredential(address)
		u, err := url.Parse(got)
		if err != nil {
			t.Fatal(err)
		}
		if !v.Private {
			if got != address {
				t.Errorf("of all readers: %s", got)
			}
			continue
		}
		if password, _ := u.User.Password(); u.User.Username() != v.User || password != "TOKEN" || u.Host != "h:8443" {
			t.Errorf("of %q: %s", v.User, got)
		}
		if u.User = nil; u.String() != address {
			t.Errorf("of %q: without it %s", v.User, u)
		}
	}
	if got := (View{User: "ann", Private: true}).WithCredential("h/x"); got != "h/x" {
		t.Errorf("without a scheme: %s", got)
	}
}

func TestShellWord(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                        "''",
		"a-1.0.0+b.tgz":           "a-1.0.0+b.tgz",
		"https://h:1/a_b/@c/,d":   "https://h:1/a_b/@c/,d",
		"money==2.1":              "money==2.1",
		"=ls":                     "'=ls'",
		"Деньги-1.0.ospx":         "Деньги-1.0.ospx",
		"a b":                     "'a b'",
		"a\u00a0b":                "'a\u00a0b'",
		"a\nb":                    "'a\nb'",
		"a-1!2-0.conda":           "'a-1!2-0.conda'",
		"$(id)":                   "'$(id)'",
		"a;b":                     "'a;b'",
		"~ann":                    "'~ann'",
		"*.zip":                   "'*.zip'",
		"a\xff":                   "'a\xff'",
		"it's":                    `'it'\''s'`,
		"https://h/a?b=c&d=%20#e": "'https://h/a?b=c&d=%20#e'",
	} {
		if got := ShellWord(s); got != want {
			t.Errorf("%q is written %s, want %s", s, got, want)
		}
	}
}

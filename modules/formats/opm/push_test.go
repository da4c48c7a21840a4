package opm

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/golden"
)

func TestPush(t *testing.T) {
	t.Parallel()
	s := newShelf()
	one := built("Деньги", "1.0.0", everything)
	for _, headers := range [][]string{
		{"FILE-NAME", "Деньги-1.0.0.ospx", "CHANNEL", "stable"},
		{"FILE-NAME", "%D0%94%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8-1.0.0.ospx", "CHANNEL", "dev"},
	} {
		if w := s.push(t, "/push", one, headers...); w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), "Деньги 1.0.0 is published in the channel "+headers[3]) {
			t.Fatalf("%q: %d %s", headers, w.Code, w.Body)
		}
	}
	for _, other := range []string{"1.2.0-rc.1", "1.1.0", "1.0"} {
		body := built("деньги", other)
		w := s.push(t, "/", body)
		if taken := strings.HasPrefix(w.Body.String(), "conflict"); taken {
			t.Errorf("%s: %s", other, w.Body)
		}
	}
	s.push(t, "/", built("money", "1.0-a"))
	s.push(t, "/", built("Ставки", "2.0"), "CHANNEL", "dev")

	for path, want := range map[string]string{
		"/list.txt":             "Деньги\nmoney\n",
		"/dev-channel/list.txt": "Деньги\nСтавки\n",
		// In the channel stable a release is preferred; names are without case.
		"/%D0%94%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8/%D0%94%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8.ospx":             "1.1.0",
		"/%D0%B4%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8/%D0%94%D0%95%D0%9D%D1%8C%D0%B3%D0%B8.ospx":             "1.1.0",
		"/%D0%B4%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8/%D0%B4%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8-1.2.0-RC.1.ospx":  "1.2.0-rc.1",
		"/dev-channel/%D0%B4%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8/%D0%B4%D0%B5%D0%BD%D1%8C%D0%B3%D0%B8.ospx": "1.0.0",
		"/MONEY/money.ospx":       "1.0-a",
		"/MONEY/money-1.0-A.ospx": "1.0-a",
	} {
		got := s.get(t, path)
		if strings.HasSuffix(path, suffix) {
			p, err := read(t, []byte(got))
			if err != nil {
				t.Errorf("%s: %.100q", path, got)
				continue
			}
			got = p.Version
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	golden.Equal(t, "packages.json", s.get(t, "/api/packages"))

	for _, path := range []string{
		"/money/money-1.1.ospx", "/money/money-.ospx", "/money/other.ospx", "/money/money-1.0-a.zip.ospx", "/none/none.ospx", "/a%20b/a%20b.ospx",
		"/dev-channel/money/money.ospx", "/dev-channel/money/money-1.0-a.ospx",
		"/%D0%A1%D1%82%D0%B0%D0%B2%D0%BA%D0%B8/%D0%A1%D1%82%D0%B0%D0%B2%D0%BA%D0%B8.ospx",
	} {
		if got := s.get(t, path); !strings.HasPrefix(got, "not found") {
			t.Errorf("%s: %.100q", path, got)
		}
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for path, want := range map[string]string{"/list.txt": "", "/dev-channel/list.txt": "", "/api/packages": "[]\n"} {
		if got := s.get(t, path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// What the page of a version tells is what stable says of it, whichever came first.
func TestChannels(t *testing.T) {
	t.Parallel()
	stableOne, devOne := built("money", "1.0", "<author>stable</author>"), built("money", "1.0", "<author>dev</author>")
	for _, first := range []channel{stable, dev} {
		s := newShelf()
		bodies := map[channel][]byte{stable: stableOne, dev: devOne}
		second := stable
		if first == stable {
			second = dev
		}
		for i, c := range []channel{first, second} {
			if w := s.push(t, "/", bodies[c], "CHANNEL", string(c)); w.Code != http.StatusCreated {
				t.Fatal(w.Body)
			}
			v, err := s.Version(t.Context(), "money", "1.0")
			if err != nil {
				t.Fatal(err)
			}
			if author := string(v.Metadata); i == 1 && !strings.Contains(author, `"stable"`) || v.Prerelease != (i == 0 && c == dev) {
				t.Errorf("%s, then %s: %s, %t", first, second, author, v.Prerelease)
			}
		}
		if s.get(t, "/money/money.ospx") != string(stableOne) || s.get(t, "/dev-channel/money/money.ospx") != string(devOne) {
			t.Errorf("%s first: the channels are mixed", first)
		}
	}
}

func TestPushRefuses(t *testing.T) {
	t.Parallel()
	one := built("money", "1.0")
	s := newShelf()
	s.mayOnly = true
	s.push(t, "/push", one)
	for _, c := range []struct {
		what, target string
		body         []byte
		headers      []string
		why          string
	}{
		{"once more", "/push", one, nil, "already exists"},
		{"another spelling", "/push", built("Money", "1.0"), []string{"CHANNEL", "STABLE"}, "already exists"},
		{"another file", "/push", one, []string{"FILE-NAME", "money-1.1.ospx"}, "has to be called money-1.0.ospx"},
		{"another letter case", "/push", one, []string{"FILE-NAME", "Money-1.0.ospx"}, "has to be called money-1.0.ospx"},
		{"a broken name", "/push", one, []string{"FILE-NAME", "money%zz"}, "malformed"},
		{"another channel", "/push", one, []string{"CHANNEL", "beta"}, "none of stable and dev"},
		{"no package", "/push", []byte("money"), nil, "zip file"},
		{"by force without the right", "/push?force=1", one, nil, "denied"},
	} {
		w := s.push(t, c.target, c.body, c.headers...)
		if w.Code != 0 || !strings.Contains(w.Body.String(), c.why) {
			t.Errorf("%s: %d %s", c.what, w.Code, w.Body)
		}
	}
	s.mayOnly = false
	other := built("money", "1.0", "<author>x</author>")
	if w := s.push(t, "/push?force=1", other); w.Code != http.StatusCreated || s.get(t, "/money/money-1.0.ospx") != string(other) {
		t.Errorf("by force: %s", w.Body)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		token, authorization, want string
	}{{"abc", "", "abc"}, {"", "", ""}, {"abc", "Basic x", ""}} {
		r := httptest.NewRequest(http.MethodPost, "/push", nil)
		r.Header.Set("OAUTH-TOKEN", c.token)
		r.Header.Set("Authorization", c.authorization)
		got, ok := New().Credential(r)
		if ok != (c.want != "") || ok && (got.Secret != c.want || got.Scheme != forge.Raw) {
			t.Errorf("%+v: %+v, %t", c, got, ok)
		}
	}
}

package maven

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

func TestParseSum(t *testing.T) {
	t.Parallel()
	md5, sha1 := strings.Repeat("0a", 16), strings.Repeat("0a", 20)
	for text, want := range map[string]string{
		md5:                        "md5",
		strings.ToUpper(md5):       "md5",
		"  " + md5 + "\r\n":        "md5",
		md5 + "  lib-1.0.jar\n":    "md5",
		"MD5(lib-1.0.jar)= " + md5: "md5",
		"lib-1.0.jar = " + sha1:    "sha1",
	} {
		if got, err := ParseSum(want, []byte(text)); err != nil || got != map[string]string{"md5": md5, "sha1": sha1}[want] {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", " ", "=", md5 + "0", md5[1:], sha1, "lib-1.0.jar " + md5, strings.Repeat("g", 32), "<html>"} {
		if got, err := ParseSum("md5", []byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

// staged is a body in memory.
type staged struct{ *bytes.Reader }

func (staged) Digests() blob.Digests { return blob.Digests{} }
func (staged) Discard()              {}

func jar(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const descriptor = "META-INF/maven/plugin.xml"

func TestGoalPrefix(t *testing.T) {
	t.Parallel()
	plugin := func(artifact, prefix string) string {
		return "<plugin><name>Hello</name><artifactId>" + artifact + "</artifactId><goalPrefix>" + prefix + "</goalPrefix></plugin>"
	}
	for what, c := range map[string]struct {
		body []byte
		want string
	}{
		"a plugin":               {jar(t, "A.class", "", descriptor, plugin("lib", " hi ")), "hi"},
		"no plugin":              {jar(t, "A.class", ""), ""},
		"another's descriptor":   {jar(t, descriptor, plugin("other", "hi")), ""},
		"no prefix":              {jar(t, descriptor, plugin("lib", "")), ""},
		"a prefix with a blank":  {jar(t, descriptor, plugin("lib", "a b")), ""},
		"a broken descriptor":    {jar(t, descriptor, "<plugin>"), ""},
		"a large descriptor":     {jar(t, descriptor, plugin("lib", "hi")+strings.Repeat(" ", maxDescriptor)), ""},
		"no zip file":            {[]byte("#!/bin/sh"), ""},
		"a shell script with it": {append([]byte("#!/bin/sh\n"), jar(t, descriptor, plugin("lib", "hi"))...), ""},
	} {
		got, err := goalPrefix(staged{bytes.NewReader(c.body)}, "lib")
		if err != nil || got != c.want {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

// The pom and the jar tell of a plugin in either order.
func TestDescribe(t *testing.T) {
	t.Parallel()
	at := func(file string) Path {
		name, err := ParseName("lib", "1.0", file)
		if err != nil {
			t.Fatal(err)
		}
		p := lib
		p.Name = name
		return p
	}
	var fromPom, fromJar, fromSources format.Release
	if err := describe(&fromPom, at("lib-1.0.pom"), staged{bytes.NewReader([]byte(pom("<packaging>maven-plugin</packaging>")))}); err != nil {
		t.Fatal(err)
	}
	body := jar(t, descriptor, "<plugin><artifactId>lib</artifactId><goalPrefix>hi</goalPrefix></plugin>")
	if err := describe(&fromJar, at("lib-1.0.jar"), staged{bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	if err := describe(&fromSources, at("lib-1.0-sources.jar"), staged{bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	if fromPom.About[pluginName] != "lib" || fromPom.Metadata == nil || fromJar.About[pluginPrefix] != "hi" || fromJar.Metadata != nil || fromSources.About != nil {
		t.Errorf("from the pom %+v, the jar %+v, the sources %+v", fromPom, fromJar, fromSources)
	}
	large := staged{bytes.NewReader(make([]byte, maxPom+1))}
	if err := describe(&fromPom, at("lib-1.0.pom"), large); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a large pom: %v", err)
	}
}

// FuzzGoalPrefix: whatever a jar holds, it makes a prefix that is a word.
func FuzzGoalPrefix(f *testing.F) {
	f.Add(jar(f, descriptor, "<plugin><artifactId>lib</artifactId><goalPrefix>hi</goalPrefix></plugin>"))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, body []byte) {
		prefix, err := goalPrefix(staged{bytes.NewReader(body)}, "lib")
		if err != nil || prefix != "" && !isID(prefix) {
			t.Fatalf("%q, %v", prefix, err)
		}
	})
}

// FuzzParseSum: what is taken is a digest of the algorithm.
func FuzzParseSum(f *testing.F) {
	f.Add("sha1", []byte("SHA1(x)= "+strings.Repeat("0a", 20)))
	f.Fuzz(func(t *testing.T, algorithm string, body []byte) {
		if sum, err := ParseSum(algorithm, body); err == nil && !isSum(sum, algorithm) {
			t.Fatalf("%q", sum)
		}
	})
}

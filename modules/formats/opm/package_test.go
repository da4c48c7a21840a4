package opm

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/golden"
)

// manifest gives an opm-metadata.xml, with more elements in it.
func manifest(name, version string, more ...string) string {
	return `<?xml version="1.0" encoding="utf-8"?><opm-metadata xmlns="` + namespace + `"><name>` + name + "</name><version>" + version + "</version>" +
		strings.Join(more, "") + "</opm-metadata>"
}

const everything = `
	<author>Анна &amp; Борис</author>
	<author-email>ann@example.com</author-email>
	<description>Считает
		деньги</description>
	<repo-address>https://git.example/money</repo-address>
	<engine-version>1.9.2</engine-version>
	<manifest-version>1</manifest-version>
	<tasks>tasks</tasks>
	<depends-on name="logos" dev="false" version="1.2"/>
	<depends-on name="Ставки" dev="false" version="&gt;=1.0" version-max="&lt;2.0"/>
	<depends-on name="asserts" dev="true"/>
	<executable name="money">src/main.os</executable>
	<executable>src\cmd\count.os</executable>
	<include-content>src</include-content>
	<explicit-modules>
		<module name="Счёт" src="src/a.os"/><module name="Деньги" src="src/b.os"/><module name="Счёт" src="src/c.os"/>
		<class name="Кошелёк" src="src/d.os"/>
	</explicit-modules>
	<unknown><deep/></unknown>`

// built is a package as opm builds it.
func built(name, version string, more ...string) []byte {
	return packedWith(manifest(name, version, more...), formattest.Zip(formattest.Entry{Name: "lib.config", Text: "<package-def/>"}, formattest.Entry{Name: "src/a.os", Text: "// " + version}))
}

func packedWith(manifest string, content []byte) []byte {
	return formattest.Zip(formattest.Entry{Name: manifestFile, Text: manifest}, formattest.Entry{Name: contentFile, Text: string(content)})
}

func read(t testing.TB, raw []byte) (*packed, error) {
	return openPackage(t.Context(), bytes.NewReader(raw), int64(len(raw)), func(r io.Reader) (blob.Staged, error) {
		b, err := io.ReadAll(r)
		return blob.FromBytes(b), err
	})
}

func TestParseManifest(t *testing.T) {
	t.Parallel()
	m, err := ParseManifest([]byte("\ufeff" + manifest(" Деньги ", "1.0.0", everything)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "manifest.json", append(text, '\n'))
}

// OneScript 1 writes the names of files in code page 866.
func TestOpenPackage(t *testing.T) {
	t.Parallel()
	var content bytes.Buffer
	w := zip.NewWriter(&content)
	for name, text := range map[string]string{"src/Классы/Кошелёк.os": "// class", "ReadMe.md": "# Деньги\xff", "readme.txt": "plain"} {
		old, err := charmap.CodePage866.NewEncoder().String(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: old, NonUTF8: true, Method: zip.Deflate})
		if err == nil {
			_, err = io.WriteString(f, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := read(t, packedWith(manifest("Деньги", "1.0"), content.Bytes()))
	if err != nil || p.readme != "# Деньги\uFFFD" || p.readmeName != "ReadMe.md" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Incident 23 (CVE-2025-54368): zip files that readers understand in different
// ways, without and within.
func TestOpenPackageRefuses(t *testing.T) {
	t.Parallel()
	right := manifest("money", "1.0")
	content := formattest.Zip(formattest.Entry{Name: "lib.config", Text: "<package-def/>"})
	bad := formattest.HostileZips(manifestFile, right)
	for what, inner := range formattest.HostileZips("lib.config", "<package-def/>") {
		if what != "no manifest" {
			bad["within: "+what] = packedWith(right, inner)
		}
	}
	bad["no content"] = formattest.Zip(formattest.Entry{Name: manifestFile, Text: right})
	bad["no manifest"] = formattest.Zip(formattest.Entry{Name: contentFile, Text: string(content)})
	bad["another manifest"] = formattest.Zip(formattest.Entry{Name: manifestFile, Text: right}, formattest.Entry{Name: contentFile, Text: string(content)}, formattest.Entry{Name: "OPM-metadata.xml", Text: right})
	bad["another content"] = formattest.Zip(formattest.Entry{Name: manifestFile, Text: right}, formattest.Entry{Name: contentFile, Text: string(content)}, formattest.Entry{Name: "Content.zip", Text: string(content)})
	for what, text := range map[string]string{
		"nothing":             "",
		"no XML":              "{}",
		"half":                right[:len(right)-3],
		"text behind":         right + "x",
		"another root":        strings.ReplaceAll(right, "opm-metadata>", "package>"),
		"no namespace":        strings.ReplaceAll(right, namespace, ""),
		"another namespace":   strings.ReplaceAll(right, "1.0\">", "2.0\">"),
		"a DOCTYPE":           `<!DOCTYPE x [<!ENTITY a "b">]>` + right,
		"no name":             strings.ReplaceAll(right, "money", ""),
		"two names":           manifest("money", "1.0", "<name>other</name>"),
		"two versions":        manifest("money", "1.0", "<version>1.1</version>"),
		"a strange version":   manifest("money", "1"),
		"a strange name":      manifest("../money", "1.0"),
		"a nameless need":     manifest("money", "1.0", "<depends-on/>"),
		"a climbing need":     manifest("money", "1.0", `<depends-on name="../x"/>`),
		"deep":                manifest("money", "1.0", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)),
		"longer than allowed": manifest("money", "1.0", "<!--"+strings.Repeat("x", maxManifest)+"-->"),
	} {
		bad["manifest: "+what] = packedWith(text, content)
	}
	for what, raw := range bad {
		if _, err := read(t, raw); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

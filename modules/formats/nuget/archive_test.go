package nuget

import (
	"bytes"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/nuget/nugettest"
)

func read(t *testing.T, metadata string, files ...formattest.Entry) *contents {
	t.Helper()
	b := nugettest.Package("Acme.Money", "1.0.0", metadata, files...)
	c, err := readPackage(t.Context(), bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestIcon(t *testing.T) {
	t.Parallel()
	const png, jpeg = "\x89PNG\r\n\x1a\n....", "\xff\xd8\xff...."
	for what, c := range map[string]struct {
		icon, file, content string
		kind, name          string
	}{
		"PNG":          {"icon.png", "icon.png", png, "png", "icon.png"},
		"JPEG":         {`images\icon.jpg`, "images/icon.jpg", jpeg, "jpeg", "images/icon.jpg"},
		"another case": {"./Icon.png", "icon.PNG", png, "png", "icon.PNG"},
		"escaped":      {"my icon.png", "my%20icon.png", png, "png", "my%20icon.png"},
		"by its bytes": {"icon.png", "icon.png", jpeg, "jpeg", "icon.png"},
		"a page":       {"icon.png", "icon.png", "<svg onload='alert(1)'/>", "", "icon.png"},
		"absent":       {"icon.png", "other.png", png, "", "icon.png"},
		"large":        {"icon.png", "icon.png", png + strings.Repeat("x", maxIcon), "", "icon.png"},
		"none":         {"", "icon.png", png, "", ""},
	} {
		got := read(t, "<icon>"+c.icon+"</icon>", formattest.Entry{Name: c.file, Text: c.content})
		if got.IconKind != c.kind || got.Icon != c.name {
			t.Errorf("%s: %q, %q", what, got.IconKind, got.Icon)
		}
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		metadata, file, content, want string
	}{
		"named":       {`<readme>docs\about.md</readme>`, "docs/about.md", "# Hi", "# Hi"},
		"usual":       {"", "readme.md", "# Hi", "# Hi"},
		"elsewhere":   {"", "docs/readme.md", "# Hi", ""},
		"not UTF-8":   {"", "README.md", "\ufeff\xff\x00", "\uFFFD"},
		"too long":    {"", "README.md", strings.Repeat("x", maxReadme+1), ""},
		"named twice": {"<readme>a.md</readme>", "README.md", "# Hi", ""},
	} {
		if got := read(t, c.metadata, formattest.Entry{Name: c.file, Text: c.content}); got.readme.Text != c.want {
			t.Errorf("%s: %.40q", what, got.readme.Text)
		}
	}
}

func TestParsePDB(t *testing.T) {
	t.Parallel()
	right := nugettest.PDB(guid)
	if got, err := ParsePDB(strings.NewReader(right), int64(len(right))); err != nil || got != signature {
		t.Errorf("%s, %v", got, err)
	}
	with := func(at int, b string) string { return right[:at] + b + right[at+len(b):] }
	for what, text := range map[string]string{
		"nothing":           "",
		"a Windows PDB":     "Microsoft C/C++ MSF 7.00\r\n\x1aDS\x00\x00\x00",
		"a header":          right[:16],
		"no streams":        with(30, "\x00\x00"),
		"many streams":      with(30, "\xff\xff"),
		"a long version":    with(12, "\xff\xff\xff\xff"),
		"a cut list":        right[:40],
		"an endless name":   with(40, "#Pdbxxxxyyyyzzzz"),
		"another stream":    with(40, "#Pdx"),
		"a stream too far":  with(32, "\xff\xff\xff\x7f"),
		"a stream at large": with(32, "\xff\xff\xff\xff"),
		"a short stream":    with(36, "\x08\x00\x00\x00"),
		"half a stream":     right[:50],
	} {
		if got, err := ParsePDB(strings.NewReader(text), int64(len(text))); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

package pypi

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func read(t testing.TB, file string, content []byte) (*distribution, error) {
	t.Helper()
	f, err := parseFileName(file)
	if err != nil {
		t.Fatal(err)
	}
	return readDistribution(context.Background(), bytes.NewReader(content), int64(len(content)), &f)
}

func TestReadWheel(t *testing.T) {
	t.Parallel()
	d, err := read(t, "money-1.0-py3-none-any.whl", zipped(t, wheelEntries("money", "1.0", "Requires-Python: >=3\n")...))
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "money" || d.path != "money-1.0.dist-info/METADATA" || len(d.digest) != 64 || d.RequiresPython != ">=3" {
		t.Errorf("%+v", d)
	}
	// Names and versions may be spelled in different ways at each place.
	entries := wheelEntries("Acme.Money", "1.0.0")
	if _, err := read(t, "acme_money-1.0-py3-none-any.whl", zipped(t, entries...)); err != nil {
		t.Error(err)
	}
	// Folders have no line, and signatures of the RECORD need none.
	signed := append(wheelEntries("money", "1.0"), entry{"money-1.0.dist-info/RECORD.jws", "{}"}, entry{"empty/", ""})
	if _, err := read(t, "money-1.0-py3-none-any.whl", zipped(t, signed...)); err != nil {
		t.Error(err)
	}
}

// Incident 23 (CVE-2025-54368): a wheel whose RECORD and zip file differ, or
// whose zip file readers read in different ways, is installed differently than
// it is scanned.
func TestReadWheelRefuses(t *testing.T) {
	t.Parallel()
	right := wheelEntries("money", "1.0")
	const info = "money-1.0.dist-info/"
	without := func(name string) []entry {
		return slices.DeleteFunc(slices.Clone(right), func(e entry) bool { return e.name == name })
	}
	edited := func(name string, edit func(string) string) []entry {
		out := slices.Clone(right)
		for i := range out {
			if out[i].name == name {
				out[i].text = edit(out[i].text)
			}
		}
		return out
	}
	record := func(edit func(string) string) []entry { return edited(info+"RECORD", edit) }
	for what, c := range map[string]struct {
		entries []entry
		says    string
	}{
		"no dist-info":          {[]entry{{"money/__init__.py", ""}}, "no .dist-info"},
		"two dist-infos":        {append(slices.Clone(right), entry{"other-1.0.dist-info/METADATA", ""}), "two .dist-info"},
		"one in capitals":       {append(slices.Clone(right), entry{"MONEY-1.0.DIST-INFO/METADATA", ""}), ""},
		"no METADATA":           {without(info + "METADATA"), "no METADATA"},
		"no WHEEL":              {without(info + "WHEEL"), "no WHEEL"},
		"no RECORD":             {without(info + "RECORD"), "no RECORD"},
		"a file beside RECORD":  {append(slices.Clone(right), entry{"evil.py", ""}), `"evil.py" is in the wheel, but not`},
		"a missing file":        {without("money/__init__.py"), "but not in the wheel"},
		"a changed file":        {edited("money/__init__.py", func(string) string { return "evil()\n" }), "other bytes"},
		"another size":          {record(func(s string) string { return strings.Replace(s, ",5\n", ",6\n", 1) }), "other bytes"},
		"no digest":             {record(func(s string) string { return strings.Replace(s, "sha256=", "", 1) }), "no digest of the form"},
		"an empty digest":       {record(func(s string) string { return "money/__init__.py,," + s[strings.Index(s, "\n"):] }), "no digest"},
		"a weak digest":         {record(func(s string) string { return strings.Replace(s, "sha256=", "md5=", 1) }), `"md5"`},
		"a line twice":          {record(func(s string) string { return s + s[:strings.Index(s, "\n")+1] }), "twice"},
		"two columns":           {record(func(s string) string { return s + "a,b\n" }), "malformed"},
		"a negative size":       {record(func(s string) string { return strings.Replace(s, ",5\n", ",-5\n", 1) }), "no size"},
		"a climb in RECORD":     {record(func(s string) string { return s + "../../evil.py,,\n" }), "but not in the wheel"},
		"a climb":               {append(slices.Clone(right), entry{"../evil.py", ""}), "evil.py"},
		"an absolute name":      {append(slices.Clone(right), entry{"/etc/passwd", ""}), "absolute"},
		"a name twice":          {append(slices.Clone(right), entry{"money/__init__.py", ""}), "twice"},
		"a later format":        {edited(info+"WHEEL", func(string) string { return "Wheel-Version: 2.0\n" }), "Wheel-Version"},
		"no format":             {edited(info+"WHEEL", func(string) string { return "Tag: py3-none-any\n" }), "Wheel-Version"},
		"another name inside":   {edited(info+"METADATA", func(string) string { return metadataText("other", "1.0") }), "its name has to say the same"},
		"another version":       {edited(info+"METADATA", func(string) string { return metadataText("money", "2.0") }), "its name has to say the same"},
		"a wrong dist-info":     {withRecord("other-1.0.dist-info/", entry{"other-1.0.dist-info/METADATA", metadataText("money", "1.0")}, entry{"other-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"}), "is not that of"},
		"METADATA is a folder":  {append(without(info+"METADATA"), entry{info + "METADATA/x", ""}), "METADATA"},
		"METADATA is no header": {edited(info+"METADATA", func(string) string { return "\x00\x01" }), "malformed"},
		"a bomb":                {append(slices.Clone(right), entry{"zeros", strings.Repeat("\x00", 40<<20)}), "times its size"},
	} {
		_, err := read(t, "money-1.0-py3-none-any.whl", zipped(t, c.entries...))
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	good := zipped(t, right...)
	for what, content := range map[string][]byte{
		"nothing": {}, "half": good[:len(good)/2], "bytes behind it": append(bytes.Clone(good), 'x'), "two": append(bytes.Clone(good), good...),
		"a tar": tarred(t, right...),
	} {
		if _, err := read(t, "money-1.0-py3-none-any.whl", content); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestReadSource(t *testing.T) {
	t.Parallel()
	entries := []entry{{"acme-money-1.0/setup.py", "x"}, {"acme-money-1.0/PKG-INFO", metadataText("Acme.Money", "1.0.0")}, {"acme-money-1.0/a/PKG-INFO", "x"}}
	for file, content := range map[string][]byte{
		"acme_money-1.0.tar.gz": tarred(t, entries...),
		"acme-money-1.0.zip":    zipped(t, entries...),
	} {
		d, err := read(t, file, content)
		if err != nil || d.Name != "Acme.Money" || d.path != "acme-money-1.0/PKG-INFO" {
			t.Errorf("%s: %+v, %v", file, d, err)
		}
	}
}

func TestReadSourceRefuses(t *testing.T) {
	t.Parallel()
	info := entry{"money-1.0/PKG-INFO", metadataText("money", "1.0")}
	for what, c := range map[string]struct {
		entries []entry
		says    string
	}{
		"nothing":             {nil, "no PKG-INFO"},
		"no PKG-INFO":         {[]entry{{"money-1.0/setup.py", ""}}, "no PKG-INFO"},
		"one too deep":        {[]entry{{"money-1.0/money.egg-info/PKG-INFO", info.text}}, "no PKG-INFO"},
		"two folders":         {[]entry{info, {"other/x", ""}}, "at its top"},
		"a file at the top":   {[]entry{info, {"evil.py", ""}}, "at its top"},
		"another folder":      {[]entry{{"other-1.0/PKG-INFO", info.text}}, "is called"},
		"another name inside": {[]entry{{"money-1.0/PKG-INFO", metadataText("other", "1.0")}}, "its name has to say the same"},
		"a climb":             {[]entry{info, {"money-1.0/../../evil", ""}}, ".."},
		"PKG-INFO twice":      {[]entry{info, info}, "twice"},
		"a large PKG-INFO":    {[]entry{{"money-1.0/PKG-INFO", strings.Repeat("x", maxMetadata+1)}}, "bytes"},
	} {
		for file, content := range map[string][]byte{"money-1.0.tar.gz": tarred(t, c.entries...), "money-1.0.zip": zipped(t, c.entries...)} {
			_, err := read(t, file, content)
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s in %s: %v", what, file, err)
			}
		}
	}
	if _, err := read(t, "money-1.0.tar.gz", zipped(t, info)); !fault.Is(err, fault.Invalid) {
		t.Errorf("a zip file under the name of a tar: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, _ := parseFileName("money-1.0.tar.gz")
	content := tarred(t, info)
	if _, err := readDistribution(ctx, bytes.NewReader(content), int64(len(content)), &f); err != context.Canceled {
		t.Errorf("nobody waits for it: %v", err)
	}
}

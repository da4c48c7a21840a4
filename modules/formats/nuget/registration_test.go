package nuget

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/nuget/nugettest"
	"ingot.dev/modules/golden"
)

// shop is a shelf with packages of every kind.
func shop(t testing.TB) *shelf {
	t.Helper()
	s := newShelf()
	const more = `<title>Money</title><summary>Exact amounts</summary><owners>acme, ann</owners><tags>money exact</tags><license type="expression">MIT</license>
<licenseUrl>https://licenses.nuget.org/MIT</licenseUrl><projectUrl>https://money.example/?a=b&amp;c=d</projectUrl><icon>images\icon.png</icon><readme>docs\README.md</readme>
<dependencies><group targetFramework="net45"><dependency id="Acme.Decimals" version="[1.0,2.0)" /></group><group targetFramework="net6.0"/></dependencies>`
	for _, v := range []string{"1.0", "1.1.0", "2.0.0-beta", "2.0.0-rc.1+sha"} {
		content := nugettest.Package("Acme.Money", v, more,
			formattest.Entry{Name: "images/icon.png", Text: "\x89PNG\r\n\x1a\nof " + v}, formattest.Entry{Name: "docs/README.md", Text: "# Money <&>\n"})
		if w := s.send(t, "PUT", "", content); w.Code != 201 {
			t.Fatal(w.Body)
		}
	}
	s.put(t, "Acme.Decimals", "<tags>exact</tags>", "1.0.0")
	s.put(t, "acme.tool", `<packageTypes><packageType name="DotnetTool"/></packageTypes>`, "0.1.0-alpha")
	s.put(t, "acme.later", "", "1.0.0-a.b")
	money := s.packages["acme.money"]
	money.versions[2].Yanked = true // 1.1.0
	maps.Copy(money.versions[3].Properties, map[string]string{deprecatedSetting: "CriticalBugs", reasonSetting: "Rounds down", alternativeSetting: "Acme.Decimals"})
	money.Downloads = 12
	for i, v := range money.versions {
		v.Downloads = int64(i)
	}
	return s
}

// indented makes JSON readable.
func indented(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for file, path := range map[string]string{
		"index.json": "v3/index.json", "flat.json": "v3/flatcontainer/acme.money/index.json",
		"registration.json": "v3/registration/acme.money/index.json", "registration2.json": "v3/registration-semver2/Acme.Money/index.json",
		"leaf.json": "v3/registration/acme.money/1.1.0.json",
	} {
		golden.Equal(t, file, indented(t, s.get(t, path)))
	}
	if a, b := s.get(t, "v3/registration-semver2/acme.money/2.0.0-rc.1.json"), s.get(t, "v3/registration-semver2/ACME.MONEY/2.0-RC.1.json"); a != b {
		t.Errorf("two spellings have two leaves: %s and %s", a, b)
	}
	for path, want := range map[string]string{
		"v3/registration/acme.later/index.json":                          "not found: acme.later has no version that clients",
		"v3/registration/acme.money/2.0.0-rc.1.json":                     "not found: Acme.Money 2.0.0-rc.1 is a version of SemVer",
		"v3/registration/acme.unheard/index.json":                        "not found: ",
		"v3/registration/a..b/index.json":                                "not found: ",
		"v3/registration/acme.money/9.9.json":                            "not found: ",
		"v3/registration/acme.money/page/1.json":                         "not found: ",
		"v3/registration/acme.money/page/-1.json":                        "not found: ",
		"v3/registration/acme.money/page/00.json":                        "not found: ",
		"v3/flatcontainer/acme.money/1.0.0/other.nuspec":                 "not found: ",
		"v3/flatcontainer/acme.money/1.0.0/icon":                         "\x89PNG\r\n\x1a\nof 1.0",
		"v3/flatcontainer/acme.decimals/1.0.0/icon":                      "not found: ",
		"v3/flatcontainer/acme.money/1.0.0/readme":                       "# Money <&>\n",
		"v3/flatcontainer/acme.decimals/1.0.0/readme":                    "not found: ",
		"v3/flatcontainer/acme.decimals/1.0.0/acme.money.1.0.0.nupkg":    "not found: ",
		"v3/flatcontainer/acme.decimals/9.0.0/acme.decimals.9.0.0.nupkg": "not found: ",
		"package/Acme.Money/9.9":                                         "not found: ",
	} {
		if got := s.get(t, path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.100q", path, got)
		}
	}
	if got := s.get(t, "v3/flatcontainer/acme.decimals/1.0.0/acme.decimals.nuspec"); got != nugettest.Nuspec("Acme.Decimals", "1.0.0", "<tags>exact</tags>") {
		t.Errorf("the manifest is %s", got)
	}
}

// The manifest and the icon were taken out of the package when it was published:
// nothing opens it again, and to look at them is no download.
func TestParts(t *testing.T) {
	t.Parallel()
	s := shop(t)
	files := s.packages["acme.money"].versions[3].Files // of 1.0.0
	if len(files) != 2 || files[0].Name != "Acme.Money.1.0.0.nupkg" || files[1].Name != "icon/icon.png" || files[1].MediaType != "image/png" {
		t.Fatalf("the files are %+v", files)
	}
	if n := len(s.packages["acme.decimals"].versions[0].Files); n != 1 {
		t.Errorf("a package without an icon has %d files", n)
	}
	delete(s.bodies, files[0].Digests.SHA256)
	for part, want := range map[string]string{"acme.money.nuspec": "<id>Acme.Money</id>", "icon": "\x89PNG\r\n\x1a\nof 1.0"} {
		if got := s.get(t, "v3/flatcontainer/acme.money/1.0.0/"+part); !strings.Contains(got, want) {
			t.Errorf("%s: %.100q", part, got)
		}
	}
	if s.counted != 0 {
		t.Error("an icon counts as a download")
	}
	s.get(t, "v3/flatcontainer/acme.money/1.0.0/acme.money.1.0.0.nupkg")
	if s.counted != 1 {
		t.Error("a package counts as none")
	}
}

// A version whose package somebody deleted alone is told of nowhere.
func TestWithoutPackage(t *testing.T) {
	t.Parallel()
	s := shop(t)
	decimals := s.packages["acme.decimals"].versions[0]
	decimals.Files[0].Name = "Acme.Decimals.1.0.0.snupkg"
	for path, want := range map[string]string{
		"v3/flatcontainer/acme.decimals/index.json": `{"versions":[]}`, "v3/registration/acme.decimals/index.json": "not found: ", "v3/registration/acme.decimals/1.0.0.json": "not found: ",
		"v3/flatcontainer/acme.decimals/1.0.0/acme.decimals.nuspec": "not found: ", "v3/query?q=decimals": `{"data":[],`, "v3/autocomplete?id=acme.decimals": `{"data":[]}`,
		"Packages(Id='Acme.Decimals',Version='1.0.0')": "not found: ", "FindPackagesById()/$count?id='Acme.Decimals'": "0",
	} {
		if got := s.get(t, path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.100q", path, got)
		}
	}
}

// Up to 127 versions are in the index; more are in pages of 64.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newShelf()
	fill := func(n int) {
		for i := range n {
			v := fmt.Sprintf("1.%d.0", i)
			if _, err := s.Version(t.Context(), "A", v); err != nil {
				s.put(t, "A", "", v)
			}
		}
	}
	read := func(path string, v any) {
		t.Helper()
		if err := json.Unmarshal([]byte(s.get(t, path)), v); err != nil {
			t.Fatal(err)
		}
	}
	fill(inlined)
	var i index
	read("v3/registration/a/index.json", &i)
	if i.Count != 2 || len(i.Items) != 2 || len(i.Items[0].Items) != 64 || len(i.Items[1].Items) != 63 || i.Items[1].Lower != "1.64.0" || i.Items[1].Upper != "1.126.0" {
		t.Errorf("of 127 versions: %d pages, %d and %d", i.Count, len(i.Items[0].Items), len(i.Items[1].Items))
	}
	fill(130)
	i = index{}
	read("v3/registration/a/index.json", &i)
	if i.Count != 3 || i.Items[0].Items != nil || i.Items[2].Count != 2 {
		t.Errorf("of 130 versions: %+v", i)
	}
	seen := 0
	for _, in := range i.Items {
		var p page
		read(strings.TrimPrefix(in.ID, base+"/"), &p)
		if len(p.Items) != in.Count || p.Lower != in.Lower || p.Upper != in.Upper || p.Parent != i.ID {
			t.Errorf("the page %s has %d of %s to %s", in.ID, len(p.Items), p.Lower, p.Upper)
		}
		for _, l := range p.Items {
			if want := fmt.Sprintf("1.%d.0", seen); l.Entry.Version != want {
				t.Errorf("%s stands where %s should", l.Entry.Version, want)
			}
			seen++
		}
	}
	if seen != 130 {
		t.Errorf("there are %d", seen)
	}
}

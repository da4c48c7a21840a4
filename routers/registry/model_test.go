package registry

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/modules/hal"
	"ingot.dev/modules/scope"
)

type split struct{ format.Format }

func (split) Group(name string) (string, string) {
	if name == "Package" {
		return "group", "artefact"
	}
	return strings.ToLower(name), strings.ToLower(name)
}

// The examples of the original's documentation, to the order of the keys.
func TestModelsAreTheExamples(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02T15:04:05.999999", s, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	project := func(uuid string) scope.Scope {
		return scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 1}, UUID: uuid}
	}
	api := &API{groups: map[string]format.Grouped{"generic": split{}, "nuget": split{}}}
	ungrouped := &API{}
	versions := []*format.Version{
		{
			UUID: "fb97db0e-aaaa-aaaa-aaaa-9a95f4f36e9a", Name: "1.2.3", Downloads: 12, Upload: format.Manually,
			Files: []*format.File{{
				UUID: "6dd3bea5-aaaa-aaaa-aaaa-c49a0025279c", Name: "gitflic-helper", Size: 631382, Upload: format.Manually,
				Digests: blob.Digests{
					MD5:    "518e87b56adeaaaaaaaa9b6575399e1e",
					SHA1:   "d06a0844f92daaaaaaaaaaaaaaaa275c448ce0e1",
					SHA256: "ad98cee24564aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac56a27d22ac1",
				},
				Created: at("2024-08-01T06:57:07.150295"),
			}},
		},
		{
			UUID: "800cad33-aaaa-aaaa-aaaa-8ba5864b4914", Name: "2.4.7", Downloads: 31, Upload: format.API,
			Files: []*format.File{{
				UUID: "684068a6-aaaa-aaaa-aaaa-bebea0e2b46a", Name: "gitflic.ssh", Size: 4325, Upload: format.API,
				Digests: blob.Digests{
					MD5:    "d41d8cd98f00aaaaaaaa0998ecf8427e",
					SHA1:   "da39a3ee5e6baaaaaaaaaaaaaaaa1890afd80709",
					SHA256: "e3b0c44298fcaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa991b7852b855",
				},
				Created: at("2024-07-31T14:02:49.393146"),
			}},
		},
	}
	files := []*format.File{versions[0].Files[0], versions[1].Files[0]}
	first := hal.Window{Size: 10}
	for name, model := range map[string]any{
		"package-list": hal.NewPage("simplePackageInfoModelList", []packageModel{
			api.packageModel(&format.Package{
				UUID: "23920af6-aaaa-aaaa-aaaa-396811188f65", Name: "Package", Latest: "1.0.0", Format: "generic",
			}, project("fc7f17df-aaaa-aaaa-aaaa-111042a265b8")),
			api.packageModel(&format.Package{
				UUID: "deb52e29-aaaa-aaaa-aaaa-737eac0eb8f7", Name: "Example", Latest: "1.0.3", Format: "nuget",
			}, project("fc7f17df-aaaa-aaaa-aaaa-189042a111b8")),
		}, first, 2),
		"package": ungrouped.packageModel(&format.Package{
			UUID: "7eeda8b0-aaaa-aaaa-aaaa-bd1fed06bf95", Name: "Package", Latest: "1.0.1", Format: "generic",
		}, project("fc7f17df-aaaa-aaaa-aaaa-189042a111b8")),
		"version-list": hal.NewPage("simplePackageVersionModelList", each(versions, newVersion), first, 2),
		"version":      newVersion(versions[0]),
		"file-list":    hal.NewPage("simplePackageFileModelList", each(files, newFile), first, 2),
	} {
		b, err := encode(model)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, b, "", "    "); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/example-" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEncodeKeepsCharacters(t *testing.T) {
	t.Parallel()
	b, err := encode(fileModel{Name: "a&b<c>é.zip"})
	if err != nil || !strings.Contains(string(b), `"name":"a&b<c>é.zip"`) {
		t.Errorf("%s, %v", b, err)
	}
}

// The documented name is that of the file alone: whoever downloads it gets it
// under this name.
func TestNamesAreWithoutFolders(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"lamp.bin": "lamp.bin", "linux-64/lamp.conda": "lamp.conda"} {
		if got := newFile(&format.File{Name: name}).Name; got != want {
			t.Errorf("%s is called %s, want %s", name, got, want)
		}
	}
}

func TestTimesAreUTCWithSixDigits(t *testing.T) {
	t.Parallel()
	moscow := time.FixedZone("MSK", 3*3600)
	for when, want := range map[time.Time]string{
		time.Date(2024, 8, 1, 9, 57, 7, 150295000, moscow): "2024-08-01T06:57:07.150295",
		time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC):        "2024-08-01T00:00:00.000000",
	} {
		if got := newFile(&format.File{Created: when}).Created; got != want {
			t.Errorf("%v is written %s, want %s", when, got, want)
		}
	}
}

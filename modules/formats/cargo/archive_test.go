package cargo

import (
	"bytes"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

const folderOf = "money-1.0.0/"

func manifestText(more string) string {
	return "[package]\nname = \"money\"\nversion = \"1.0.0\"\n" + more
}

// crateOfFiles makes a package of names and texts in turn, in the order given.
func crateOfFiles(pairs ...string) []byte {
	var entries []formattest.Entry
	for i := 0; i+1 < len(pairs); i += 2 {
		entries = append(entries, formattest.Entry{Name: folderOf + pairs[i], Text: pairs[i+1]})
	}
	return formattest.Tarball(entries...)
}

func TestOpenCrate(t *testing.T) {
	t.Parallel()
	const commit = "0123456789abcdef0123456789abcdef01234567"
	readme := format.Readme{Name: "README.md", Text: "# Money"}
	for what, c := range map[string]struct {
		crate  []byte
		readme format.Readme
		commit string
	}{
		"a README that is named":          {crateOfFiles("Cargo.toml", manifestText(`readme = "docs/about.md"`), "README.md", "no", "docs/about.md", "yes"), format.Readme{Name: "docs/about.md", Text: "yes"}, ""},
		"one before its name":             {crateOfFiles("README.md", "# Money", "Cargo.toml", manifestText(`readme = "./README.md"`)), readme, ""},
		"one that nobody names":           {crateOfFiles("Cargo.toml", manifestText(""), "README", "no", "README.md", "# Money", "README.txt", "no"), readme, ""},
		"one by default":                  {crateOfFiles("Cargo.toml", manifestText("readme = true"), "README.md", "# Money"), readme, ""},
		"none":                            {crateOfFiles("Cargo.toml", manifestText("readme = false"), "README.md", "# Money"), format.Readme{}, ""},
		"one that is not there":           {crateOfFiles("Cargo.toml", manifestText(`readme = "ABOUT"`), "README.md", "# Money"), format.Readme{}, ""},
		"one that is too long":            {crateOfFiles("Cargo.toml", manifestText(""), "README.md", strings.Repeat("x", maxReadme+1)), format.Readme{}, ""},
		"one that is no text":             {crateOfFiles("Cargo.toml", manifestText(""), "README.md", "a\x00b\xff"), format.Readme{Name: "README.md", Text: "ab\uFFFD"}, ""},
		"a commit":                        {crateOfFiles(".cargo_vcs_info.json", `{"git": {"sha1": "`+commit+`"}, "path_in_vcs": ""}`, "Cargo.toml", manifestText("")), format.Readme{}, commit},
		"a commit and changes":            {crateOfFiles(".cargo_vcs_info.json", `{"git": {"sha1": "`+commit+`", "dirty": true}}`, "Cargo.toml", manifestText("")), format.Readme{}, ""},
		"something instead of the commit": {crateOfFiles(".cargo_vcs_info.json", `{"git": {"sha1": "../../x"}}`, "Cargo.toml", manifestText("")), format.Readme{}, ""},
	} {
		got, err := openCrate(bytes.NewReader(c.crate), int64(len(c.crate)))
		if err != nil || got.Readme != c.readme || got.Commit != c.commit || got.Name != "money" {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

// Incident 22 (npm CVE-2019-16776, links out of a package) and RUSTSEC's
// CVE-2022-36113: a crate that brought cargo's own mark, as a link.
func TestOpenCrateRefuses(t *testing.T) {
	t.Parallel()
	bad := formattest.HostileTarballs(folderOf+"Cargo.toml", manifestText(""))
	for what, crate := range map[string][]byte{
		"the mark of cargo":       crateOfFiles("Cargo.toml", manifestText(""), ".cargo-ok", "ok"),
		"the mark in capitals":    crateOfFiles("Cargo.toml", manifestText(""), ".CARGO-OK", "ok"),
		"another case":            crateOfFiles("Cargo.toml", manifestText(""), "CARGO.toml", manifestText("")),
		"a dot behind":            crateOfFiles("Cargo.toml", manifestText(""), "Cargo.toml.", manifestText("")),
		"a long manifest":         crateOfFiles("Cargo.toml", manifestText("# "+strings.Repeat("x", maxManifest))),
		"of another crate":        crateOfFiles("Cargo.toml", strings.Replace(manifestText(""), "money", "other", 1)),
		"of another version":      crateOfFiles("Cargo.toml", strings.Replace(manifestText(""), "1.0.0", "1.0.1", 1)),
		"of another spelling":     crateOfFiles("Cargo.toml", strings.Replace(manifestText(""), "money", "Money", 1)),
		"a manifest in a folder":  crateOfFiles("src/Cargo.toml", manifestText("")),
		"a manifest of a feature": crateOfFiles("Cargo.toml", manifestText("[features]\n\"\" = []\n")),
	} {
		bad[what] = crate
	}
	for what, crate := range bad {
		c, err := openCrate(bytes.NewReader(crate), int64(len(crate)))
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s is taken as %+v, %v", what, c, err)
		}
	}
}

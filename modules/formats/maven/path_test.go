package maven

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func TestParsePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]Path{
		"org/example/lib/1.0/lib-1.0.jar": {
			Kind: File, Group: "org.example", Artifact: "lib", Version: "1.0", Name: Name{File: "lib-1.0.jar", Extension: "jar"},
		},
		"org/example/lib/1.0/lib-1.0-sources.jar.sha1": {
			Kind: File, Sum: "sha1", Group: "org.example", Artifact: "lib", Version: "1.0",
			Name: Name{File: "lib-1.0-sources.jar", Classifier: "sources", Extension: "jar"},
		},
		"g/a.b/1/a.b-1-linux-x86_64.v2.tar.gz.asc": {
			Kind: File, Group: "g", Artifact: "a.b", Version: "1",
			Name: Name{File: "a.b-1-linux-x86_64.v2.tar.gz.asc", Classifier: "linux-x86_64.v2", Extension: "tar.gz.asc"},
		},
		"g/a/1/a-1.tar.gz": {Kind: File, Group: "g", Artifact: "a", Version: "1", Name: Name{File: "a-1.tar.gz", Extension: "tar.gz"}},
		"g/a/1/a-1-1.jar":  {Kind: File, Group: "g", Artifact: "a", Version: "1", Name: Name{File: "a-1-1.jar", Classifier: "1", Extension: "jar"}},
		"g/a/1.0-SNAPSHOT/a-1.0-20240131.235959-12-tests.jar": {
			Kind: File, Group: "g", Artifact: "a", Version: "1.0-SNAPSHOT",
			Name: Name{File: "a-1.0-20240131.235959-12-tests.jar", Build: Build{"20240131.235959", 12}, Classifier: "tests", Extension: "jar"},
		},
		"g/a/1.0-SNAPSHOT/a-1.0-SNAPSHOT.pom.md5": {
			Kind: File, Sum: "md5", Group: "g", Artifact: "a", Version: "1.0-SNAPSHOT", Name: Name{File: "a-1.0-SNAPSHOT.pom", Extension: "pom"},
		},
		"g/a/SNAPSHOT/a-20240131.235959-1.jar": {
			Kind: File, Group: "g", Artifact: "a", Version: "SNAPSHOT",
			Name: Name{File: "a-20240131.235959-1.jar", Build: Build{"20240131.235959", 1}, Extension: "jar"},
		},
		"org/example/lib/maven-metadata.xml":                     {Kind: Metadata, Group: "org.example", Artifact: "lib", Plugins: "org.example.lib"},
		"org/example/my.lib/maven-metadata.xml":                  {Kind: Metadata, Group: "org.example", Artifact: "my.lib"},
		"org/maven-metadata.xml.sha512":                          {Kind: Metadata, Sum: "sha512", Plugins: "org"},
		"org/example/lib/1.0-SNAPSHOT/maven-metadata.xml":        {Kind: Snapshot, Group: "org.example", Artifact: "lib", Version: "1.0-SNAPSHOT"},
		"org/example/lib/1.0-SNAPSHOT/maven-metadata.xml.sha256": {Kind: Snapshot, Sum: "sha256", Group: "org.example", Artifact: "lib", Version: "1.0-SNAPSHOT"},
		"archetype-catalog.xml":                                  {Kind: Catalog},
		"archetype-catalog.xml.md5":                              {Kind: Catalog, Sum: "md5"},
	} {
		got, err := ParsePath(path)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", path, err, diff)
		}
	}
}

// Incident 10 (Nexus CVE-2024-4956) and incident 13 (NEXUS-31354): what the
// grammar of the layout does not have is no path.
func TestParsePathRefuses(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"", "a", "a/b", "a/b/c", "/", "a//b/c/d", "maven-metadata.xml", "x/archetype-catalog.xml",
		"org/ex.ample/lib/1.0/lib-1.0.jar",    // a dot in a folder of the group
		"org/example/lib/1.0/other-1.0.jar",   // another artifact
		"org/example/lib/1.0/lib-1.1.jar",     // another version
		"org/example/lib/1.0/lib-1.0",         // no extension
		"org/example/lib/1.0/lib-1.0.",        // an empty one
		"org/example/lib/1.0/lib-1.0-.jar",    // an empty classifier
		"org/example/lib/1.0/lib-1.0-sources", // a classifier alone
		"org/example/lib/1.0/lib-1.0jar",      // nothing between
		"org/example/lib/1.0/lib-1.0.jar.", "org/example/lib/1.0/lib-1.0.tar..gz",
		"org/example/lib/1.0/lib-1.0.jar.md5.md5", "org/example/lib/1.0/lib-1.0.sha1", // a checksum of a checksum, or of nothing
		"org/example/lib/1.0/maven-metadata.txt",
		"org/example/lib/1.0-20240131.235959-1/lib-1.0-20240131.235959-1.jar", // a build is no version
		"org/example/lib/1.0-SNAPSHOT/lib-1.0-20240131.235959.jar",            // no build number
		"org/example/lib/1.0-SNAPSHOT/lib-1.0-20240131.235959-01.jar",         // a second spelling
		"org/example/lib/1.0-SNAPSHOT/lib-1.0-20240131.235959-99999999999999999999.jar",
		"org/example/lib/1.0-SNAPSHOT/lib-1.0.jar",
		"org/example/lib/../lib-...jar", "org/example/./1/.-1.jar", "../../etc/1/etc-1.x",
		"org/example/lib/1:0/lib-1:0.jar", "org/example/lib/1 0/lib-1 0.jar", "org/example/lib/[1,2)/lib-[1,2).jar", "org/example/lib/1%2e/lib-1%2e.x",
		"org/example/lib/${v}/lib-${v}.jar", "org/éxample/lib/1/lib-1.jar", "org/example/lib/1\u202e/lib-1\u202e.jar",
		"org/example/lib/1/lib-1." + strings.Repeat("x", 300),
	} {
		if p, err := ParsePath(path); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %+v, %v", path, p, err)
		}
	}
}

func TestBaseVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.0": "1.0", "1.0-SNAPSHOT": "1.0-SNAPSHOT", "1.0-20240131.235959-7": "1.0-SNAPSHOT", "20240131.235959-7": "SNAPSHOT",
		"1.0-20240131.235959": "1.0-20240131.235959", "1.0-20240131.235959-x": "1.0-20240131.235959-x", "a-b-c": "a-b-c", "-": "-",
	} {
		if got := BaseVersion(version); got != want {
			t.Errorf("BaseVersion(%q) = %q, want %q", version, got, want)
		}
	}
}

// FuzzParsePath: what is taken is written in one way only.
func FuzzParsePath(f *testing.F) {
	for _, path := range []string{
		"org/example/lib/1.0/lib-1.0.jar", "org/example/lib/1.0-SNAPSHOT/lib-1.0-20240131.235959-12-tests.tar.gz.asc.sha1",
		"org/maven-metadata.xml", "archetype-catalog.xml.md5", "g/a/SNAPSHOT/a-20240131.235959-1.jar", "a/b/c-SNAPSHOT/maven-metadata.xml",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := ParsePath(path)
		if err != nil {
			return
		}
		if again := spelled(p); again != path {
			t.Fatalf("%q is read as %+v, which is %q", path, p, again)
		}
		if p.Package() != "" {
			if _, err := New().CanonicalName(p.Package()); err != nil {
				t.Fatalf("%q names %q: %v", path, p.Package(), err)
			}
		}
		if p.Version != "" {
			if _, err := New().CanonicalVersion(p.Version); err != nil {
				t.Fatalf("%q names the version %q: %v", path, p.Version, err)
			}
		}
	})
}

func spelled(p Path) string {
	folders := strings.ReplaceAll(p.Group, ".", "/") + "/" + p.Artifact
	if p.Artifact == "" {
		folders = strings.ReplaceAll(p.Plugins, ".", "/")
	}
	path := map[Kind]string{
		File:     folders + "/" + p.Version + "/",
		Metadata: folders + "/" + metadataFile,
		Snapshot: folders + "/" + p.Version + "/" + metadataFile,
		Catalog:  catalogFile,
	}[p.Kind]
	if p.Kind == File {
		value := p.Version
		if IsSnapshot(p.Version) {
			value = p.Name.value(p.Version)
		}
		path += p.Artifact + "-" + value
		if p.Name.Classifier != "" {
			path += "-" + p.Name.Classifier
		}
		path += "." + p.Name.Extension
	}
	if p.Sum != "" {
		path += "." + p.Sum
	}
	return path
}

package maven

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// fake is a registry in memory that counts what it is asked. What these tests
// do not ask for is not there.
type fake struct {
	format.Reader
	packages []*format.Package
	versions []*format.Version
	asked    int
}

func (f *fake) Versions(_ context.Context, name string) ([]*format.Version, error) {
	f.asked++
	var out []*format.Version
	for _, v := range f.versions {
		if v.Package == name {
			out = append(out, v)
		}
	}
	if out == nil {
		return nil, fault.New(fault.NotFound, "no %s", name)
	}
	slices.SortFunc(out, func(a, b *format.Version) int { return Compare(b.Name, a.Name) })
	return out, nil
}

func (f *fake) Version(ctx context.Context, name, version string) (*format.Version, error) {
	versions, err := f.Versions(ctx, name)
	for _, v := range versions {
		if v.Name == version {
			return v, nil
		}
	}
	return nil, fault.Wrap(fault.NotFound, err, "no %s %s", name, version)
}

func (f *fake) Search(_ context.Context, q format.Query) ([]*format.Package, int, error) {
	f.asked++
	var all []*format.Package
	for _, p := range f.packages {
		if strings.HasPrefix(p.Name, q.Prefix) {
			all = append(all, p)
		}
	}
	return all[min(q.Offset, len(all)):min(q.Offset+q.Limit, len(all))], len(all), nil
}

func (f *fake) Newest(_ context.Context, q format.Query) ([]*format.Version, int, error) {
	f.asked++
	return f.versions[min(q.Offset, len(f.versions)):min(q.Offset+q.Limit, len(f.versions))], len(f.versions), nil
}

// noon is when everything of these tests happens, and i seconds later.
func noon(i int) time.Time { return time.Date(2024, 1, 31, 12, 0, i, 0, time.UTC) }

// version makes a version of org.example:lib whose files came a second apart.
func version(name string, files ...string) *format.Version {
	v := &format.Version{Package: "org.example:lib", Name: name, Created: noon(0)}
	for i, file := range files {
		v.Files = append(v.Files, &format.File{Name: file, Created: noon(i)})
	}
	return v
}

func plug(artifact, name, prefix string) *format.Package {
	return &format.Package{Name: "org.example.lib:" + artifact, Properties: map[string]string{pluginName: name, pluginPrefix: prefix}}
}

func library() *fake {
	return &fake{
		versions: []*format.Version{
			version("1.9", "lib-1.9.jar", "lib-1.9.pom"), version("1.10"), version("2.0-rc1"), version("2.1-SNAPSHOT"), version("1.0.0"),
		},
		packages: []*format.Package{
			plug("hello-maven-plugin", "Hello", "hello"), plug("maven-bye-plugin", "Bye", ""), plug("no-plugin", "", ""), plug("odd", "Odd", "strange"),
		},
	}
}

// many is a package of n versions.
func many(n int) *fake {
	f := &fake{}
	for i := range n {
		f.versions = append(f.versions, version(fmt.Sprintf("1.%d", i), fmt.Sprintf("lib-1.%d.jar", i), fmt.Sprintf("lib-1.%d.pom", i)))
	}
	return f
}

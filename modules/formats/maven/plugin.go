package maven

import (
	"context"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// pluginPackaging is the packaging of a plugin.
const pluginPackaging = "maven-plugin"

// Properties of a package that is a plugin.
const (
	pluginName   = "plugin"        // as its pom says
	pluginPrefix = "plugin.prefix" // as its descriptor says
)

// plugin is an entry of the index of a group.
type plugin struct {
	Name     string `xml:"name"`
	Prefix   string `xml:"prefix"`
	Artifact string `xml:"artifactId"`
}

// newPlugin is false for a package that is none.
func newPlugin(p *format.Package) (plugin, bool) {
	_, artifact, _ := strings.Cut(p.Name, ":")
	out := plugin{p.Properties[pluginName], p.Properties[pluginPrefix], artifact}
	if out.Prefix == "" {
		out.Prefix = conventionalPrefix(artifact)
	}
	return out, out.Name != ""
}

// conventionalPrefix is the prefix of a plugin that does not say another:
// maven-x-plugin and x-maven-plugin have x.
func conventionalPrefix(artifact string) string {
	if x, ok := strings.CutPrefix(artifact, "maven-"); ok {
		if x, ok = strings.CutSuffix(x, "-plugin"); ok && x != "" {
			return x
		}
	}
	if x, ok := strings.CutSuffix(artifact, "-maven-plugin"); ok && x != "" {
		return x
	}
	return artifact
}

// plugins lists the plugins of a group by their prefixes.
func plugins(ctx context.Context, reg format.Reader, group string) ([]plugin, error) {
	var out []plugin
	err := each(func(q format.Query) (int, int, error) {
		q.Prefix = group + ":"
		page, total, err := reg.Search(ctx, q)
		for _, p := range page {
			if entry, ok := newPlugin(p); ok && strings.HasPrefix(p.Name, group+":") {
				out = append(out, entry)
			}
		}
		return len(page), total, err
	})
	slices.SortFunc(out, func(a, b plugin) int { return strings.Compare(a.Artifact, b.Artifact) })
	return slices.Compact(out), err
}

// each walks a list by pages: find gives the length of its page, and of all.
func each(find func(q format.Query) (n, total int, err error)) error {
	const page = 250
	for offset := 0; ; offset += page {
		n, total, err := find(format.Query{Limit: page, Offset: offset})
		if err != nil || n == 0 || offset+n >= total {
			return err
		}
	}
}

// touch has the index of an artifact made anew that has the same path as the
// group of a plugin, for it lists the plugins of the group too. Most groups
// have no such artifact.
func touch(q *format.Request, group string) error {
	at := strings.LastIndexByte(group, '.')
	if at < 0 {
		return nil
	}
	err := q.Reg.Edit(q.Context(), group[:at]+":"+group[at+1:])
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

package web

import (
	"maps"
	"slices"

	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// tagsShown is how many tags of a version are told beside its name.
const tagsShown = 12

// versionWords are the states of a version, and the tags that point at it. tags
// are those of the package.
func (c *call) versionWords(p *format.Package, k *registry.Kind, v *format.Version, tags map[string]string) []word {
	var out []word
	latest := p.Latest
	if t := tags["latest"]; t != "" && !k.Info.ByTag {
		latest = t // what clients take, be it older than the newest release
	}
	switch {
	case k.Info.ByTag && v.Name == p.Latest:
		out = append(out, word{Text: c.tr("package.newest_tag"), Kind: "good"})
	case k.Info.ByTag:
	case v.Name == latest:
		out = append(out, word{Text: c.tr("package.latest"), Kind: "good"})
	case v.Name == p.Latest:
		out = append(out, word{Text: c.tr("package.newest_release")})
	}
	if v.Prerelease {
		out = append(out, word{Text: c.tr("package.prerelease"), Kind: "warn"})
	}
	if v.Yanked {
		out = append(out, word{Text: c.tr("package.yanked"), Kind: "warn"})
	}
	return append(out, c.tagWords(p, k, v, tags)...)
}

// tagWords are the tags of a version but for the one that its name or its
// states say already. Where versions go by tags, each leads to its page.
func (c *call) tagWords(p *format.Package, k *registry.Kind, v *format.Version, tags map[string]string) []word {
	said := "latest"
	if k.Info.ByTag {
		said = v.Name
	}
	var out []word
	for _, tag := range tagsOf(k, v, tags) {
		one := word{Text: tag}
		if k.Info.ByTag {
			one.URL = versionURL(c.packageURL(p), tag)
		}
		if tag != said {
			out = append(out, one)
		}
	}
	if more := len(out) - tagsShown; more > 0 {
		out = append(out[:tagsShown], word{Text: "+" + c.locale.Number(int64(more))})
	}
	return out
}

// tagsOf lists the tags of a package that point at a version, in order.
func tagsOf(k *registry.Kind, v *format.Version, tags map[string]string) []string {
	var out []string
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		if tags[tag] == own(k, v) {
			out = append(out, tag)
		}
	}
	return out
}

// own gives the name that a version has without any tag: where versions go by
// tags, it may be looked at under the name of one.
func own(k *registry.Kind, v *format.Version) string {
	if k.Info.ByTag {
		return v.Canon
	}
	return v.Name
}

// byTag tells whether a version is looked at under the name of a tag.
func byTag(k *registry.Kind, v *format.Version) bool { return own(k, v) != v.Name }

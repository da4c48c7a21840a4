package conda

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"ingot.dev/modules/format"
)

// buildCurrent writes current_repodata.json: all builds of the newest version of
// each package, and, where they need an older one, those of the newest that does.
// Clients try it before repodata.json and fall back to that, so that it may lack
// what only the older ones need.
func buildCurrent(ctx context.Context, b format.Build, w io.Writer) error {
	chosen, err := current(ctx, b)
	if err != nil {
		return err
	}
	return tables(ctx, b, w, repodataHead, func(e *entry) bool {
		return chosen[key{e.Package, e.version}]
	}, func(dst []byte, e *entry) []byte { return e.appendRecord(dst) })
}

// key names a version of a package.
type key struct{ name, version string }

// candidate is a version of a package, and its builds.
type candidate struct {
	version string
	builds  []string
}

// Bounds of what is chosen among the versions of one package. Where there is more
// to do, all are chosen: this index may have more than it needs.
const (
	maxWanted = 4_000    // different dependencies that name the package
	maxWork   = 16 << 20 // bytes of dependencies, each as often as it is held against a version or build
)

// current chooses versions.
func current(ctx context.Context, b format.Build) (map[key]bool, error) {
	candidates := map[string][]candidate{} // by package, the newest first
	wanted := map[string]map[string]bool{} // by package, what the newest of others need of it
	chosen := map[key]bool{}
	for entries, err := range walk(ctx, b.Reg, b.Key) {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, err
		}
		newest, name := entries[0].version, entries[0].Package
		chosen[key{name, newest}] = true
		var versions []candidate
		for _, e := range entries {
			file, err := parseFileName(e.name)
			if err != nil {
				return nil, err
			}
			if last := len(versions) - 1; last < 0 || versions[last].version != e.version {
				versions = append(versions, candidate{version: e.version})
			}
			last := &versions[len(versions)-1]
			last.builds = append(last.builds, file.build)
			if e.version != newest {
				continue
			}
			var record struct {
				Depends []string `json:"depends"`
			}
			if err := json.Unmarshal(e.Record, &record); err != nil {
				return nil, err
			}
			for _, text := range record.Depends {
				of, _ := cutName(text)
				if wanted[of] == nil {
					wanted[of] = map[string]bool{}
				}
				if len(wanted[of]) <= maxWanted {
					wanted[of][text] = true
				}
			}
		}
		candidates[name] = versions
	}
	for name, texts := range wanted {
		versions, err := needed(ctx, candidates[name], texts)
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			chosen[key{name, v.version}] = true
		}
	}
	return chosen, nil
}

// needed gives, for each dependency, the newest version that fits it. The result is
// in no order.
func needed(ctx context.Context, versions []candidate, texts map[string]bool) ([]candidate, error) {
	if len(versions) < 2 || len(texts) > maxWanted {
		return versions, nil
	}
	ordinals := make([]ordinal, len(versions))
	for i, v := range versions {
		ordinals[i] = parseVersion(v.version)
	}
	var out []candidate
	left := maxWork // runs out, or not, in whatever order the dependencies come
	for text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		spec := parseSpec(text)
		for i, v := range versions {
			left -= len(text)
			fits := spec.takes(ordinals[i])
			if fits && spec.build != "" {
				left -= len(text) * len(v.builds)
				fits = slices.ContainsFunc(v.builds, spec.takesBuild)
			}
			if left < 0 {
				return versions, nil
			}
			if fits {
				out = append(out, v)
				break
			}
		}
	}
	return out, nil
}

package conda

import (
	"context"
	"encoding/json"
	"io"

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

// current chooses versions.
func current(ctx context.Context, b format.Build) (map[key]bool, error) {
	type candidate struct{ version, build string }
	builds := map[string][]candidate{} // the newest first
	wanted := map[string]bool{}        // what the newest need
	chosen := map[key]bool{}
	for entries, err := range walk(ctx, b.Reg, b.Key) {
		if err != nil {
			return nil, err
		}
		newest := entries[0].version
		name := entries[0].Package
		chosen[key{name, newest}] = true
		for _, e := range entries {
			file, err := parseFileName(e.name)
			if err != nil {
				return nil, err
			}
			builds[name] = append(builds[name], candidate{e.version, file.build})
			if e.version != newest {
				continue
			}
			var record struct {
				Depends []string `json:"depends"`
			}
			if err := json.Unmarshal(e.Record, &record); err != nil {
				return nil, err
			}
			for _, spec := range record.Depends {
				wanted[spec] = true
			}
		}
	}
	for text := range wanted {
		spec := parseSpec(text)
		for _, c := range builds[spec.name] {
			if spec.matches(c.version, c.build) {
				chosen[key{spec.name, c.version}] = true
				break // the newest that does
			}
		}
	}
	return chosen, nil
}

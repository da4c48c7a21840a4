package composer

import (
	"bytes"
	"encoding/json"
	"time"

	"ingot.dev/modules/ordered"
)

// unset is the word that stands for a key which the version before has and
// this one has not.
const unset = "__unset"

// Entry is what a registry says of a published version, beside its
// composer.json ("Repositories" in Composer's documentation, section
// packages).
type Entry struct {
	Name          string
	Version       string // as it was published
	Normalized    string // by Normalize
	Time          time.Time
	Dist          Dist
	Source        Source // left out where its URL is empty
	DefaultBranch bool
}

// Dist is where a version's archive lies.
type Dist struct {
	URL       string
	Reference string // the commit; may be empty
	SHA1      string // of the zip, in hex
}

// Source is where a version's repository lies.
type Source struct {
	URL       string
	Reference string // the commit
}

// registryKeys are the keys of version objects that only the registry may fill: a
// publisher's composer.json that has them could send the users' Composer to
// other hosts, or with other credentials and options.
var registryKeys = []string{
	"version", "version_normalized", "version-normalized", "time", "dist", "source",
	"default-branch", "installation-source", "notification-url", "transport-options",
	"security-advisories", "uid",
}

// VersionObject makes the object that stands for a version in metadata from
// its composer.json, which passed ParseManifest, and what the registry knows.
func VersionObject(manifest []byte, e Entry) (ordered.Object, error) {
	o, err := ordered.ParseObject(manifest)
	if err != nil {
		return nil, err
	}
	o.Delete(registryKeys...)
	o.Set("name", ordered.Quote(e.Name))
	o.Set("version", ordered.Quote(e.Version))
	o.Set("version_normalized", ordered.Quote(e.Normalized))
	o.Set("time", ordered.Quote(e.Time.UTC().Format(time.RFC3339)))
	o.Set("dist", ordered.Object{
		{Key: "type", Raw: ordered.Quote("zip")},
		{Key: "url", Raw: ordered.Quote(e.Dist.URL)},
		{Key: "reference", Raw: ordered.Quote(e.Dist.Reference)},
		{Key: "shasum", Raw: ordered.Quote(e.Dist.SHA1)},
	}.AppendJSON(nil))
	if e.Source.URL != "" {
		o.Set("source", ordered.Object{
			{Key: "type", Raw: ordered.Quote("git")},
			{Key: "url", Raw: ordered.Quote(e.Source.URL)},
			{Key: "reference", Raw: ordered.Quote(e.Source.Reference)},
		}.AppendJSON(nil))
	}
	if e.DefaultBranch {
		o.Set("default-branch", json.RawMessage("true"))
	}
	return o, nil
}

// Minify writes version objects as differences, in the form that Composer
// calls composer/2.0: the first whole, each further one with only the keys
// whose text differs from the version before it, and "__unset" for a key that
// is gone. versions stand newest first; their keys are unique and no value is
// "__unset". The work is linear in the text.
func Minify(versions []ordered.Object) []ordered.Object {
	type known struct {
		raw     json.RawMessage
		version int // the last one that had the key
	}
	minified := make([]ordered.Object, len(versions))
	state := make(map[string]known)
	for i, version := range versions {
		diff := ordered.Object{}
		for _, f := range version {
			last, ok := state[f.Key]
			if !ok || !bytes.Equal(last.raw, f.Raw) {
				diff = append(diff, f)
			}
			state[f.Key] = known{f.Raw, i}
		}
		if len(state) > len(version) {
			for _, f := range versions[i-1] {
				if state[f.Key].version < i {
					diff = append(diff, ordered.Field{Key: f.Key, Raw: unsetRaw})
					delete(state, f.Key)
				}
			}
		}
		minified[i] = diff
	}
	return minified
}

var unsetRaw = ordered.Quote(unset)

// Document writes the p2 document of a package: its version objects, newest
// first, minified. A package without versions of the asked kind has an empty
// list, which Composer takes for "none of these".
func Document(name string, versions []ordered.Object) []byte {
	minified := Minify(versions)
	size := 128
	for _, o := range minified {
		for _, f := range o {
			size += len(f.Key) + len(f.Raw) + len(`"":,`)
		}
	}
	b := append(make([]byte, 0, size), `{"packages":{`...)
	b = append(append(b, ordered.Quote(name)...), ":["...)
	for i, o := range minified {
		if i > 0 {
			b = append(b, ',')
		}
		b = o.AppendJSON(b)
	}
	return append(b, `]},"minified":"composer/2.0"}`...)
}

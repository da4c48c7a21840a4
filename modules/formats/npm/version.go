package npm

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// tarballRecord is what is kept of a tarball besides its bytes.
type tarballRecord struct {
	Files      int         `json:"fileCount"`
	Unpacked   int64       `json:"unpackedSize"`
	Signatures []signature `json:"signatures,omitempty"`
}

// signature is that of a registry for a version.
type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"` // base64 of DER
}

// bundleRecord is what is kept of a provenance bundle besides its bytes.
type bundleRecord struct {
	PredicateType string `json:"predicateType"`
}

// dist is where a version's tarball is, and what is known of it.
type dist struct {
	Integrity    string        `json:"integrity"`
	Shasum       string        `json:"shasum"`
	Tarball      string        `json:"tarball"`
	Files        int           `json:"fileCount,omitempty"`
	Unpacked     int64         `json:"unpackedSize,omitempty"`
	Attestations *announcement `json:"attestations,omitempty"`
	Signatures   []signature   `json:"signatures,omitempty"`
}

// announcement says where the attestations of a version are.
type announcement struct {
	URL        string       `json:"url"`
	Provenance bundleRecord `json:"provenance"`
}

// integrity gives a sum as Subresource Integrity writes it.
func integrity(sha512 string) string {
	raw, err := hex.DecodeString(sha512)
	if err != nil {
		return ""
	}
	return "sha512-" + base64.StdEncoding.EncodeToString(raw)
}

// fileOf finds a file of a version; nil where it has none of that name.
func fileOf(v *format.Version, name string) *format.File {
	for _, f := range v.Files {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// distOf describes the tarball of a version; false where it has none.
func distOf(base string, v *format.Version) (dist, bool, error) {
	f := fileOf(v, tarballName(v.Package, v.Name))
	if f == nil {
		return dist{}, false, nil
	}
	d := dist{
		Integrity: integrity(f.Digests.SHA512), Shasum: f.Digests.SHA1,
		Tarball: base + "/" + v.Package + "/-/" + f.Name,
	}
	var record tarballRecord
	if err := json.Unmarshal(f.Metadata, &record); err != nil {
		return d, false, err
	}
	d.Files, d.Unpacked, d.Signatures = record.Files, record.Unpacked, record.Signatures
	if b := fileOf(v, bundleName(v.Package, v.Name)); b != nil {
		d.Attestations = &announcement{URL: attestationsURL(base, v.Package, v.Name)}
		if err := json.Unmarshal(b.Metadata, &d.Attestations.Provenance); err != nil {
			return d, false, err
		}
	}
	return d, true, nil
}

// abbreviatedKeys are the members of a version that installing needs ("Package
// metadata", section abbreviated).
var abbreviatedKeys = []string{
	"name", "version", "deprecated", "dependencies", "optionalDependencies", "devDependencies", "bundleDependencies",
	"peerDependencies", "peerDependenciesMeta", "acceptDependencies", "bin", "directories", "dist", "engines",
	"os", "cpu", "libc", "funding", "hasInstallScript", "_hasShrinkwrap",
}

// versionObject is a version as documents tell it. It is false for one that
// has lost its tarball.
func versionObject(base string, v *format.Version, abbreviated bool) (ordered.Object, bool, error) {
	d, ok, err := distOf(base, v)
	if err != nil || !ok {
		return nil, false, err
	}
	o, err := ordered.ParseObject(v.Metadata)
	if err != nil {
		return nil, false, err
	}
	if reason := v.Properties[deprecatedKey]; reason != "" {
		o.Set(deprecatedKey, ordered.Quote(reason))
	}
	o.Set("dist", quoted(d))
	if !abbreviated {
		return o, true, nil
	}
	short := make(ordered.Object, 0, len(abbreviatedKeys))
	for _, key := range abbreviatedKeys {
		if raw, ok := o.Lookup(key); ok {
			short = append(short, ordered.Field{Key: key, Raw: raw})
		}
	}
	return short, true, nil
}

// quoted writes a value whose types cannot fail to be written, with & and its
// like as they are.
func quoted(v any) json.RawMessage {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n"))
}

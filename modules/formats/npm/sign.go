package npm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// signatures names the key of a registry that signs versions ("ECDSA registry
// signatures" of npm's documentation).
var signatures = format.KeyName{Purpose: "signatures", Algorithm: format.ECDSAP256}

// keyType is what npm calls it.
const keyType = "ecdsa-sha2-nistp256"

// sign signs a version: its name, its number and the sum of its tarball.
func sign(ctx context.Context, ring format.Keyring, name, version, integrity string) (signature, error) {
	s, err := ring.Sign(ctx, signatures, []byte(name+"@"+version+":"+integrity))
	if err != nil {
		return signature{}, err
	}
	return signature{KeyID: s.KeyID, Sig: base64.StdEncoding.EncodeToString(s.Bytes)}, nil
}

// keys answers with the keys that signatures are checked by.
func (*NPM) keys(q *format.Request) error {
	type key struct {
		Expires *string `json:"expires"`
		ID      string  `json:"keyid"`
		Type    string  `json:"keytype"`
		Scheme  string  `json:"scheme"`
		Key     string  `json:"key"` // base64 of DER
	}
	ring, err := q.Reg.PublicKeys(q.Context(), signatures)
	if err != nil {
		return err
	}
	list := make([]key, 0, len(ring))
	for _, k := range ring {
		list = append(list, key{ID: k.ID, Type: keyType, Scheme: keyType, Key: base64.StdEncoding.EncodeToString(k.DER)})
	}
	return q.JSON(http.StatusOK, map[string][]key{"keys": list})
}

const (
	maxBundle  = 1 << 20 // bytes; real ones are under 64 KiB
	bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
)

// bundleForm is that of the types which the versions of the format have had.
var bundleForm = regexp.MustCompile(`^application/vnd\.dev\.sigstore\.bundle(\.v[0-9.]{1,8})?\+json(;version=[0-9.]{1,8})?$`)

var bundleLimits = ordered.Limits{Bytes: maxBundle, Depth: maxNesting, Values: 100_000}

// readBundle reads a provenance bundle (sigstore/protobuf-specs,
// sigstore_bundle.proto) with an in-toto statement (Statement v1), and refuses
// one that is about anything but the given tarball. Keys count as they are
// written, and once: clients must not read another subject than this does. Who
// signed it, clients check for themselves.
func readBundle(text string, m *manifest, sha512 string) (mediaType, predicateType string, err error) {
	bundle, err := ordered.Parse([]byte(text), bundleLimits)
	if err != nil {
		return "", "", fault.Wrap(fault.Unprocessable, err, "the provenance is no sigstore bundle: %v", err)
	}
	envelope, _ := bundle.Lookup("dsseEnvelope")
	payload, err := base64.StdEncoding.DecodeString(textOf(envelope, "payload"))
	if err != nil {
		return "", "", fault.Wrap(fault.Unprocessable, err, "the payload of the provenance is no base64")
	}
	statement, err := ordered.Parse(payload, bundleLimits)
	if err != nil {
		return "", "", fault.Wrap(fault.Unprocessable, err, "the provenance holds no in-toto statement: %v", err)
	}
	subjects, _ := statement.Lookup("subject")
	predicateType = textOf(statement, "predicateType")
	if len(subjects.Items) == 0 || predicateType == "" {
		return "", "", fault.New(fault.Unprocessable, "the provenance holds no in-toto statement with a subject")
	}
	subject := subjects.Items[0]
	digests, _ := subject.Lookup("digest")
	purl := "pkg:npm/" + strings.Replace(m.Name, "@", "%40", 1) + "@" + m.Version
	if name, sum := textOf(subject, "name"), textOf(digests, "sha512"); name != purl || sum != sha512 {
		return "", "", fault.New(fault.Unprocessable, "the provenance is about %.300q with the sha512 %.128q, and not about this tarball of %s", name, sum, purl)
	}
	if mediaType = textOf(bundle, "mediaType"); !bundleForm.MatchString(mediaType) {
		mediaType = bundleType
	}
	return mediaType, predicateType, nil
}

// provenance makes a file of the provenance bundle that a body brings.
func provenance(q *format.Request, b *body, a attachment, m *manifest, d blob.Digests) (format.NewFile, error) {
	text, err := b.text(a, maxBundle)
	if err != nil {
		return format.NewFile{}, err
	}
	media, predicate, err := readBundle(text, m, d.SHA512)
	if err != nil {
		return format.NewFile{}, err
	}
	record, err := json.Marshal(bundleRecord{predicate})
	if err != nil {
		return format.NewFile{}, err
	}
	staged, err := q.Reg.Stage(q.Context(), strings.NewReader(text), maxBundle)
	return format.NewFile{Name: bundleName(m.Name, m.Version), MediaType: media, Metadata: record, Body: staged}, err
}

// attestations answers with the provenance of a version, of which the address
// has the name and the number.
func (*NPM) attestations(q *format.Request) error {
	subject := nameOf(q)
	at := strings.LastIndexByte(subject, '@')
	if at < 1 {
		return fault.New(fault.NotFound, "say which version: name@1.2.3")
	}
	name, version := subject[:at], subject[at+1:]
	file, err := q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: bundleName(strings.ToLower(name), version)})
	if err != nil {
		return fault.Wrap(fault.From(err).Kind, err, "there are no attestations of %s", subject)
	}
	r, err := q.Reg.Open(q.Context(), file)
	if err != nil {
		return err
	}
	defer r.Close()
	bundle, err := io.ReadAll(io.LimitReader(r, maxBundle))
	if err != nil {
		return err
	}
	var record bundleRecord
	if err := json.Unmarshal(file.Metadata, &record); err != nil {
		return err
	}
	type attestation struct {
		PredicateType string          `json:"predicateType"`
		Bundle        json.RawMessage `json:"bundle"`
	}
	return q.JSON(http.StatusOK, map[string][]attestation{"attestations": {{record.PredicateType, bundle}}})
}

// attestationsURL is where the attestations of a version are asked for.
func attestationsURL(base, name, version string) string {
	return base + "/-/npm/v1/attestations/" + url.PathEscape(name) + "@" + version
}

package rubygem

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Bounds of the attestations of one gem.
const (
	maxBundles   = 1 << 20 // bytes
	maxBundleNum = 8
)

var bundleLimits = ordered.Limits{Bytes: maxBundles, Depth: 32, Values: 50_000}

// bundleForm is that of the types which the versions of the format have had.
var bundleForm = regexp.MustCompile(`^application/vnd\.dev\.sigstore\.bundle(\.v[0-9.]{1,8})?\+json(;version=[0-9.]{1,8})?$`)

// attestationsName is what the file of attestations about a gem is called.
func attestationsName(name, version string) string {
	return fullName(name, version) + ".attestations.json"
}

// attestations makes a file of what a push says is attested.
func attestations(q *format.Request, bundles string, s *spec, sha256 string) (format.NewFile, error) {
	if err := checkBundles(bundles, fullName(s.Name, s.version())+extension, sha256); err != nil {
		return format.NewFile{}, err
	}
	staged, err := q.Reg.Stage(q.Context(), strings.NewReader(bundles), maxBundles)
	return format.NewFile{Name: attestationsName(s.Name, s.version()), MediaType: "application/json", Body: staged}, err
}

// checkBundles reads a list of bundles (sigstore/protobuf-specs,
// sigstore_bundle.proto) and refuses one that is about anything but the file
// with the given name and digest. Keys count as they are written, and once. Who
// signed it, clients check for themselves.
func checkBundles(text, file, sha256 string) error {
	list, err := ordered.Parse([]byte(text), bundleLimits)
	if err != nil {
		return fault.Wrap(fault.Unprocessable, err, "the attestations are no JSON: %v", err).At("attestations")
	}
	if list.Kind != ordered.Array || len(list.Items) == 0 || len(list.Items) > maxBundleNum {
		return fault.New(fault.Unprocessable, "the attestations have to be a list of 1 to %d sigstore bundles", maxBundleNum).At("attestations")
	}
	for i, bundle := range list.Items {
		if why := bundleFault(bundle, file, sha256); why != "" {
			return fault.New(fault.Unprocessable, "the attestation %d %s", i+1, why).At("attestations")
		}
	}
	return nil
}

// bundleFault tells what is wrong with a bundle, empty where nothing is.
func bundleFault(bundle ordered.Value, file, sha256 string) string {
	material, _ := bundle.Lookup("verificationMaterial")
	envelope, statement := bundle.Lookup("dsseEnvelope")
	signature, direct := bundle.Lookup("messageSignature")
	switch {
	case !bundleForm.MatchString(textOf(bundle, "mediaType")) || material.Kind != ordered.Map:
		return "is no sigstore bundle: it has a mediaType and a verificationMaterial"
	case statement == direct:
		return "has to have either a dsseEnvelope or a messageSignature"
	case direct:
		return signatureFault(signature, sha256)
	}
	return statementFault(envelope, file, sha256)
}

// signatureFault looks at a signature of the gem itself.
func signatureFault(signature ordered.Value, sha256 string) string {
	digest, _ := signature.Lookup("messageDigest")
	sum, err := base64.StdEncoding.DecodeString(textOf(digest, "digest"))
	if err != nil || textOf(digest, "algorithm") != "SHA2_256" || hex.EncodeToString(sum) != sha256 {
		return "is no signature of the SHA-256 of this gem"
	}
	return ""
}

// statementFault looks at a signed statement about the gem (in-toto, Statement
// v1).
func statementFault(envelope ordered.Value, file, sha256 string) string {
	payload, err := base64.StdEncoding.DecodeString(textOf(envelope, "payload"))
	if err != nil {
		return "has a payload that is no base64"
	}
	statement, err := ordered.Parse(payload, bundleLimits)
	if err != nil {
		return "holds no in-toto statement"
	}
	subjects, _ := statement.Lookup("subject")
	if len(subjects.Items) != 1 || textOf(statement, "predicateType") == "" {
		return "holds no in-toto statement with one subject"
	}
	digests, _ := subjects.Items[0].Lookup("digest")
	if textOf(subjects.Items[0], "name") != file || textOf(digests, "sha256") != sha256 {
		return "is about another file than this gem"
	}
	return ""
}

// textOf gives a member that is a text, empty where it is none.
func textOf(v ordered.Value, key string) string {
	member, _ := v.Lookup(key)
	if member.Kind != ordered.String {
		return ""
	}
	return member.Text
}

// attested answers with the attestations of a gem.
func (g *RubyGems) attested(q *format.Request) error {
	v, err := find(q.Context(), q.Reg, q.Param("gem"))
	if err != nil {
		return err
	}
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: v.Package, Version: v.Name, File: attestationsName(v.Package, v.Name)})
	if err != nil {
		return fault.Wrap(fault.KindOf(err), err, "there are no attestations about %s", title(v.Package, v.Name))
	}
	return q.File(f)
}

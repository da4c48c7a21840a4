package pypi

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// Bounds of what may be attested about a file.
const (
	maxAttestations     = 8
	maxAttestationBytes = 256 << 10
	maxAttestationDepth = 32
)

// Values of in-toto's statements ("Index hosted attestations").
const statementType = "https://in-toto.io/Statement/v1"

// ParseAttestations checks the shape of what an uploader attests about a file:
// a JSON list of attestations whose statements are each about one subject, the
// file of that name and SHA-256. It gives them without white space. Signatures
// are not verified: that needs a root of trust, which the reader of a
// provenance has to choose.
func ParseAttestations(text []byte, name, sha256 string) ([]json.RawMessage, error) {
	list, err := ordered.Parse(text, ordered.Limits{Bytes: maxAttestationBytes, Depth: maxAttestationDepth, Values: 10_000})
	switch {
	case err != nil:
		return nil, fault.Wrap(fault.Invalid, err, "the attestations are no JSON: %v", err).At("attestations")
	case list.Kind != ordered.Array || len(list.Items) == 0:
		return nil, fault.New(fault.Invalid, "the attestations are %s; a list of one or more is needed", list.Kind).At("attestations")
	case len(list.Items) > maxAttestations:
		return nil, fault.New(fault.TooLarge, "there are %d attestations, more than %d", len(list.Items), maxAttestations).At("attestations")
	}
	out := make([]json.RawMessage, 0, len(list.Items))
	seen := map[string]bool{}
	for i, item := range list.Items {
		predicate, err := checkAttestation(item, name, sha256)
		if err == nil && seen[predicate] {
			err = fmt.Errorf("another one has the predicate type %q too", predicate)
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "attestation %d is not accepted: %v", i+1, err).At("attestations")
		}
		seen[predicate] = true
		out = append(out, item.AppendJSON(nil))
	}
	return out, nil
}

// checkAttestation gives the type of what is attested.
func checkAttestation(item ordered.Value, name, sha256 string) (predicate string, err error) {
	var a struct {
		Version  int `json:"version"`
		Material struct {
			Certificate string            `json:"certificate"`
			Entries     []json.RawMessage `json:"transparency_entries"`
		} `json:"verification_material"`
		Envelope struct {
			Statement string `json:"statement"`
			Signature string `json:"signature"`
		} `json:"envelope"`
	}
	if err := json.Unmarshal(item.AppendJSON(nil), &a); err != nil {
		return "", err
	}
	if a.Version != 1 {
		return "", fmt.Errorf("its version is %d, and 1 is the only one", a.Version)
	}
	der, err := base64.StdEncoding.DecodeString(a.Material.Certificate)
	if err != nil {
		return "", fmt.Errorf("its certificate is no base64")
	}
	if _, err := x509.ParseCertificate(der); err != nil {
		return "", fmt.Errorf("its certificate is none: %w", err)
	}
	if len(a.Material.Entries) == 0 {
		return "", fmt.Errorf("it has no entry of a transparency log")
	}
	if signature, err := base64.StdEncoding.DecodeString(a.Envelope.Signature); err != nil || len(signature) == 0 {
		return "", fmt.Errorf("its signature is no base64")
	}
	statement, err := base64.StdEncoding.DecodeString(a.Envelope.Statement)
	if err != nil {
		return "", fmt.Errorf("its statement is no base64")
	}
	return checkStatement(statement, name, sha256)
}

func checkStatement(text []byte, name, sha256 string) (predicate string, err error) {
	checked, err := ordered.Parse(text, ordered.Limits{Bytes: maxAttestationBytes, Depth: maxAttestationDepth, Values: 10_000})
	if err != nil {
		return "", fmt.Errorf("its statement is no JSON: %w", err)
	}
	var s struct {
		Type    string `json:"_type"`
		Subject []struct {
			Name   string            `json:"name"`
			Digest map[string]string `json:"digest"`
		} `json:"subject"`
		Predicate string `json:"predicateType"`
	}
	if err := json.Unmarshal(checked.AppendJSON(nil), &s); err != nil {
		return "", fmt.Errorf("its statement is malformed: %w", err)
	}
	switch {
	case s.Type != statementType:
		return "", fmt.Errorf("its statement is of type %.100q, not %q", s.Type, statementType)
	case s.Predicate == "":
		return "", fmt.Errorf("its statement has no predicateType")
	case len(s.Subject) != 1:
		return "", fmt.Errorf("its statement is about %d subjects; one is needed", len(s.Subject))
	case s.Subject[0].Name != name:
		return "", fmt.Errorf("its statement is about %.220q, not about %q", s.Subject[0].Name, name)
	case s.Subject[0].Digest["sha256"] != sha256:
		return "", fmt.Errorf("its statement is about a file with the sha256 %.64q, and this one has %s", s.Subject[0].Digest["sha256"], sha256)
	}
	return s.Predicate, nil
}

// publisher stands for what vouches for attestations here: nothing but that
// somebody with the right to publish sent them.
var publisher = json.RawMessage(`{"kind":"Ingot","claims":null}`)

// provenance is what a reader gets ("Index hosted attestations", provenance
// objects).
func provenance(attestations []json.RawMessage) ([]byte, error) {
	type bundle struct {
		Publisher    json.RawMessage   `json:"publisher"`
		Attestations []json.RawMessage `json:"attestations"`
	}
	return json.Marshal(struct {
		Version int      `json:"version"`
		Bundles []bundle `json:"attestation_bundles"`
	}{1, []bundle{{publisher, attestations}}})
}

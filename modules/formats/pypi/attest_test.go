package pypi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// certificate is one that nobody has to trust.
func certificate(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

const publishPredicate = "https://docs.pypi.org/attestations/publish/v1"

func statement(name, sha256, predicate string) string {
	return fmt.Sprintf(`{"_type":%q,"subject":[{"name":%q,"digest":{"sha256":%q}}],"predicateType":%q,"predicate":null}`, statementType, name, sha256, predicate)
}

func attestation(certificate, statement string) string {
	return fmt.Sprintf(`{"version":1,"verification_material":{"certificate":%q,"transparency_entries":[{"logIndex":"1"}]},"envelope":{"statement":%q,"signature":"c2ln"}}`,
		certificate, base64.StdEncoding.EncodeToString([]byte(statement)))
}

func TestAttestations(t *testing.T) {
	t.Parallel()
	s := newShelf()
	file := wheelOf("money", "1.0")
	content := zipped(t, wheelEntries("money", "1.0")...)
	sum := blob.FromBytes(content).Digests().SHA256
	cert := certificate(t)
	one, two := attestation(cert, statement(file, sum, publishPredicate)), attestation(cert, statement(file, sum, "https://slsa.dev/provenance/v1"))
	s.put(t, "money", "1.0", file, content, "attestations", "[ "+one+", "+two+" ]")
	want := `{"version":1,"attestation_bundles":[{"publisher":{"kind":"Ingot","claims":null},"attestations":[` + one + "," + two + "]}]}"
	for _, path := range []string{"/files/money/1.0/" + file + ".provenance", "/integrity/money/1.0/" + file + "/provenance", "/integrity/Money/1.0.0/" + file + "/provenance"} {
		w := s.get(t, path)
		if w.Code != http.StatusOK || w.Body.String() != want || w.Header().Get("Content-Type") != "application/vnd.pypi.integrity.v1+json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	var page struct{ Files []struct{ Provenance string } }
	w := s.get(t, "/simple/money/", "Accept", "application/vnd.pypi.simple.v1+json")
	address := "http://ingot.example/project/ann/shop/package/-/pypi/integrity/money/1.0/" + file + "/provenance"
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Files) != 1 || page.Files[0].Provenance != address {
		t.Errorf("%s, %v", w.Body, err)
	}
	if w := s.get(t, "/simple/money/"); !strings.Contains(w.Body.String(), ` data-provenance="`+address+`"`) {
		t.Errorf("%s", w.Body)
	}
}

func TestParseAttestationsRefuses(t *testing.T) {
	t.Parallel()
	cert, sum := certificate(t), strings.Repeat("a", 64)
	right := attestation(cert, statement("f", sum, publishPredicate))
	with := func(statement string) string { return "[" + attestation(cert, statement) + "]" }
	if _, err := ParseAttestations([]byte("["+right+"]"), "f", sum); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"no JSON":             `[`,
		"an object":           right,
		"none":                `[]`,
		"a number":            `[1]`,
		"too many":            "[" + strings.Repeat(right+",", maxAttestations) + right + "]",
		"too large":           `["` + strings.Repeat("x", maxAttestationBytes) + `"]`,
		"deep":                strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"a key twice":         strings.Replace("["+right+"]", `"version":1`, `"version":1,"version":1`, 1),
		"another version":     strings.Replace("["+right+"]", `"version":1`, `"version":2`, 1),
		"no certificate":      strings.Replace("["+right+"]", cert, "", 1),
		"half a certificate":  strings.Replace("["+right+"]", cert, cert[:len(cert)/2/4*4], 1),
		"no log":              strings.Replace("["+right+"]", `{"logIndex":"1"}`, "", 1),
		"no signature":        strings.Replace("["+right+"]", `c2ln`, "", 1),
		"one of them twice":   "[" + right + "," + right + "]",
		"another file":        with(statement("g", sum, publishPredicate)),
		"another digest":      with(statement("f", strings.Repeat("b", 64), publishPredicate)),
		"another statement":   with(strings.Replace(statement("f", sum, publishPredicate), statementType, "x", 1)),
		"no predicate":        with(statement("f", sum, "")),
		"two subjects":        with(strings.Replace(statement("f", sum, publishPredicate), `"subject":[`, `"subject":[{},`, 1)),
		"no subject":          with(`{"_type":"` + statementType + `","subject":[],"predicateType":"x"}`),
		"a statement of text": with("x"),
	} {
		if _, err := ParseAttestations([]byte(text), "f", sum); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

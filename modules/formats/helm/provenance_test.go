package helm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"

	"ingot.dev/modules/fault"
)

// signed signs a text in the clear, as helm package --sign does.
func signed(t testing.TB, text string) []byte {
	t.Helper()
	key, err := openpgp.NewEntity("Ann", "", "ann@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, key.PrivateKey, nil)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func proofText(name, version, sum string) string {
	return "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n\n...\nfiles:\n  " + fileName(name, version) + ": sha256:" + sum + "\n"
}

var someSum = strings.Repeat("ab", 32)

func TestParseProof(t *testing.T) {
	t.Parallel()
	p, err := parseProof(signed(t, proofText("money", "1.0.0", someSum)))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.of("money", "1.0.0", someSum); err != nil {
		t.Error(err)
	}
	for what, err := range map[string]error{
		"another name":    p.of("cash", "1.0.0", someSum),
		"another version": p.of("money", "1.0.1", someSum),
		"another sum":     p.of("money", "1.0.0", strings.Repeat("cd", 32)),
		"no sum":          (&proof{name: "money", version: "1.0.0"}).of("money", "1.0.0", someSum),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseProofRefuses(t *testing.T) {
	t.Parallel()
	right := signed(t, proofText("money", "1.0.0", someSum))
	body, _, _ := bytes.Cut(right, []byte("-----BEGIN PGP SIGNATURE"))
	for what, text := range map[string][]byte{
		"nothing":            nil,
		"a chart":            []byte(plainChart),
		"no signature":       body,
		"an empty signature": append(bytes.Clone(body), "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"...),
		"text before":        append([]byte("name: evil\n"), right...),
		"text behind":        append(bytes.Clone(right), "name: evil\n"...),
		"two":                append(bytes.Clone(right), right...),
		"one part":           signed(t, plainChart),
		"three parts":        signed(t, proofText("money", "1.0.0", someSum)+"\n...\nfiles: {}\n"),
		"no YAML":            signed(t, "name: [\n...\nfiles: {}\n"),
		"a bad sum":          signed(t, plainChart+"\n...\nfiles: [a]\n"),
		"a bad name":         signed(t, proofText("../money", "1.0.0", someSum)),
		"a bad version":      signed(t, proofText("money", "latest", someSum)),
	} {
		if _, err := parseProof(text); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

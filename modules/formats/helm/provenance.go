package helm

import (
	"bytes"

	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"ingot.dev/modules/fault"
)

// maxProof bounds a provenance, in bytes: it repeats the Chart.yaml.
const maxProof = 1 << 20

// proof is what a provenance says ("Helm Provenance and Integrity").
type proof struct {
	name, version string
	sums          map[string]string // by names of files: "sha256:" and hex digits
}

// parseProof reads a provenance: a text signed in the clear with OpenPGP, of
// which the first part is the Chart.yaml and the second the sums of files.
// Its signature is not verified. fault.Invalid where it is none.
func parseProof(text []byte) (*proof, error) {
	none := func(why string) error {
		return fault.New(fault.Invalid, "that is no provenance: %s; helm package --sign makes one", why)
	}
	block, rest := clearsign.Decode(text)
	if block == nil {
		return nil, none("it has no text signed in the clear")
	}
	if before, _, _ := bytes.Cut(text, []byte("-----BEGIN")); len(bytes.TrimSpace(before)) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, none("something stands beside the signed text")
	}
	signed, err := packet.NewReader(block.ArmoredSignature.Body).Next()
	if _, ok := signed.(*packet.Signature); err != nil || !ok {
		return nil, none("it is not signed")
	}
	chart, sums, ok := bytes.Cut(block.Plaintext, []byte("\n...\n"))
	if !ok || bytes.Contains(sums, []byte("\n...\n")) {
		return nil, none("it has not two parts, the Chart.yaml and the sums of files")
	}
	var says struct {
		Name    string `yaml:"name"`
		Version string `yaml:"version"`
	}
	if err := decode("the provenance", chart, &says); err != nil {
		return nil, err
	}
	var lists struct {
		Files map[string]string `yaml:"files"`
	}
	if err := decode("the provenance", sums, &lists); err != nil {
		return nil, err
	}
	p := &proof{says.Name, says.Version, lists.Files}
	if _, err := CanonicalName(p.name); err != nil {
		return nil, err
	}
	_, err = CanonicalVersion(p.version)
	return p, err
}

// of holds a provenance against the chart that it is sent for. sha256 is that
// of the chart's archive, in hex.
func (p *proof) of(name, version, sha256 string) error {
	file := fileName(name, version)
	sum, listed := p.sums[file]
	switch {
	case p.name != name || p.version != version:
		return fault.New(fault.Invalid, "the provenance is of %s %s, and the chart is %s %s", p.name, p.version, name, version)
	case !listed:
		return fault.New(fault.Invalid, "the provenance does not name the file %s", file)
	case sum != "sha256:"+sha256:
		return fault.New(fault.Invalid, "the provenance has %.80q for %s, and the chart here has sha256:%s", sum, file, sha256)
	}
	return nil
}

package pypi

import (
	"encoding/json"

	"ingot.dev/modules/format"
)

// facts are what is kept about each file.
type facts struct {
	Filetype       string            `json:"filetype"`
	Pyversion      string            `json:"pyversion"`
	RequiresPython string            `json:"requires_python,omitempty"`
	Blake2         string            `json:"blake2b_256,omitempty"` // hex, where the uploader gave it
	Metadata       *core             `json:"metadata,omitempty"`    // where it is served
	Attestations   []json.RawMessage `json:"attestations,omitempty"`
}

// core is the core metadata in a file.
type core struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// factsOf reads what was kept about a file.
func factsOf(f *format.File) (facts, error) {
	var r facts
	if len(f.Metadata) == 0 {
		return r, nil
	}
	return r, json.Unmarshal(f.Metadata, &r)
}

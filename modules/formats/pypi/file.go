package pypi

import (
	"encoding/json"

	"ingot.dev/modules/format"
)

// record is what is kept about each file.
type record struct {
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

// recordOf reads what was kept about a file.
func recordOf(f *format.File) (record, error) {
	var r record
	if len(f.Metadata) == 0 {
		return r, nil
	}
	return r, json.Unmarshal(f.Metadata, &r)
}

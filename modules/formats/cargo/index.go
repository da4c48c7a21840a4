package cargo

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

const entryKind = "entry"

// Documents implements format.Indexed.
func (*Cargo) Documents() []format.Document {
	return []format.Document{{Kind: entryKind, ContentType: "text/plain; charset=utf-8", Build: buildEntry}}
}

// entry answers with the entry of a crate in the index. Names in its addresses
// have lower case.
func (*Cargo) entry(q *format.Request) error {
	name, at := q.Param("package"), q.Param("first")
	if second := q.Param("second"); second != "" {
		at += "/" + second
	}
	if _, err := CanonicalName(name); err != nil || name != strings.ToLower(name) || at != folder(name) {
		return absent(name)
	}
	return q.Document(entryKind, name)
}

func absent(name string) error {
	return fault.New(fault.NotFound, "there is no crate %.100q here", name)
}

// buildEntry writes a line for each version, the oldest first. A name that is
// spelled with - has no entry under _, and the other way round: cargo asks for
// both where it has to.
func buildEntry(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	var line []byte
	written := false
	for _, v := range slices.Backward(versions) {
		f := crateOf(v)
		if f == nil || strings.ToLower(v.Package) != b.Key {
			continue
		}
		if line, err = appendLine(line[:0], v, f); err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		written = true
	}
	if !written {
		return absent(b.Key)
	}
	return nil
}

// crateOf gives the package of a version, nil where it has lost it.
func crateOf(v *format.Version) *format.File {
	for _, f := range v.Files {
		if f.Name == fileName(v.Package, v.Name) {
			return f
		}
	}
	return nil
}

// appendLine appends the line of a version: what is kept of its package, as it
// is, between what the registry knows.
func appendLine(dst []byte, v *format.Version, f *format.File) ([]byte, error) {
	kept, err := ordered.ParseObject(f.Metadata)
	if err != nil {
		return nil, err
	}
	yanked := json.RawMessage("false")
	if v.Yanked {
		yanked = json.RawMessage("true")
	}
	line := append(ordered.Object{
		{Key: "name", Raw: ordered.Quote(v.Package)},
		{Key: "vers", Raw: ordered.Quote(v.Name)},
		{Key: "cksum", Raw: ordered.Quote(f.Digests.SHA256)},
		{Key: "yanked", Raw: yanked},
		{Key: "pubtime", Raw: ordered.Quote(moment(v.Created))},
	}, kept...)
	return append(line.AppendJSON(dst), '\n'), nil
}

// moment writes a time as the index does: without fractions of a second.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

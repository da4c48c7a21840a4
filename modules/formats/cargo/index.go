package cargo

import (
	"context"
	"io"
	"slices"
	"strconv"
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

// buildEntry writes a line for each version, the lowest first. A name that is
// spelled with - has no entry under _, and the other way round: cargo asks for
// both where it has to.
func buildEntry(ctx context.Context, b format.Build, w io.Writer) error {
	p, err := b.Reg.Package(ctx, b.Key)
	if err != nil {
		return err
	}
	if strings.ToLower(p.Name) != b.Key {
		return absent(b.Key)
	}
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	var text []byte
	for _, v := range slices.Backward(versions) {
		f := crateOf(v)
		if f == nil {
			continue
		}
		text = appendLine(text[:0], v, f)
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	if text == nil {
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

// appendLine appends the line of a version: what the registry knows, and what is
// kept of its package, as it is.
func appendLine(dst []byte, v *format.Version, f *format.File) []byte {
	dst = ordered.Object{
		{Key: "name", Raw: ordered.Quote(v.Package)},
		{Key: "vers", Raw: ordered.Quote(v.Name)},
		{Key: "cksum", Raw: ordered.Quote(f.Digests.SHA256)},
		{Key: "yanked", Raw: strconv.AppendBool(nil, v.Yanked)},
		{Key: "pubtime", Raw: ordered.Quote(moment(v.Created))},
	}.AppendJSON(dst)
	if kept := f.Metadata; len(kept) > len("{}") {
		dst = append(append(dst[:len(dst)-1], ','), kept[1:]...)
	}
	return append(dst, '\n')
}

// moment writes a time as the index does: without fractions of a second.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

package conda

import (
	"bufio"
	"context"
	"io"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Kinds of documents.
const (
	repodataKind    = "repodata"
	currentKind     = "currentRepodata"
	exportsKind     = "runExports"
	channeldataKind = "channeldata"
	shardsKind      = "shards"
	packed          = ".zst" // behind the kind that is packed
)

// served are the indexes of a folder, by the names that they have there.
var served = []struct{ kind, file string }{
	{repodataKind, "repodata.json"},
	{repodataKind + packed, "repodata.json.zst"},
	{currentKind, "current_repodata.json"},
	{currentKind + packed, "current_repodata.json.zst"},
	{exportsKind, "run_exports.json"},
	{exportsKind + packed, "run_exports.json.zst"},
	{shardsKind + packed, "repodata_shards.msgpack.zst"},
}

// Documents implements format.Indexed. Their keys are folders, or a channel. All
// are made from the whole registry.
func (*Conda) Documents() []format.Document {
	const jsonType, zstdType = "application/json", "application/zstd"
	docs := []format.Document{
		{Kind: repodataKind, ContentType: jsonType, Build: buildRepodata},
		{Kind: currentKind, ContentType: jsonType, Build: buildCurrent},
		{Kind: exportsKind, ContentType: jsonType, Build: buildRunExports},
		{Kind: channeldataKind, ContentType: jsonType, Build: buildChanneldata},
		{Kind: shardsKind, ContentType: "application/msgpack", Build: buildShards},
	}
	for i := range docs {
		docs[i].Whole = true
	}
	for _, kind := range []string{repodataKind, currentKind, exportsKind, shardsKind} {
		docs = append(docs, format.Document{Kind: kind + packed, ContentType: zstdType, Packed: format.Packed{Of: kind, As: "zstd"}})
	}
	return docs
}

// entry is a build in an index.
type entry struct {
	*format.File
	build
	name    string       // of the file, without its folder
	version string       // canonical
	twin    *format.File // the .tar.bz2 file of the same build, which is hidden
}

func (e *entry) first() bool { return strings.HasSuffix(e.name, first) }

// entriesOf gives the entries that versions have in a folder, as of a time; the zero
// time is now.
func entriesOf(versions []*format.Version, at string, before time.Time) ([]entry, error) {
	var out []entry
	for _, v := range versions {
		begin := len(out)
		twins := map[string]*format.File{} // by stem
		for _, f := range v.Files {
			dir, name := path.Split(f.Name)
			if strings.TrimSuffix(dir, "/") != at || !before.IsZero() && !f.Created.Before(before) {
				continue
			}
			e := entry{File: f, name: name, version: v.Canon}
			var err error
			if e.build, err = buildOf(f); err != nil {
				return nil, err
			}
			if len(e.Record) == 0 {
				continue // nothing is known of it that a client could use
			}
			if stem, ok := strings.CutSuffix(name, first); ok {
				twins[stem] = f
			}
			out = append(out, e)
		}
		if len(twins) == 0 {
			continue
		}
		for i := range out[begin:] {
			if stem, ok := strings.CutSuffix(out[begin+i].name, second); ok && twins[stem] != nil {
				out[begin+i].twin = twins[stem]
				delete(twins, stem)
			}
		}
		out = append(out[:begin], slices.DeleteFunc(out[begin:], func(e entry) bool {
			return e.first() && twins[strings.TrimSuffix(e.name, first)] == nil
		})...)
	}
	return out, nil
}

// walk gives the entries of a folder, package by package in the order of their
// names, those of the newest version first.
func walk(ctx context.Context, reg format.Reader, at string, names ...string) iter.Seq2[[]entry, error] {
	return func(yield func([]entry, error) bool) {
		for versions, err := range reg.Each(ctx, format.Filter{Packages: names, Files: at + "/"}) {
			var entries []entry
			if err == nil {
				entries, err = entriesOf(versions, at, time.Time{})
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(entries) > 0 && !yield(entries, nil) {
				return
			}
		}
	}
}

// appendRecord writes what repodata says of a build: the record that was made when
// it was published, the time of that (CEP 47), and what is known of its twin.
func (e *entry) appendRecord(dst []byte) []byte {
	dst = append(dst, e.Record[:len(e.Record)-1]...)
	dst = append(dst, `,"indexed_timestamp":`...)
	dst = strconv.AppendInt(dst, e.Created.UnixMilli(), 10)
	if e.twin != nil {
		dst = append(append(append(dst, `,"legacy_bz2_md5":"`...), e.twin.Digests.MD5...), `","legacy_bz2_size":`...)
		dst = strconv.AppendInt(dst, e.twin.Size, 10)
	}
	return append(dst, '}')
}

// absent refuses an index of a folder in which nothing is, unless clients ask for
// it in every channel: a channel has an index for each platform, and the root is a
// channel even while it is empty.
func absent(ctx context.Context, b format.Build) error {
	channel, subdir := path.Split(b.Key)
	known := slices.Contains(platforms, subdir)
	if known && channel == "" {
		return nil
	}
	if known {
		for versions, err := range b.Reg.Each(ctx, format.Filter{Files: channel}) {
			if err != nil {
				return err
			}
			for _, v := range versions {
				for _, f := range v.Files {
					if in, _ := path.Split(path.Dir(f.Name)); in == channel {
						return nil // and not in a channel below it
					}
				}
			}
		}
	}
	return fault.New(fault.NotFound, "there is no %s here", b.Key)
}

// tables writes the two tables that all indexes have: builds of the second form
// by file name, then those of the first. Those of the first are rare, so they are
// walked for anew where there are some, and none has to be kept meanwhile.
func tables(ctx context.Context, b format.Build, w io.Writer, head string, chosen func(*entry) bool, value func(dst []byte, e *entry) []byte) error {
	out := bufio.NewWriterSize(w, 64<<10)
	some, older := false, false
	put := func(firsts bool) error {
		var line []byte
		comma := false
		for entries, err := range walk(ctx, b.Reg, b.Key) {
			if err != nil {
				return err
			}
			some = true
			for i := range entries {
				e := &entries[i]
				older = older || e.first()
				if e.first() != firsts || chosen != nil && !chosen(e) {
					continue
				}
				line = line[:0]
				if comma {
					line = append(line, ',')
				}
				comma = true
				line = append(append(append(line, '"'), e.name...), `":`...) // file names need no escapes
				if _, err := out.Write(value(line, e)); err != nil {
					return err
				}
			}
		}
		return nil
	}
	_, subdir := path.Split(b.Key)
	_, _ = out.WriteString(`{"info":{"subdir":"` + subdir + `"` + head + `,"packages.conda":{`) // Flush gives the error
	if err := put(false); err != nil {
		return err
	}
	if !some {
		if err := absent(ctx, b); err != nil {
			return err
		}
	}
	_, _ = out.WriteString(`},"packages":{`)
	if older {
		if err := put(true); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("}}\n")
	return out.Flush()
}

// repodataHead is what stands beside the tables (CEP 36). Files lie beside the
// document, so it has no base_url, which older clients do not know.
const repodataHead = `},"repodata_version":1,"removed":[]`

// buildRepodata writes repodata.json.
func buildRepodata(ctx context.Context, b format.Build, w io.Writer) error {
	return tables(ctx, b, w, repodataHead, nil, func(dst []byte, e *entry) []byte { return e.appendRecord(dst) })
}

// buildRunExports writes run_exports.json (CEP 12).
func buildRunExports(ctx context.Context, b format.Build, w io.Writer) error {
	return tables(ctx, b, w, `,"version":1}`, nil, func(dst []byte, e *entry) []byte {
		dst = append(dst, `{"run_exports":`...)
		if len(e.RunExports) == 0 {
			dst = append(dst, "{}"...)
		}
		return append(append(dst, e.RunExports...), '}')
	})
}

package conda

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// limits bound a package. Toolchains and models are large; names and numbers of
// files are as everywhere. bzip2 unpacks slowly, and what is made today is not
// packed by it, so a package of the first form has less.
func limits(extension string) archive.Limits {
	l := archive.DefaultLimits()
	l.Size = 64 << 30
	if extension == first {
		l.Size = 8 << 30
	}
	return l
}

// maxPaths bounds info/paths.json, which has a line for every file of the package.
const maxPaths = 32 << 20

// contents is what is read from a package.
type contents struct {
	*index
	about       about
	description string
	exports     json.RawMessage
	traits      []string
}

// The things that clients do with a package beside linking its files
// (channeldata.json, CEP 38).
const (
	activates    = "activate.d"
	deactivates  = "deactivate.d"
	binaryPrefix = "binary_prefix"
	textPrefix   = "text_prefix"
	postLink     = "post_link"
	preLink      = "pre_link"
	preUnlink    = "pre_unlink"
)

var traits = []string{activates, binaryPrefix, deactivates, postLink, preLink, preUnlink, textPrefix}

// readPackage reads a whole package and holds it against the name of its file.
func readPackage(ctx context.Context, body blob.Staged, name fileName) (*contents, error) {
	r := &reader{name: name, found: map[string]bool{}}
	var err error
	if packed := archive.While(ctx, body); name.extension == second {
		err = r.zip(packed, body.Size())
	} else {
		err = archive.ReadTarBz2(io.NewSectionReader(packed, 0, body.Size()), limits(first), r.entry)
	}
	if err != nil {
		return nil, err
	}
	if r.index == nil {
		return nil, fault.New(fault.Invalid, "%s has no info/index.json: it is no conda package", name)
	}
	if said := (fileName{r.index.name, r.index.version, r.index.build, name.extension}); said != name {
		return nil, fault.New(fault.Invalid, "the file is called %s, and its info/index.json is that of %s", name, said)
	}
	for _, t := range traits {
		if r.found[t] {
			r.traits = append(r.traits, t)
		}
	}
	return &r.contents, nil
}

// reader collects what the entries of a package tell.
type reader struct {
	contents
	name  fileName
	found map[string]bool // traits
}

// zip reads the second form (CEP 35): a zip file that compresses nothing and holds
// two tar archives, one of which is the folder info.
func (r *reader) zip(body io.ReaderAt, size int64) error {
	z, err := archive.OpenZip(body, size, limits(second))
	if err != nil {
		return err
	}
	info, pkg := "info-"+r.name.stem()+".tar.zst", "pkg-"+r.name.stem()+".tar.zst"
	wanted := []string{"metadata.json", info, pkg}
	for _, f := range z.Files() {
		switch {
		case !slices.Contains(wanted, f.Name):
			return fault.New(fault.Invalid, "%s has the file %.220q; there have to be %s and no others", r.name, f.Name, strings.Join(wanted, ", "))
		case f.Packed != f.Size:
			return fault.New(fault.Invalid, "%.220q is compressed by the zip file itself, which conda's clients cannot read: store it", f.Name)
		}
	}
	raw, err := z.ReadFile("metadata.json", 64<<10)
	if err != nil {
		return missing(err, r.name, "metadata.json")
	}
	var head struct {
		Version int `json:"conda_pkg_format_version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Version != 2 {
		return fault.New(fault.Invalid, `metadata.json does not say {"conda_pkg_format_version": 2}, which is the only form known here`)
	}
	for _, part := range []string{info, pkg} {
		open, err := z.Open(part)
		if err != nil {
			return missing(err, r.name, part)
		}
		err = archive.ReadTarZst(open, limits(second), func(e archive.TarEntry) error {
			if inside := e.Name == "info" || strings.HasPrefix(e.Name, "info/"); inside != (part == info) {
				return fault.New(fault.Invalid, "%s has %.220q: the folder info, and nothing else, belongs into %s", part, e.Name, info)
			}
			return r.entry(e)
		})
		if err = errors.Join(err, open.Close()); err != nil {
			return err
		}
	}
	return nil
}

func missing(err error, name fileName, part string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "%s has no %s: it is no conda package", name, part)
	}
	return err
}

// metadata are the files and the folder that clients read of a package.
var metadata = []string{
	"info", "info/index.json", "info/about.json", "info/run_exports.json", "info/paths.json", "info/repodata_record.json",
	"info/files", "info/has_prefix", "info/no_link", "info/link.json",
}

// mistaken gives the metadata that a name is not, but may be where it is unpacked.
func mistaken(name string) string {
	top, _, _ := strings.Cut(name, "/")
	for _, known := range metadata {
		if name != known && archive.SameFile(name, known) || top != known && archive.SameFile(top, known) {
			return known
		}
	}
	return ""
}

// entry looks at one entry of a package's tar archive.
func (r *reader) entry(e archive.TarEntry) (err error) {
	if known := mistaken(e.Name); known != "" {
		return fault.New(fault.Invalid, "the package has %.220q, which some systems take for %s; remove it", e.Name, known)
	}
	var raw []byte
	switch e.Name {
	case "info/index.json":
		if raw, err = e.ReadAll(int64(indexLimits.Bytes)); err == nil {
			r.index, err = parseIndex(raw)
		}
	case "info/about.json":
		if raw, err = e.ReadAll(int64(aboutLimits.Bytes)); err == nil {
			r.about, r.description, err = parseAbout(raw)
		}
	case "info/run_exports.json":
		if raw, err = e.ReadAll(int64(exportsLimits.Bytes)); err == nil {
			r.exports, err = parseRunExports(raw)
		}
	case "info/paths.json":
		if e.Size > maxPaths {
			return fault.New(fault.TooLarge, "info/paths.json has more than %d bytes", maxPaths)
		}
		err = r.paths(e)
	case "info/repodata_record.json": // clients write it beside what they unpack, and believe it
		err = fault.New(fault.Invalid, "the package has info/repodata_record.json, which only a client may write when it unpacks the package")
	default:
		r.trait(e.Name)
	}
	return err
}

// paths reads of info/paths.json whether files hold the prefix that they are
// installed below.
func (r *reader) paths(text io.Reader) error {
	d := json.NewDecoder(text)
	bad := func(err error) error {
		if f := (*fault.Fault)(nil); errors.As(err, &f) {
			return err // of the archive
		}
		return fault.Wrap(fault.Invalid, err, "info/paths.json is malformed: %v", err)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return bad(errors.Join(err, errors.New("it has to be an object")))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return bad(err)
		}
		if key != "paths" {
			var other json.RawMessage
			if err := d.Decode(&other); err != nil {
				return bad(err)
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return bad(errors.Join(err, errors.New("paths has to be a list")))
		}
		for d.More() {
			var path struct {
				Mode        string `json:"file_mode"`
				Placeholder string `json:"prefix_placeholder"`
			}
			if err := d.Decode(&path); err != nil {
				return bad(err)
			}
			switch {
			case path.Placeholder == "":
			case path.Mode == "binary":
				r.found[binaryPrefix] = true
			default:
				r.found[textPrefix] = true
			}
		}
		if _, err := d.Token(); err != nil {
			return bad(err)
		}
	}
	_, err := d.Token()
	if err != nil {
		return bad(err)
	}
	return nil
}

// trait looks whether a file is one that clients run.
func (r *reader) trait(name string) {
	for folder, t := range map[string]string{"etc/conda/activate.d/": activates, "etc/conda/deactivate.d/": deactivates} {
		if strings.HasPrefix(name, folder) && len(name) > len(folder) {
			r.found[t] = true
		}
	}
	for action, t := range map[string]string{"-post-link": postLink, "-pre-link": preLink, "-pre-unlink": preUnlink} {
		script := "." + r.name.name + action
		if name == "bin/"+script+".sh" || name == "Scripts/"+script+".bat" {
			r.found[t] = true
		}
	}
}

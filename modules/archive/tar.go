package archive

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"ingot.dev/modules/fault"
)

// TarType is what an entry of a tar archive is.
type TarType uint8

// The types of entries. There are no others: devices, pipes and the like are
// refused.
const (
	TarFile TarType = iota
	TarDirectory
	TarSymlink
	TarHardLink
)

var tarTypes = [...]string{"file", "directory", "symbolic link", "hard link"}

// String gives the type in words.
func (t TarType) String() string { return tarTypes[t] }

// TarEntry is an entry of a tar archive.
type TarEntry struct {
	Name string // without "./" at its beginning and the slash of directories
	Type TarType
	Mode fs.FileMode // permissions
	Size int64       // bytes of a file; zero for all others
	Link string      // what a symbolic link holds, or the Name of the earlier file that a hard link is

	// Reader gives the content of a file while the function that was given the
	// entry runs. It ends in fault.Invalid where the archive is cut off.
	io.Reader
}

// ReadAll gives the content of a file of at most limit bytes: fault.TooLarge
// where it has more, fault.Invalid where the entry is no file or the archive
// is cut off.
func (e TarEntry) ReadAll(limit int64) ([]byte, error) {
	if e.Type != TarFile {
		return nil, fault.New(fault.Invalid, "%q is a %s; it has to be a file", e.Name, e.Type)
	}
	if e.Size > limit {
		return nil, fault.New(fault.TooLarge, "%q has %d bytes, more than the %d that are read", e.Name, e.Size, limit)
	}
	return io.ReadAll(e)
}

// maxTrailer bounds the zeros behind the last entry. Writers fill up the last
// record, of 10 KiB as a rule.
const maxTrailer = 1 << 20

// ReadTar reads a tar archive of the ustar, pax, GNU or oldest form to its very
// end, and calls fn for each entry in turn. fn need not read the content. An
// error of fn ends the reading and is returned as it is, and so is one of r.
// What fn has seen may be believed once ReadTar has returned nil, not before.
// Beyond one block of data it keeps only the names of the entries.
//
// It refuses, with fault.Invalid and the entry's name, whatever readers in the
// wild read in different ways: two entries of one name, except directories,
// which GNU tar repeats; headers that contradict each other; sparse files;
// bytes behind the end; and whatever is no package: devices and their like,
// names and links that lead out of the archive. fault.TooLarge where it exceeds
// the limits, of which Ratio and Small are about compressed archives.
func ReadTar(r io.Reader, limits Limits, fn func(TarEntry) error) error {
	t := &tarReader{storage: storage{r: r}, limits: limits, kinds: make(map[string]fs.FileMode)}
	t.r = bufio.NewReader(&t.storage)
	for {
		e, err := t.next()
		if err == io.EOF {
			return tarForm.checkTree(t.kinds)
		}
		if err != nil {
			return err
		}
		if e.Name != "" {
			if err := fn(e); err != nil {
				return err
			}
		}
		if err := t.skip(); err != nil {
			return err
		}
	}
}

// ReadTarGz is ReadTar of an archive compressed by gzip. Exactly one member of
// gzip is read: where several follow each other, or anything else does,
// readers differ, and it is fault.Invalid. fault.TooLarge as soon as what was
// unpacked exceeds limits.Small bytes and limits.Ratio times what it was
// unpacked from.
func ReadTarGz(r io.Reader, limits Limits, fn func(TarEntry) error) error {
	return ReadTar(newUnpack(r, gzipped, tarForm, limits), limits, fn)
}

// ReadTarBz2 is ReadTar of an archive compressed by bzip2, with the same bound
// of the ratio as ReadTarGz. Several streams in a row are one, as all readers
// have it.
func ReadTarBz2(r io.Reader, limits Limits, fn func(TarEntry) error) error {
	return ReadTar(newUnpack(r, bzipped, tarForm, limits), limits, fn)
}

// ReadTarZst is ReadTar of an archive compressed by zstd, with the same bound of
// the ratio as ReadTarGz. It takes as much memory as the window of the data,
// 128 MiB at most.
func ReadTarZst(r io.Reader, limits Limits, fn func(TarEntry) error) error {
	return ReadTar(newUnpack(r, zstded, tarForm, limits), limits, fn)
}

// tarReader is where the reading of an archive is.
type tarReader struct {
	storage storage
	r       *bufio.Reader
	limits  Limits

	kinds map[string]fs.FileMode // types by path
	files int                    // entries so far
	size  int64                  // bytes of files and long headers so far
	names int                    // bytes of names so far
	last  string                 // the entry last begun
	body  *tarBody               // its content
}

// next reads up to the content of the next entry; one without a name is the
// root of the tree. io.EOF where there is none.
func (t *tarReader) next() (TarEntry, error) {
	var before said
	for {
		h, err := t.header()
		if err != nil {
			if err == io.EOF && !before.empty() {
				err = t.refuse("belongs to no entry")
			}
			return TarEntry{}, err
		}
		switch h.tag {
		case tagPax, tagGlobal, tagLongName, tagLongLink:
			raw, err := t.said(h)
			if err != nil {
				return TarEntry{}, err
			}
			if why := before.take(h.tag, raw); why != "" {
				return TarEntry{}, t.refuse(why)
			}
			if h.tag != tagGlobal {
				continue // there are no more of these than entries
			}
			if err := t.count(); err != nil {
				return TarEntry{}, err
			}
		default:
			return t.entry(before.apply(h))
		}
	}
}

// header reads one block; io.EOF at the end of the archive.
func (t *tarReader) header() (tarHead, error) {
	var b block
	n, err := io.ReadFull(t.r, b[:])
	switch {
	case t.storage.err != nil && err != nil:
		return tarHead{}, t.storage.err
	case n == 0 && err != nil && t.last != "":
		// Two blocks of zeros have to mark the end. Where they are missing,
		// GNU tar, bsdtar, Python and Node take the end of the file for it.
		return tarHead{}, io.EOF
	case err != nil:
		return tarHead{}, tarForm.invalid("it is cut off %s", t.place())
	case b == block{}:
		return tarHead{}, t.trailer()
	}
	h, why := b.parse()
	if why != "" && t.last == "" {
		return h, tarForm.invalid("its first header %s", why)
	}
	if why != "" {
		return h, t.refuse(why)
	}
	return h, nil
}

// trailer reads what follows the first block of zeros; io.EOF where that is
// zeros and not too many.
func (t *tarReader) trailer() error {
	left := maxTrailer
	for buf := make([]byte, 4<<10); ; {
		n, err := t.r.Read(buf)
		for _, c := range buf[:n] {
			if c != 0 {
				return tarForm.invalid("something follows its end")
			}
		}
		if left -= n; left < 0 {
			return tarForm.tooLarge("has more than %d zeros behind its end", maxTrailer)
		}
		if err != nil {
			return err // io.EOF, or what the storage says
		}
	}
}

// said reads the text of a header of the second group.
func (t *tarReader) said(h tarHead) ([]byte, error) {
	if h.size > maxSaid {
		return nil, tarForm.tooLarge("has a header of %d bytes %s, more than %d", h.size, t.place(), maxSaid)
	}
	if err := t.add(h.size); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(t.begin(h.size))
	if err != nil {
		return nil, err
	}
	return raw, t.skip()
}

// entry checks an entry and gives it in our terms. why tells what is wrong
// with its header already.
func (t *tarReader) entry(h tarHead, why string) (TarEntry, error) {
	if err := t.count(); err != nil {
		return TarEntry{}, err
	}
	slash := strings.HasSuffix(h.name, "/")
	name := strings.TrimSuffix(local(h.name), "/")
	root := h.name == "./" || h.name == "."
	if !root {
		if err := tarForm.checkName(name, t.limits); err != nil {
			return TarEntry{}, err
		}
	}
	if why != "" {
		return TarEntry{}, tarForm.invalid("the header of %q %s", name, why)
	}
	e := TarEntry{Name: name, Mode: fs.FileMode(h.mode & 0o777), Size: h.size}
	kind := fs.FileMode(0)
	switch {
	case h.tag == tagDirectory, h.tag == tagOldFile && slash:
		e.Type, kind = TarDirectory, fs.ModeDir
	case slash, root:
		return e, tarForm.invalid("%q has the name of a directory and is none", h.name)
	case h.tag == tagFile, h.tag == tagOldFile:
	case h.tag == tagSymlink:
		e.Type, e.Link, kind = TarSymlink, h.link, fs.ModeSymlink
	case h.tag == tagHardLink:
		e.Type, e.Link = TarHardLink, local(h.link)
	default:
		return e, tarForm.invalid("%q is a device, a pipe or of another kind (%q) that packages do not have", name, h.tag)
	}
	if e.Type != TarFile && h.size != 0 {
		// Some readers skip so many bytes, others none.
		return e, tarForm.invalid("%q is a %s with content", h.name, e.Type)
	}
	if err := t.checkLink(e); err != nil {
		return e, err
	}
	if h.size > t.limits.file() {
		return e, fault.New(fault.TooLarge, "%q unpacks to more than %d bytes", name, t.limits.file())
	}
	if err := t.add(h.size); err != nil {
		return e, err
	}
	t.last = h.name
	e.Reader = t.begin(h.size)
	if root {
		e.Name = ""
		return e, nil
	}
	return e, t.note(name, kind)
}

// local takes away the "./" that tar writes where it was told to pack ".".
func local(name string) string { return strings.TrimPrefix(name, "./") }

// checkLink checks where a link leads.
func (t *tarReader) checkLink(e TarEntry) error {
	switch e.Type {
	case TarSymlink:
		if len(e.Link) > maxTarget {
			return fault.New(fault.TooLarge, "the symbolic link %q has a target of %d bytes, more than %d", e.Name, len(e.Link), maxTarget)
		}
		if why := linkFault(e.Name, e.Link); why != "" {
			return tarForm.invalid("the symbolic link %q %s", e.Name, why)
		}
	case TarHardLink:
		if len(e.Link) > t.limits.Name {
			return tarForm.longName(e.Link, t.limits)
		}
		if kind, ok := t.kinds[e.Link]; !ok || kind != 0 {
			return tarForm.invalid("the hard link %q leads to %q, which is no file before it", e.Name, e.Link)
		}
	}
	return nil
}

// note keeps the name of an entry.
func (t *tarReader) note(name string, kind fs.FileMode) error {
	if was, twice := t.kinds[name]; twice && (was != kind || kind != fs.ModeDir) {
		return tarForm.invalid("it has the entry %q twice", name)
	}
	if t.names += len(name); t.names > maxDirectory {
		return tarForm.tooLarge("has names of more than %d bytes together", maxDirectory)
	}
	t.kinds[name] = kind
	return nil
}

// count counts an entry.
func (t *tarReader) count() error {
	if t.files++; t.files > t.limits.Files {
		return tarForm.tooLarge("has more than %d entries", t.limits.Files)
	}
	return nil
}

// add counts bytes that are about to be read.
func (t *tarReader) add(size int64) error {
	if size > t.limits.Size-t.size {
		return tarForm.tooLarge("unpacks to more than %d bytes", t.limits.Size)
	}
	t.size += size
	return nil
}

// place says where in the archive the reading is.
func (t *tarReader) place() string {
	if t.last == "" {
		return "before its first entry"
	}
	return fmt.Sprintf("behind %q", t.last)
}

// refuse is the refusal of the header at this place.
func (t *tarReader) refuse(why string) error {
	return tarForm.invalid("the header %s %s", t.place(), why)
}

// skip reads on to the header behind the content.
func (t *tarReader) skip() error {
	if _, err := io.Copy(io.Discard, t.body); err != nil {
		return err
	}
	t.body.left = t.body.padding
	_, err := io.Copy(io.Discard, t.body)
	return err
}

// begin is the content of so many bytes that follows.
func (t *tarReader) begin(size int64) *tarBody {
	t.body = &tarBody{t: t, left: size, padding: -size & (blockLen - 1)}
	return t.body
}

// tarBody is the content of an entry.
type tarBody struct {
	t       *tarReader
	left    int64 // bytes to read
	padding int64 // bytes up to the next block
	err     error
}

// Read implements io.Reader.
func (b *tarBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.t.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if err == io.EOF {
		err = tarForm.invalid("it is cut off %s", b.t.place())
	}
	b.err = err
	return n, err
}

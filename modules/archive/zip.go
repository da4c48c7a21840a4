package archive

import (
	"bufio"
	"context"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding"

	"ingot.dev/modules/fault"
)

// Limits bound an archive that is read. All are inclusive.
type Limits struct {
	Files int   // entries, directories included
	Size  int64 // bytes of all files together, unpacked
	File  int64 // bytes of one file, unpacked; zero where Size is the only bound
	Ratio int64 // unpacked bytes to one byte of the archive, once they exceed Small
	Small int64 // unpacked bytes that may be packed at any ratio
	Name  int   // bytes of a name
	Depth int   // directories above a file

	// Charset is that of names in a zip file which neither say that they are
	// UTF-8 nor are; nil: they are refused. It has to agree with ASCII.
	Charset encoding.Encoding
}

// DefaultLimits suit a package of source code.
func DefaultLimits() Limits {
	return Limits{Files: 100_000, Size: 2 << 30, Ratio: 200, Small: 32 << 20, Name: 1024, Depth: 64}
}

// file is the most bytes that one file may have.
func (l Limits) file() int64 {
	if l.File == 0 {
		return l.Size
	}
	return min(l.File, l.Size)
}

// maxTarget bounds the target of a symbolic link, as the kernel does.
const maxTarget = 4096

// Zip is a zip file that every reader understands alike. It is safe for
// concurrent use when its io.ReaderAt is.
type Zip struct {
	r     io.ReaderAt
	files []File
	index map[string]int // into files
}

// File is a file or a symbolic link in a zip file.
type File struct {
	Name   string
	Mode   fs.FileMode // permissions, and fs.ModeSymlink for a link
	Size   int64       // bytes unpacked
	Packed int64       // bytes in the archive

	crc      uint32
	deflated bool
	offset   int64 // of the packed bytes
}

// OpenZip reads the directory of a zip file of size bytes and checks it
// against every local header. It refuses, with fault.Invalid and the entry's
// name, whatever readers in the wild read in different ways: two entries of
// one name, headers that disagree, entries that overlap or leave gaps, bytes
// before, between or behind them, an end that can be found in two places; and
// whatever is no package: encrypted or special files, names and links that
// lead out of the archive. fault.TooLarge where it exceeds the limits.
//
// The content of the files is not read, except the targets of links; see
// Verify.
func OpenZip(r io.ReaderAt, size int64, limits Limits) (*Zip, error) {
	entries, err := readDirectory(r, size, limits)
	if err != nil {
		return nil, err
	}
	z := &Zip{r: r, index: make(map[string]int)}
	var total int64
	kinds := make(map[string]fs.FileMode, len(entries)) // by path without the slash of directories
	for i := range entries {
		f, err := entries[i].file(limits)
		if err != nil {
			return nil, err
		}
		if f.Size > limits.Size-total {
			return nil, zipForm.tooLarge("unpacks to more than %d bytes", limits.Size)
		}
		total += f.Size
		path := strings.TrimSuffix(f.Name, "/")
		if _, twice := kinds[path]; twice {
			return nil, invalid("it has the entry %q twice", path)
		}
		kinds[path] = f.Mode.Type()
		if !f.Mode.IsDir() {
			z.index[f.Name] = len(z.files)
			z.files = append(z.files, f)
		}
	}
	if total > limits.Small && total/max(size, 1) > limits.Ratio {
		return nil, zipForm.tooLarge("unpacks to more than %d times its size", limits.Ratio)
	}
	if err := zipForm.checkTree(kinds); err != nil {
		return nil, err
	}
	return z, z.checkLinks()
}

// checkLinks reads the targets of all symbolic links.
func (z *Zip) checkLinks() error {
	for _, f := range z.files {
		if f.Mode&fs.ModeSymlink == 0 {
			continue
		}
		target, err := z.read(f, maxTarget)
		if err != nil {
			return err
		}
		if why := linkFault(f.Name, string(target)); why != "" {
			return invalid("the symbolic link %q %s", f.Name, why)
		}
	}
	return nil
}

// Files lists the files and symbolic links in the order of the archive's
// directory. Directories are not listed.
func (z *Zip) Files() []File { return z.files }

// Open reads the file of that name, or the target of a symbolic link. Reading
// ends in fault.Invalid where the content is not what its headers promise, and
// never gives more bytes than they do. fault.NotFound where there is no such
// file.
func (z *Zip) Open(name string) (io.ReadCloser, error) {
	f, err := z.find(name)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(z.content(f)), nil
}

// ReadFile gives the content of a file of at most limit bytes: fault.TooLarge
// where it has more, and the failures of Open. A symbolic link is not
// followed, and fault.Invalid.
func (z *Zip) ReadFile(name string, limit int64) ([]byte, error) {
	f, err := z.find(name)
	if err != nil {
		return nil, err
	}
	if f.Mode&fs.ModeSymlink != 0 {
		return nil, fault.New(fault.Invalid, "%q is a symbolic link; it has to be a file", name)
	}
	return z.read(f, limit)
}

// Verify reads every file through and compares it with its checksum. Its
// cost is that of unpacking the archive.
func (z *Zip) Verify(ctx context.Context) error {
	lasting := &Zip{r: While(ctx, z.r)}
	for _, f := range z.files {
		if _, err := io.Copy(io.Discard, lasting.content(f)); err != nil {
			return err
		}
	}
	return nil
}

func (z *Zip) find(name string) (File, error) {
	i, ok := z.index[name]
	if !ok {
		return File{}, fault.New(fault.NotFound, "there is no %q in the zip file", name)
	}
	return z.files[i], nil
}

func (z *Zip) read(f File, limit int64) ([]byte, error) {
	if f.Size > limit {
		return nil, fault.New(fault.TooLarge, "%q has %d bytes, more than the %d that are read", f.Name, f.Size, limit)
	}
	return io.ReadAll(z.content(f))
}

// content reads a file and holds it to what its headers say.
func (z *Zip) content(f File) io.Reader {
	c := &content{file: f, storage: storage{r: io.NewSectionReader(z.r, f.offset, f.Packed)}, sum: crc32.NewIEEE()}
	c.packed = bufio.NewReader(&c.storage)
	c.plain = c.packed
	if f.deflated {
		c.plain = flate.NewReader(c.packed)
	}
	return c
}

type content struct {
	file    File
	storage storage
	packed  *bufio.Reader // gives single bytes, so that inflating takes no more than it needs
	plain   io.Reader
	sum     hash.Hash32
	got     int64
	err     error
}

// storage notes whether it was the storage that failed, and counts.
type storage struct {
	r   io.Reader
	got int64
	err error
}

// Read implements io.Reader.
func (s *storage) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.got += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// Read implements io.Reader.
func (c *content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.plain.Read(p)
	if over := c.got + int64(n) - c.file.Size; over > 0 {
		n -= int(over)
		err = io.ErrShortBuffer
	}
	c.got += int64(n)
	c.sum.Write(p[:n])
	if err != nil {
		c.err = c.verdict(err)
	}
	return n, c.err
}

// verdict judges how reading ended.
func (c *content) verdict(err error) error {
	if err == io.EOF && c.got == c.file.Size && c.sum.Sum32() == c.file.crc && c.spent() {
		return io.EOF
	}
	if c.storage.err != nil {
		return c.storage.err
	}
	return fault.New(fault.Invalid, "the content of %q in the zip file is damaged", c.file.Name)
}

// spent tells whether the compressed data ends where its entry does.
func (c *content) spent() bool {
	_, err := c.packed.ReadByte()
	return err == io.EOF
}

// invalid is the refusal of a zip file.
func invalid(format string, args ...any) error { return zipForm.invalid(format, args...) }

package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/flate"

	"ingot.dev/modules/fault"
)

const (
	// level of deflate. To change it changes the bytes of every archive.
	level = 6

	// whole is the size up to which a file is compressed in memory, beside
	// others. A larger one is streamed, which shows in the bytes too.
	whole = 1 << 20

	// maxWorkers bounds the files that are compressed at a time, and so the
	// memory: twice as many are on their way.
	maxWorkers = 8
)

// Writer writes a zip file. The same calls give the same bytes, in every run
// and on every machine, as long as the compressor is the same; its version is
// pinned in go.mod, where the standard library's would change with the
// toolchain.
//
// Files are compressed in parallel and written in the order they were added.
// A Writer belongs to one goroutine. It may be dropped without Close.
type Writer struct {
	zip      *zip.Writer
	modified time.Time
	last     string
	files    map[string]bool // by path
	err      error           // the first failure; nothing is written after it

	queue    []*pending    // added and not yet written, the oldest first
	workers  chan struct{} // one element for each that is at work
	deflates sync.Pool     // of *flate.Writer
	buffers  sync.Pool     // of *bytes.Buffer
}

// NewWriter begins a zip file on w in which every entry was modified at the
// given time: in whole seconds of UTC, and not before 1980 nor after the start
// of 2106, which the two forms that zip has cannot tell.
func NewWriter(w io.Writer, modified time.Time) *Writer {
	first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Unix(math.MaxUint32, 0)
	modified = modified.UTC().Truncate(time.Second)
	if modified.Before(first) {
		modified = first
	} else if modified.After(last) {
		modified = last.UTC()
	}
	out := &Writer{
		zip:      zip.NewWriter(w),
		modified: modified,
		files:    make(map[string]bool),
		workers:  make(chan struct{}, min(runtime.GOMAXPROCS(0), maxWorkers)),
	}
	out.buffers.New = func() any { return new(bytes.Buffer) }
	out.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return out.deflate(w) })
	return out
}

// Add adds a regular file of size bytes. Paths have slashes and come in byte
// order, each once. Of the mode only counts whether the owner may execute the
// file: 0755, or else 0644. open is called once, perhaps from another
// goroutine and until Close has returned; its failure comes from a later call.
// fault.Unprocessable for a path that does not mean the same place everywhere.
func (w *Writer) Add(path string, mode fs.FileMode, size int64, open func() (io.ReadCloser, error)) error {
	perm := fs.FileMode(0o644)
	if mode&0o100 != 0 {
		perm = 0o755
	}
	return w.add(path, perm, size, open)
}

// Symlink adds a symbolic link, under the rules of Add. fault.Unprocessable
// where its target may lie outside the archive.
func (w *Writer) Symlink(path, target string) error {
	if why := linkFault(path, target); why != "" {
		return fault.New(fault.Unprocessable, "the symbolic link %q to %q %s", path, target, why)
	}
	return w.add(path, fs.ModeSymlink|0o777, int64(len(target)), func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(target)), nil
	})
}

// Close writes what is left. It does not close the underlying writer.
func (w *Writer) Close() error {
	w.drain(0)
	if w.err == nil {
		w.err = w.zip.Close()
	}
	return w.err
}

func (w *Writer) add(path string, mode fs.FileMode, size int64, open func() (io.ReadCloser, error)) error {
	if w.err != nil {
		return w.err
	}
	if err := w.admit(path); err != nil {
		return err
	}
	p := &pending{header: w.header(path, mode), size: size, open: open, done: make(chan struct{})}
	if size > whole {
		w.drain(0)
		w.stream(p)
		return w.err
	}
	w.queue = append(w.queue, p)
	go w.pack(p)
	w.drain(2 * cap(w.workers))
	return w.err
}

// admit checks a path against the rules and against those before it.
func (w *Writer) admit(path string) error {
	if why := nameFault(path); why != "" {
		return fault.New(fault.Unprocessable, "%q cannot be archived: the name %s", path, why)
	}
	if path <= w.last {
		return fmt.Errorf("archive: %q comes after %q, out of order", path, w.last)
	}
	for dir := range parents(path) {
		if w.files[dir] {
			return fault.New(fault.Unprocessable, "%q cannot be archived: it lies below %q, which is a file", path, dir)
		}
	}
	w.last, w.files[path] = path, true
	return nil
}

const (
	zipVersion = 20 // of the format: with deflate and folders
	flagUTF8   = 1 << 11
)

// header describes an entry in all but sizes and method.
func (w *Writer) header(path string, mode fs.FileMode) *zip.FileHeader {
	h := &zip.FileHeader{Name: path, CreatorVersion: zipVersion, ReaderVersion: zipVersion}
	h.SetMode(mode) // and says that this is a unix mode
	//lint:ignore SA1019 CreateRaw writes the time of MS-DOS from nowhere else
	h.SetModTime(w.modified)
	h.Modified = time.Time{} // or CreateHeader adds the timestamp below once more
	if strings.ContainsFunc(path, func(r rune) bool { return r >= 0x80 }) {
		h.Flags = flagUTF8
	}
	// Info-ZIP's extended timestamp, with the time of modification alone.
	h.Extra = append(h.Extra, 'U', 'T', 5, 0, 1)
	h.Extra = binary.LittleEndian.AppendUint32(h.Extra, uint32(w.modified.Unix()))
	return h
}

// pending is a file on its way.
type pending struct {
	header *zip.FileHeader
	size   int64
	open   func() (io.ReadCloser, error)

	packed *bytes.Buffer // valid, as err is, once done is closed
	err    error
	done   chan struct{}
}

// copy writes the content, which must have the announced size.
func (p *pending) copy(to io.Writer) error {
	r, err := p.open()
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.Copy(to, io.LimitReader(r, p.size+1))
	if err == nil && n != p.size {
		err = fmt.Errorf("archive: %q does not have the %d bytes announced", p.header.Name, p.size)
	}
	return err
}

// pack compresses a file into memory. What deflate would make longer is
// stored as it is.
func (w *Writer) pack(p *pending) {
	w.workers <- struct{}{}
	defer func() { <-w.workers; close(p.done) }()
	content, packed := w.buffer(), w.buffer()
	if p.err = p.copy(content); p.err != nil {
		return
	}
	d, err := w.deflate(packed)
	if err != nil {
		p.err = err
		return
	}
	d.Write(content.Bytes()) // to memory, which does not fail
	d.Close()
	p.header.CRC32 = crc32.ChecksumIEEE(content.Bytes())
	p.header.UncompressedSize64 = uint64(content.Len())
	p.header.Method = zip.Deflate
	if packed.Len() >= content.Len() {
		p.header.Method = zip.Store
		content, packed = packed, content
	}
	p.header.CompressedSize64 = uint64(packed.Len())
	p.packed = packed
	w.buffers.Put(content)
}

func (w *Writer) buffer() *bytes.Buffer {
	b := w.buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// drain writes the oldest files until at most keep are left.
func (w *Writer) drain(keep int) {
	for len(w.queue) > keep {
		p := w.queue[0]
		w.queue = w.queue[1:]
		<-p.done
		if w.err != nil {
			continue
		}
		if w.err = p.err; w.err != nil {
			continue
		}
		out, err := w.zip.CreateRaw(p.header)
		if err == nil {
			_, err = out.Write(p.packed.Bytes())
		}
		w.err = err
		w.buffers.Put(p.packed)
	}
}

// stream compresses a file straight into the archive.
func (w *Writer) stream(p *pending) {
	if w.err != nil {
		return
	}
	p.header.Method = zip.Deflate
	out, err := w.zip.CreateHeader(p.header)
	if err == nil {
		err = p.copy(out)
	}
	w.err = err
}

// deflate lends a compressor that goes back to the pool when it is closed.
func (w *Writer) deflate(to io.Writer) (io.WriteCloser, error) {
	if d, ok := w.deflates.Get().(*flate.Writer); ok {
		d.Reset(to)
		return &lent{d, &w.deflates}, nil
	}
	d, err := flate.NewWriter(to, level)
	return &lent{d, &w.deflates}, err
}

type lent struct {
	*flate.Writer
	pool *sync.Pool
}

func (l *lent) Close() error {
	err := l.Writer.Close()
	l.pool.Put(l.Writer)
	return err
}

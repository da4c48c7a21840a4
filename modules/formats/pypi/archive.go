package pypi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

// limits suit wheels: those of machine learning unpack to gigabytes.
func limits() archive.Limits {
	l := archive.DefaultLimits()
	l.Files, l.Size = maxFiles, 8<<30
	return l
}

// distribution is what a file says of itself.
type distribution struct {
	*Metadata
	// path is where the core metadata stands in the file, and digest its
	// SHA-256 in hex.
	path, digest string
}

// readDistribution reads a wheel or a source distribution through. Its faults
// are Invalid and TooLarge.
func readDistribution(ctx context.Context, r io.ReaderAt, size int64, f *fileName) (*distribution, error) {
	if f.kind == wheel {
		return readWheel(ctx, r, size, f)
	}
	return readSource(ctx, r, size, f)
}

func newDistribution(path string, text []byte, f *fileName) (*distribution, error) {
	m, err := ParseMetadata(text)
	if err != nil {
		return nil, err
	}
	if !f.of(m.canon, m.version.Canonical()) {
		return nil, fault.New(fault.Invalid, "the file %s holds %s %s: its name has to say the same", f.text, m.Name, m.Version)
	}
	sum := sha256.Sum256(text)
	return &distribution{m, path, hex.EncodeToString(sum[:])}, nil
}

// readSource reads a source distribution ("Source distribution format"): one
// folder, named after project and version, with a PKG-INFO.
func readSource(ctx context.Context, r io.ReaderAt, size int64, f *fileName) (*distribution, error) {
	var top string
	var text []byte
	visit := func(name string, read func(limit int64) ([]byte, error)) (err error) {
		if err := ctx.Err(); err != nil {
			return err
		}
		folder, path, _ := strings.Cut(name, "/")
		if top == "" {
			top = folder
		}
		if folder != top {
			return fault.New(fault.Invalid, "%s has %q and %q at its top; a source distribution has one folder", f.text, top, folder)
		}
		if path == "PKG-INFO" {
			text, err = read(maxMetadata)
		}
		return err
	}
	if err := eachSource(ctx, r, size, f, visit); err != nil {
		return nil, err
	}
	if text == nil {
		return nil, fault.New(fault.Invalid, "%s has no PKG-INFO in the folder %q; make it with python3 -m build", f.text, top)
	}
	d, err := newDistribution(top+"/PKG-INFO", text, f)
	if err == nil && !stemOf(top, d.canon, d.version.Canonical()) {
		err = fault.New(fault.Invalid, "the folder in %s is called %q, which is not %s-%s", f.text, top, d.Name, d.Version)
	}
	return d, err
}

// eachSource calls visit for each entry of a source distribution and reads it
// to its end.
func eachSource(ctx context.Context, r io.ReaderAt, size int64, f *fileName, visit func(name string, read func(limit int64) ([]byte, error)) error) error {
	if !f.zip {
		return archive.ReadTarGz(io.NewSectionReader(archive.While(ctx, r), 0, size), limits(), func(e archive.TarEntry) error {
			return visit(e.Name, e.ReadAll)
		})
	}
	z, err := archive.OpenZip(r, size, limits())
	if err != nil {
		return err
	}
	for _, e := range z.Files() {
		if err := visit(e.Name, func(limit int64) ([]byte, error) { return z.ReadFile(e.Name, limit) }); err != nil {
			return err
		}
	}
	return z.Verify(ctx)
}

// readWheel reads a wheel ("Binary distribution format"): one .dist-info folder
// with METADATA, WHEEL and RECORD, and exactly the files that RECORD lists.
func readWheel(ctx context.Context, r io.ReaderAt, size int64, f *fileName) (*distribution, error) {
	z, err := archive.OpenZip(r, size, limits())
	if err != nil {
		return nil, err
	}
	info, err := infoFolder(z, f)
	if err != nil {
		return nil, err
	}
	text, err := readInfo(z, info, "METADATA", maxMetadata)
	if err != nil {
		return nil, err
	}
	d, err := newDistribution(info+"/METADATA", text, f)
	if err != nil {
		return nil, err
	}
	if !stemOf(strings.TrimSuffix(info, infoSuffix), d.canon, d.version.Canonical()) {
		return nil, fault.New(fault.Invalid, "the folder %q in %s is not that of %s %s", info, f.text, d.Name, d.Version)
	}
	if err := checkWheelFile(z, info); err != nil {
		return nil, err
	}
	return d, checkRecord(ctx, z, info)
}

const infoSuffix = ".dist-info"

// infoFolder finds the one .dist-info folder.
func infoFolder(z *archive.Zip, f *fileName) (string, error) {
	info := ""
	for _, e := range z.Files() {
		folder, _, below := strings.Cut(e.Name, "/")
		if !below || !strings.HasSuffix(strings.ToLower(folder), infoSuffix) || folder == info {
			continue
		}
		if info != "" {
			return "", fault.New(fault.Invalid, "%s has two .dist-info folders, %q and %q", f.text, info, folder)
		}
		info = folder
	}
	if !strings.HasSuffix(info, infoSuffix) {
		return "", fault.New(fault.Invalid, "%s has no .dist-info folder: it is no wheel", f.text)
	}
	return info, nil
}

func readInfo(z *archive.Zip, info, name string, limit int64) ([]byte, error) {
	b, err := z.ReadFile(info+"/"+name, limit)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Invalid, "the wheel has no %s in the folder %q", name, info)
	}
	return b, err
}

// checkWheelFile refuses a wheel that installers would: one of a later major
// version of the format.
func checkWheelFile(z *archive.Zip, info string) error {
	text, err := readInfo(z, info, "WHEEL", maxHeader)
	if err != nil {
		return err
	}
	fields, _, err := parseFields(text)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if f.name == "wheel-version" {
			if !strings.HasPrefix(f.value, "1.") {
				return fault.New(fault.Invalid, "the wheel is of Wheel-Version %.20q; installers know 1.0", f.value)
			}
			return nil
		}
	}
	return fault.New(fault.Invalid, "the WHEEL file in %q has no Wheel-Version", info)
}

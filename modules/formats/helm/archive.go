package helm

import (
	"context"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

const (
	chartFile        = "Chart.yaml"
	requirementsFile = "requirements.yaml"

	maxReadme = 512 << 10 // bytes; a longer one is passed over
)

// readmeNames are the usual names in lower case, the preferred first.
var readmeNames = []string{"readme.md", "readme.txt", "readme"}

// limits are Helm's own: it loads no larger chart.
func limits() archive.Limits {
	l := archive.DefaultLimits()
	l.Size, l.File = 100<<20, 5<<20
	return l
}

// packed is what the archive of a chart holds.
type packed struct {
	*Chart
	readme, readmeName string // UTF-8
}

// openArchive reads the archive of a chart, size bytes long: a tar archive packed
// by gzip with one folder, called as the chart, with a Chart.yaml directly in it.
// Charts that it brings along are below charts/ in that folder. fault.Invalid and
// fault.TooLarge for what is no such archive, fault.Unprocessable for a wrong
// Chart.yaml.
func openArchive(ctx context.Context, r io.ReaderAt, size int64) (*packed, error) {
	var a archiveReader
	if err := archive.ReadTarGz(io.NewSectionReader(archive.While(ctx, r), 0, size), limits(), a.entry); err != nil {
		return nil, err
	}
	if a.chart == nil {
		return nil, fault.New(fault.Invalid, "the archive has no Chart.yaml in its top folder: pack the chart with helm package")
	}
	c, err := ParseChart(a.chart)
	if err != nil {
		return nil, err
	}
	if a.top != c.Name {
		return nil, fault.New(fault.Invalid, "the folder in the archive is called %q and the chart %q: pack it with helm package", a.top, c.Name)
	}
	if a.requirements != nil {
		listed, err := parseRequirements(a.requirements)
		if err != nil {
			return nil, err
		}
		if len(listed) > 0 && len(c.Dependencies) > 0 {
			return nil, broken(requirementsFile, "Chart.yaml lists dependencies too; keep those in one place")
		}
		c.Dependencies = append(c.Dependencies, listed...)
	}
	return &packed{c, a.readme, a.readmeName}, nil
}

type archiveReader struct {
	top                 string // the folder that all is in
	chart, requirements []byte
	readme, readmeName  string
	rank                int // of the README so far, from the end of readmeNames
}

func (a *archiveReader) entry(e archive.TarEntry) error {
	top, path, below := strings.Cut(e.Name, "/")
	if a.top == "" {
		a.top = top
	}
	switch {
	case top != a.top:
		return fault.New(fault.Invalid, "the archive has two folders at its top, %q and %q; helm package puts everything into one", a.top, top)
	case e.Type == archive.TarDirectory:
		return nil
	case !below:
		return fault.New(fault.Invalid, "the archive has %q at its top, where Helm expects a folder; pack the chart with helm package", e.Name)
	case e.Type != archive.TarFile:
		return fault.New(fault.Invalid, "%q is a %s; helm package puts in its place what it leads to", e.Name, e.Type)
	}
	for _, known := range []string{chartFile, requirementsFile} {
		if path != known && archive.SameFile(path, known) {
			return fault.New(fault.Invalid, "the archive has a file %q, which some systems take for %s; remove it", e.Name, known)
		}
	}
	rank := len(readmeNames) - slices.Index(readmeNames, strings.ToLower(path))
	switch {
	case path == chartFile:
		return read(e, &a.chart)
	case path == requirementsFile:
		return read(e, &a.requirements)
	case rank <= len(readmeNames) && rank > a.rank && e.Size <= maxReadme:
		text, err := e.ReadAll(maxReadme)
		a.rank, a.readmeName = rank, path
		a.readme = archive.Text(text)
		return err
	}
	return nil
}

// read keeps the text of a file of metadata.
func read(e archive.TarEntry, into *[]byte) (err error) {
	*into, err = e.ReadAll(maxChartFile)
	if fault.Is(err, fault.TooLarge) {
		return broken(e.Name, "it has more than %d bytes", maxChartFile)
	}
	if *into == nil {
		*into = []byte{}
	}
	return err
}

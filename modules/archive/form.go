package archive

import (
	"io/fs"
	"strings"

	"ingot.dev/modules/fault"
)

// form is a form of archive, by the words that refusals have for it. It has
// the checks that all forms share.
type form string

const (
	zipForm  form = "zip file"
	tarForm  form = "tar archive"
	gzipForm form = "gzip file"
)

// invalid is the refusal of what an archive says.
func (f form) invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "the "+string(f)+" is refused: "+format, args...)
}

// tooLarge is the refusal of an archive over a limit; the message follows
// "the zip file" and its like.
func (f form) tooLarge(format string, args ...any) error {
	return fault.New(fault.TooLarge, "the "+string(f)+" "+format, args...)
}

// checkName is the one check of the path of an entry, which is without the
// slash of a directory.
func (f form) checkName(path string, limits Limits) error {
	if len(path) > limits.Name {
		return f.longName(path, limits)
	}
	if why := nameFault(path); why != "" {
		return f.invalid("the name %q %s", path, why)
	}
	if strings.Count(path, "/") > limits.Depth {
		return f.tooLarge("has %q, more than %d directories deep", path, limits.Depth)
	}
	return nil
}

func (f form) longName(path string, limits Limits) error {
	return f.tooLarge("has a name of %d bytes, more than %d", len(path), limits.Name)
}

// checkTree refuses an entry below one that is no directory. kinds are the
// types of all entries by their paths.
func (f form) checkTree(kinds map[string]fs.FileMode) error {
	for path := range kinds {
		for dir := range parents(path) {
			if kind, ok := kinds[dir]; ok && kind != fs.ModeDir {
				return f.invalid("the entry %q lies below %q, which is no directory", path, dir)
			}
		}
	}
	return nil
}

package cran

import (
	"context"
	"io"
	"slices"

	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/cran/rds"
)

// held is a source package that is in the registry, as its file.
type held struct {
	path string
	size float64
	time float64 // seconds since 1970
}

// eachSources goes through the packages, each by its source packages, the
// newest first.
func eachSources(ctx context.Context, reg format.Reader, fn func(files []*format.File)) error {
	for versions, err := range reg.Each(ctx, format.Filter{}) {
		if err != nil {
			return err
		}
		var files []*format.File
		for _, v := range versions {
			for _, f := range v.Files {
				if t, ok := treeOf(f); ok && t == (tree{}) {
					files = append(files, f)
				}
			}
		}
		if len(files) > 0 {
			fn(files)
		}
	}
	return nil
}

func heldAs(path string, f *format.File) held {
	return held{path, float64(f.Size), float64(f.Created.Unix())}
}

// buildOlder writes Meta/archive.rds: for each package that has older versions,
// their files below src/contrib/Archive, the oldest first. It is what
// remotes::install_version reads.
func buildOlder(ctx context.Context, b format.Build, w io.Writer) error {
	var names rds.Strings
	var older [][]held
	err := eachSources(ctx, b.Reg, func(files []*format.File) {
		if len(files) == 1 {
			return
		}
		name, _, _, _ := splitFileName(files[0].Name)
		var list []held
		for _, f := range slices.Backward(files[1:]) {
			list = append(list, heldAs(name+"/"+f.Name, f))
		}
		names, older = append(names, name), append(older, list)
	})
	if err != nil {
		return err
	}
	return rds.Write(w, rds.List{Names: names, At: func(i int) rds.Value { return frame(older[i]) }})
}

// buildNewest writes Meta/current.rds: the files of src/contrib.
func buildNewest(ctx context.Context, b format.Build, w io.Writer) error {
	var list []held
	err := eachSources(ctx, b.Reg, func(files []*format.File) { list = append(list, heldAs(files[0].Name, files[0])) })
	if err != nil {
		return err
	}
	return rds.Write(w, frame(list))
}

// frame tells of files as R's file.info does, though not whose they are.
func frame(files []held) rds.Frame {
	n := len(files)
	paths, nobody := make(rds.Strings, n), make(rds.Strings, n)
	sizes, times := make(rds.Doubles, n), make(rds.Doubles, n)
	modes, zeros := make(rds.Integers, n), make(rds.Integers, n)
	for i, f := range files {
		paths[i], sizes[i], times[i], modes[i] = f.path, f.size, f.time, 0o644
	}
	time := rds.Classed{Class: rds.Strings{"POSIXct", "POSIXt"}, Vector: times}
	return rds.Frame{Rows: paths, Columns: []rds.Column{
		{Name: "size", Values: sizes},
		{Name: "isdir", Values: make(rds.Logicals, n)},
		{Name: "mode", Values: rds.Classed{Class: rds.Strings{"octmode"}, Vector: modes}},
		{Name: "mtime", Values: time},
		{Name: "ctime", Values: time},
		{Name: "atime", Values: time},
		{Name: "uid", Values: zeros},
		{Name: "gid", Values: zeros},
		{Name: "uname", Values: nobody},
		{Name: "grname", Values: nobody},
	}}
}

package conda

import (
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// folderOf gives the folder that an address names.
func folderOf(q *format.Request) (folder, error) {
	f := folder{q.Param("channel"), q.Param("subdir")}
	return f, f.check()
}

// file answers with a build.
func (c *Conda) file(q *format.Request) error {
	at, err := folderOf(q)
	if err != nil {
		return err
	}
	f, err := c.find(q, at, q.Param("file"))
	if err != nil {
		return err
	}
	return q.File(f)
}

// find finds a build by its folder and the name of its file.
func (c *Conda) find(q *format.Request, at folder, file string) (*format.File, error) {
	if err := at.check(); err != nil {
		return nil, err
	}
	name, err := parseFileName(file)
	if err != nil {
		return nil, fault.New(fault.NotFound, "there is no %.220q in %s: no package and no index is called so", file, at)
	}
	return q.Reg.File(q.Context(), format.FileRef{Package: name.name, Version: name.version, File: at.String() + "/" + file})
}

// document answers with an index of a folder.
func (c *Conda) document(q *format.Request, kind string) error {
	at, err := folderOf(q)
	if err != nil {
		return err
	}
	return q.Document(kind, at.String())
}

// channeldata answers with what is told of all packages of a channel.
func (c *Conda) channeldata(q *format.Request) error {
	channel := q.Param("channel")
	if checkChannel(channel) != nil {
		return fault.New(fault.NotFound, "there is no channel %.110q here", channel)
	}
	return q.Document(channeldataKind, channel)
}

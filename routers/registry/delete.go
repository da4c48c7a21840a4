package registry

import (
	"net/http"
	"slices"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// What a delete leaves empty goes with it: the version of the last file, the
// package of the last version.

func (a *API) deletePackage(q *format.Request) error { return a.delete(q, "", "") }

func (a *API) deleteVersion(q *format.Request) error {
	return a.delete(q, q.Param("packageVersion"), "")
}

func (a *API) deleteFile(q *format.Request) error {
	return a.delete(q, q.Param("packageVersion"), q.Param("fileUuid"))
}

func (a *API) delete(q *format.Request, version, fileUUID string) error {
	p, err := a.open(q, forge.DeletePackages)
	if err != nil {
		return err
	}
	ref := format.FileRef{Package: p.Name, Version: version}
	if fileUUID != "" {
		v, err := q.Reg.Version(q.Context(), p.Name, version)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Files, func(f *format.File) bool { return f.UUID == fileUUID })
		if i < 0 {
			return fault.New(fault.NotFound, "%s %s has no file %q", p.Name, v.Name, fileUUID)
		}
		ref.File = v.Files[i].Name
	}
	if err := q.Reg.Delete(q.Context(), ref); err != nil {
		return err
	}
	return q.Empty(http.StatusOK)
}

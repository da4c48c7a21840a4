package registry

import (
	"path"

	"ingot.dev/modules/format"
	"ingot.dev/modules/hal"
)

// fileModel is a file of a version.
type fileModel struct {
	ID      string `json:"id"`
	Name    string `json:"name"` // without its folder
	Size    int64  `json:"size"` // bytes
	MD5     string `json:"hashMd5"`
	SHA1    string `json:"hashSHA1"`
	SHA256  string `json:"hashSHA256"`
	Upload  string `json:"packageUploadType"`
	Created string `json:"createdAt"` // UTC, without a zone
}

func newFile(f *format.File) fileModel {
	return fileModel{
		ID: f.UUID, Name: path.Base(f.Name), Size: f.Size,
		MD5: f.Digests.MD5, SHA1: f.Digests.SHA1, SHA256: f.Digests.SHA256,
		Upload: f.Upload.String(), Created: f.Created.UTC().Format("2006-01-02T15:04:05.000000"),
	}
}

// listFiles lists the files of all versions of a package, newest first.
func (a *API) listFiles(q *format.Request) error {
	w := hal.ParseWindow(q.R.URL.Query())
	files, total, err := a.reg.FilePage(q.Context(), q.Scope.Ref, q.Param("packageUuid"), w.Size, w.Offset())
	if err != nil {
		return err
	}
	return reply(q, hal.NewPage("simplePackageFileModelList", each(files, newFile), w, total))
}

package registry

import (
	"strings"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/hal"
)

// versionModel is a version with its files.
type versionModel struct {
	ID              string      `json:"id"`
	BaseVersion     string      `json:"baseVersion"`
	Version         string      `json:"version"`
	LowerVersion    string      `json:"lowerVersion"`
	DownloadCount   int64       `json:"downloadCount"`
	LanguageVersion *string     `json:"languageVersion"`
	Upload          string      `json:"packageUploadType"`
	Files           []fileModel `json:"packageFiles"`
	Internal        *string     `json:"internal"` // deprecated, always null
}

func newVersion(v *format.Version) versionModel {
	m := versionModel{
		ID: v.UUID, BaseVersion: v.Name, Version: v.Name, LowerVersion: strings.ToLower(v.Name),
		DownloadCount: v.Downloads, Upload: v.Upload.String(), Files: each(v.Files, newFile),
	}
	if v.Language != "" {
		m.LanguageVersion = &v.Language
	}
	return m
}

// each makes a model of each item.
func each[T, M any](items []*T, model func(*T) M) []M {
	list := make([]M, len(items))
	for i, item := range items {
		list[i] = model(item)
	}
	return list
}

// listVersions lists the versions of a package, newest publication first.
func (a *API) listVersions(q *format.Request) error {
	w := hal.ParseWindow(q.R.URL.Query())
	versions, total, err := a.reg.VersionPage(q.Context(), q.Scope.Ref, q.Param("packageUuid"), w.Size, w.Offset())
	if err != nil {
		return err
	}
	return reply(q, hal.NewPage("simplePackageVersionModelList", each(versions, newVersion), w, total))
}

func (a *API) showVersion(q *format.Request) error {
	p, err := a.open(q, forge.ReadPackages)
	if err != nil {
		return err
	}
	v, err := q.Reg.Version(q.Context(), p.Name, q.Param("packageVersion"))
	if err != nil {
		return err
	}
	return reply(q, newVersion(v))
}

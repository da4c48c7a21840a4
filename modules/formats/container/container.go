package container

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Container implements format.Format.
type Container struct{}

var (
	_ format.Format      = (*Container)(nil)
	_ format.Naming      = (*Container)(nil)
	_ format.Rooted      = (*Container)(nil)
	_ format.Complaining = (*Container)(nil)
	_ format.Configured  = (*Container)(nil)
	_ format.Cleaning    = (*Container)(nil)
	_ format.Presented   = (*Container)(nil)
)

// New makes the format.
func New() *Container { return &Container{} }

// Info implements format.Format.
func (c *Container) Info() format.Info {
	return format.Info{ID: "container", Title: "Container", Short: "oci", PURL: "oci", ByTag: true}
}

// Routes implements format.Format. An upload is its account's own, and to look
// at one or to cancel it needs no more than to begin it.
func (c *Container) Routes() []format.Route {
	return []format.Route{
		{Name: "base", Method: http.MethodGet, Pattern: "", Need: forge.Public, Handle: c.base},
		{Name: "token", Method: http.MethodGet, Pattern: "token", Need: forge.Public, Handle: c.token},
		{Name: "tokenForm", Method: http.MethodPost, Pattern: "token", Need: forge.Public, Handle: c.tokenForm},
		{Name: "catalog", Method: http.MethodGet, Pattern: "_catalog", Need: forge.Public, Handle: c.catalog},
		{Name: "tags", Method: http.MethodGet, Pattern: "{name...}/tags/list", Need: forge.ReadPackages, Handle: c.tags},
		{Name: "referrers", Method: http.MethodGet, Pattern: "{name...}/referrers/{digest}", Need: forge.ReadPackages, Handle: c.referrers},
		{Name: "manifest", Method: http.MethodGet, Pattern: "{name...}/manifests/{reference}", Need: forge.ReadPackages, Handle: c.manifest},
		{Name: "putManifest", Method: http.MethodPut, Pattern: "{name...}/manifests/{reference}", Need: forge.PublishPackages, Handle: c.putManifest},
		{Name: "deleteManifest", Method: http.MethodDelete, Pattern: "{name...}/manifests/{reference}", Need: forge.DeletePackages, Handle: c.deleteManifest},
		{Name: "beginUpload", Method: http.MethodPost, Pattern: "{name...}/blobs/uploads/", Need: forge.PublishPackages, Handle: c.beginUpload},
		{Name: "upload", Method: http.MethodGet, Pattern: "{name...}/blobs/uploads/{upload}", Need: forge.PublishPackages, Handle: c.upload},
		{Name: "appendUpload", Method: http.MethodPatch, Pattern: "{name...}/blobs/uploads/{upload}", Need: forge.PublishPackages, Handle: c.appendUpload},
		{Name: "finishUpload", Method: http.MethodPut, Pattern: "{name...}/blobs/uploads/{upload}", Need: forge.PublishPackages, Handle: c.finishUpload},
		{Name: "cancelUpload", Method: http.MethodDelete, Pattern: "{name...}/blobs/uploads/{upload}", Need: forge.PublishPackages, Handle: c.cancelUpload},
		{Name: "blob", Method: http.MethodGet, Pattern: "{name...}/blobs/{digest}", Need: forge.ReadPackages, Handle: c.blob},
		{Name: "deleteBlob", Method: http.MethodDelete, Pattern: "{name...}/blobs/{digest}", Need: forge.DeletePackages, Handle: c.deleteBlob},
	}
}

// CanonicalName implements format.Naming.
func (c *Container) CanonicalName(name string) (string, error) { return name, checkName(name) }

// CanonicalVersion implements format.Naming: versions are called by digest.
func (c *Container) CanonicalVersion(version string) (string, error) {
	return version, checkDigest(version)
}

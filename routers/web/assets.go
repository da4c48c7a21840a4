package web

import (
	"io/fs"
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/templates"
)

func (p *Pages) assetRoutes() []Route {
	return []Route{
		{Name: "asset", Method: http.MethodGet, Pattern: "assets/{file}", Need: forge.Public, handle: asset},
	}
}

// asset answers with a built file. Its name changes with its content.
func asset(c *call) error {
	name := c.params.Value("file")
	if _, err := fs.Stat(templates.Assets(), name); err != nil || name == "manifest.json" {
		return fault.New(fault.NotFound, "there is no such file")
	}
	c.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(c.w, c.r, templates.Assets(), name)
	return nil
}

package conda

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Conda is the format.
type Conda struct {
	searching chan struct{} // has one place: see older
}

var (
	_ format.Format       = (*Conda)(nil)
	_ format.Naming       = (*Conda)(nil)
	_ format.Ordering     = (*Conda)(nil)
	_ format.Credentialed = (*Conda)(nil)
	_ format.Indexed      = (*Conda)(nil)
	_ format.Uploading    = (*Conda)(nil)
	_ format.Presented    = (*Conda)(nil)
)

// New makes the format.
func New() *Conda { return &Conda{searching: make(chan struct{}, 1)} }

// Info implements format.Format.
func (*Conda) Info() format.Info {
	return format.Info{ID: "conda", Title: "Conda", Short: "cnda", PURL: "conda", TokenInPath: true}
}

// Routes implements format.Format. All that is read of the root is read of a
// channel too.
func (c *Conda) Routes() []format.Route {
	const read, publish = forge.ReadPackages, forge.PublishPackages
	var routes []format.Route
	get := func(name, pattern string, handle func(*format.Request) error) {
		routes = append(routes,
			format.Route{Name: name, Method: http.MethodGet, Pattern: pattern, Need: read, Handle: handle},
			format.Route{Name: "channel." + name, Method: http.MethodGet, Pattern: "{channel...}/" + pattern, Need: read, Handle: handle},
		)
	}
	for _, d := range served {
		get(d.kind, "{subdir}/"+d.file, func(q *format.Request) error { return c.document(q, d.kind) })
	}
	get("shard", "{subdir}/"+shardsFolder+"{digest}"+shardExtension, c.shard)
	get(channeldataKind, "channeldata.json", c.channeldata)
	get("file", "{subdir}/{file}", c.file)
	return append(routes,
		format.Route{Name: "put", Method: http.MethodPut, Pattern: "{file}", Need: publish, Handle: c.put},
		format.Route{Name: "putBelow", Method: http.MethodPut, Pattern: "{folders...}/{file}", Need: publish, Handle: c.put},
		format.Route{Name: "quetzFiles", Method: http.MethodPost, Pattern: "api/channels/{channel...}/files/", Need: publish, Handle: c.quetzFiles},
		format.Route{Name: "quetzUpload", Method: http.MethodPost, Pattern: "api/channels/{channel...}/upload/{file}", Need: publish, Handle: c.quetzUpload},
		format.Route{Name: "upload", Method: http.MethodPost, Pattern: "api/v1/upload/{channel...}", Need: publish, Handle: c.upload},
	)
}

// Credential implements format.Credentialed: quetz and its clients have a header
// of their own. It counts where there is no Authorization.
func (*Conda) Credential(r *http.Request) (forge.Credential, bool) {
	key := r.Header.Get("X-API-Key")
	return forge.Credential{Scheme: forge.Raw, Secret: key}, key != "" && r.Header.Get("Authorization") == ""
}

package git

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
)

// Endpoint is one of the four addresses of the smart protocol (Git
// documentation, "HTTP transfer protocols").
type Endpoint struct {
	Service   Service
	Advertise bool // the refs are asked for, nothing is transferred yet
}

// Service is a side of the protocol, by the name git gives it.
type Service string

// The services.
const (
	UploadPack  Service = "git-upload-pack"  // clone and fetch
	ReceivePack Service = "git-receive-pack" // push
)

// Find tells which endpoint a request means, suffix being its path below the
// repository's address, without a leading slash. Denied for the dumb protocol,
// NotAllowed for a wrong method, NotFound for what is no address of git's.
func Find(r *http.Request, suffix string) (Endpoint, error) {
	switch {
	case suffix == "info/refs":
		if r.Method != method(suffix) {
			return Endpoint{}, fault.New(fault.NotAllowed, "refs are read with GET")
		}
		switch s := Service(r.URL.Query().Get("service")); s {
		case UploadPack, ReceivePack:
			return Endpoint{s, true}, nil
		}
		return Endpoint{}, dumb()
	case suffix == string(UploadPack), suffix == string(ReceivePack):
		if r.Method != method(suffix) {
			return Endpoint{}, fault.New(fault.NotAllowed, "%s is asked with POST", suffix)
		}
		return Endpoint{Service(suffix), false}, nil
	case suffix == "HEAD", strings.HasPrefix(suffix, "objects/"):
		return Endpoint{}, dumb()
	}
	return Endpoint{}, fault.New(fault.NotFound, "a repository has no %q; clone it with git", suffix)
}

// method is the one that an address of git's is asked with.
func method(suffix string) string {
	if suffix == "info/refs" {
		return http.MethodGet
	}
	return http.MethodPost
}

func dumb() error {
	return fault.New(fault.Denied, "this server speaks git's smart protocol only: use git 1.6.6 or newer")
}

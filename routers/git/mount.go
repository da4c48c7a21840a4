package git

import (
	"context"
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/tags"
)

// Mount serves the repositories of projects at /project/{owner}/{project}.git.
type Mount struct {
	gate   *gate.Gate
	repos  forge.Repositories
	tags   *tags.Service
	server *Server
}

// NewMount makes the area.
func NewMount(g *gate.Gate, repos forge.Repositories, t *tags.Service, s *Server) *Mount {
	return &Mount{gate: g, repos: repos, tags: t, server: s}
}

// Serve answers an address of git's. It is false where the path is none.
func (m *Mount) Serve(w http.ResponseWriter, r *http.Request, segments []string) bool {
	if len(segments) < 4 || segments[0] != "project" || !strings.HasSuffix(segments[2], ".git") {
		return false
	}
	path := scope.Path{Kind: scope.Project, Owner: segments[1], Name: strings.TrimSuffix(segments[2], ".git")}
	if err := m.serve(w, r, path, strings.Join(segments[3:], "/")); err != nil {
		f := m.gate.Explain(r, err)
		gate.Headers(w.Header(), f)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8") // git prints it as "remote: ..."
		w.WriteHeader(gate.Status(f.Kind))
		_, _ = w.Write([]byte(f.Message + "\n"))
	}
	return true
}

func (m *Mount) serve(w http.ResponseWriter, r *http.Request, path scope.Path, suffix string) error {
	middleware.SetRoute(r.Context(), "git.unknown")
	endpoint, err := Find(r, suffix)
	if fault.Is(err, fault.NotAllowed) {
		w.Header().Set("Allow", method(suffix))
	}
	if err != nil {
		return err
	}
	middleware.SetRoute(r.Context(), strings.TrimPrefix(string(endpoint.Service), "git-"))
	actor, err := m.gate.Client(r, nil)
	if err != nil {
		return err
	}
	sc, err := m.gate.Scope(r.Context(), actor, path, endpoint.Permission())
	if err != nil {
		return err
	}
	dir, err := m.repos.Repository(r.Context(), sc)
	if err != nil {
		return err
	}
	call := Call{Endpoint: endpoint, Dir: dir, User: actor.Name}
	if endpoint.Service == ReceivePack && !endpoint.Advertise {
		ended, err := m.tags.Watch(r.Context(), sc, actor, dir)
		if err != nil {
			return err
		}
		call.After = func(ctx context.Context) {
			if err := ended(ctx); err != nil {
				m.gate.Log.ErrorContext(ctx, "a push's tags wait for the outbox", "error", err)
			}
			if w, ok := m.repos.(forge.Watcher); ok {
				if err := w.Pushed(ctx, sc); err != nil {
					m.gate.Log.ErrorContext(ctx, "the forge could not be told of a push", "error", err)
				}
			}
		}
	}
	return m.server.Serve(w, r, call)
}

// Permission is what a request needs: a push asks for the refs with the right
// to write already, so that it is refused before the pack is sent.
func (e Endpoint) Permission() forge.Permission {
	if e.Service == ReceivePack {
		return forge.WriteRepository
	}
	return forge.ReadRepository
}

// Route is one address below a repository's.
type Route struct {
	Name, Method, Path string
	Need               forge.Permission
}

// Routes lists the addresses of git, for tests that walk them.
func (m *Mount) Routes() []Route {
	return []Route{
		{"advertiseUpload", http.MethodGet, "info/refs?service=git-upload-pack", forge.ReadRepository},
		{"uploadPack", http.MethodPost, "git-upload-pack", forge.ReadRepository},
		{"advertiseReceive", http.MethodGet, "info/refs?service=git-receive-pack", forge.WriteRepository},
		{"receivePack", http.MethodPost, "git-receive-pack", forge.WriteRepository},
	}
}

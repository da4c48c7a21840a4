// Package tags makes packages from repository tags: by button, by request and
// by push. It is the one place that knows both the repositories of the forge
// and the registry.
package tags

import (
	"bufio"
	"context"
	"errors"
	"io"

	"ingot.dev/models/db"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/git"
	"ingot.dev/modules/scope"
	"ingot.dev/services/outbox"
	"ingot.dev/services/registry"
)

// Service builds packages from tags.
type Service struct {
	db    *db.DB
	reg   *registry.Service
	jobs  *outbox.Service
	forge forge.Forge
	repos forge.Repositories // nil for a forge without repositories
}

// New makes the service and registers its job.
func New(d *db.DB, reg *registry.Service, jobs *outbox.Service, f forge.Forge) *Service {
	repos, _ := f.(forge.Repositories)
	s := &Service{db: d, reg: reg, jobs: jobs, forge: f, repos: repos}
	jobs.Handle(pushTopic, s.pushed)
	return s
}

// CloneURL gives the address of a project's repository, empty for other
// scopes and for a forge without repositories.
func (s *Service) CloneURL(sc scope.Scope) string {
	if s.repos == nil || sc.Kind != scope.Project {
		return ""
	}
	return s.repos.CloneURL(sc)
}

func (s *Service) open(ctx context.Context, sc scope.Scope) (*git.Repository, error) {
	if s.repos == nil || sc.Kind != scope.Project {
		return nil, fault.New(fault.NotFound, "only a project has tags to build packages from")
	}
	dir, err := s.repos.Repository(ctx, sc)
	if err != nil {
		return nil, err
	}
	return git.Open(dir)
}

// Publish builds the package of kind k that a tag of sc makes and publishes
// it into reg. fault.NotFound where there is no such tag or its commit holds
// no package of the kind, fault.Unprocessable where what it holds is broken,
// fault.Conflict where the version exists.
func (s *Service) Publish(ctx context.Context, sc scope.Scope, reg format.Registry, k *registry.Kind, name string) (*format.Version, error) {
	repo, err := s.open(ctx, sc)
	if err != nil {
		return nil, err
	}
	defer repo.Close()
	tag, err := repo.Tag(ctx, name)
	if err != nil {
		return nil, err
	}
	src, err := s.source(ctx, repo, tag)
	if err != nil {
		return nil, err
	}
	src.Stage = func(ctx context.Context, write func(io.Writer) error) (blob.Staged, error) {
		return stage(ctx, reg, write)
	}
	rel, err := k.Tagged.FromTag(ctx, src)
	if err != nil {
		return nil, err
	}
	rel.Origin = format.Origin{Tag: tag.Name, Commit: tag.Commit, Tagger: src.Tagger}
	rel.Existing = format.Refuse
	return reg.Publish(ctx, rel)
}

func (s *Service) source(ctx context.Context, repo *git.Repository, tag git.Tag) (format.Source, error) {
	if tag.Commit == "" {
		return format.Source{}, fault.New(fault.Unprocessable, "the tag %q names no commit, so nothing can be built from it", tag.Name)
	}
	commit, err := repo.Commit(ctx, tag.Commit)
	if err != nil {
		return format.Source{}, err
	}
	t, err := repo.Tree(ctx, tag.Commit)
	if err != nil {
		return format.Source{}, err
	}
	return format.Source{
		Tag: tag.Name, Commit: tag.Commit, Tagger: signature(tag.Tagger), When: commit.Committer.When.UTC(), Tree: tree{t},
	}, nil
}

func signature(s git.Signature) string {
	if s.Email == "" {
		return s.Name
	}
	return s.Name + " <" + s.Email + ">"
}

// stage connects a writer to the registry's spool.
func stage(ctx context.Context, reg format.Registry, write func(io.Writer) error) (blob.Staged, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := bufio.NewWriterSize(w, 256<<10)
		err := write(buf)
		w.CloseWithError(errors.Join(err, flushed(buf, err)))
	}()
	body, err := reg.Stage(ctx, r, 0)
	r.CloseWithError(err) // a writer that is still at it stops
	<-done
	return body, err
}

func flushed(w *bufio.Writer, err error) error {
	if err != nil {
		return nil
	}
	return w.Flush()
}

// tree implements format.Tree.
type tree struct{ t *git.Tree }

// ReadFile implements format.Tree.
func (t tree) ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	return t.t.ReadFile(ctx, path, limit)
}

// Walk implements format.Tree.
func (t tree) Walk(ctx context.Context, fn func(format.TreeFile) error) error {
	return t.t.Export(ctx, git.DefaultLimits(), func(f git.File) error {
		return fn(format.TreeFile{Path: f.Path, Mode: f.Mode, Size: f.Size, Open: f.Open})
	})
}

// Outlook is what Ingot makes of a tag for one format.
type Outlook struct {
	Kind        *registry.Kind
	Coordinates format.Coordinates
	Made        *registry.Made // not nil where it is published
	Moved       bool           // published from another commit than the tag names now
	Trouble     *fault.Fault   // why it cannot be published; nil where it can
}

// Tag is a tag with its outlooks. A format that finds nothing of its own in
// the commit has none.
type Tag struct {
	git.Tag
	Outlooks []Outlook
}

// Page gives some tags of a project, the newest version first, with what can
// be made of them, and the number of all tags that contain filter.
func (s *Service) Page(ctx context.Context, sc scope.Scope, filter string, limit, offset int) ([]Tag, int, error) {
	repo, err := s.open(ctx, sc)
	if err != nil {
		return nil, 0, err
	}
	defer repo.Close()
	names, err := repo.TagNames(ctx)
	if err != nil {
		return nil, 0, err
	}
	names = containing(names, filter)
	total := len(names)
	names = names[min(offset, total):min(offset+limit, total)]
	details, err := repo.Tags(ctx, names)
	if err != nil {
		return nil, 0, err
	}
	made, err := s.reg.Published(ctx, sc.Ref)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Tag, len(details))
	for i, tag := range details {
		out[i].Tag = tag
		for _, k := range s.reg.Kinds() {
			if k.Tagged == nil {
				continue
			}
			if o, ok := s.outlook(ctx, repo, tag, k, made); ok {
				out[i].Outlooks = append(out[i].Outlooks, o)
			}
		}
	}
	return out, total, nil
}

func (s *Service) outlook(ctx context.Context, repo *git.Repository, tag git.Tag, k *registry.Kind, made map[registry.TagKey]registry.Made) (Outlook, bool) {
	o := Outlook{Kind: k}
	if m, ok := made[registry.TagKey{Tag: tag.Name, Format: k.Info.ID}]; ok {
		o.Made, o.Moved = &m, m.Commit != tag.Commit
		o.Coordinates = format.Coordinates{Package: m.Package, Version: m.Version}
		return o, true
	}
	src, err := s.source(ctx, repo, tag)
	if err == nil {
		o.Coordinates, err = k.Tagged.Inspect(ctx, src)
	}
	if fault.Is(err, fault.NotFound) {
		return o, false
	}
	if err != nil {
		o.Trouble = fault.From(err)
	}
	return o, true
}

// Count gives the number of tags of a project, 0 for what has no repository.
func (s *Service) Count(ctx context.Context, sc scope.Scope) (int, error) {
	repo, err := s.open(ctx, sc)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer repo.Close()
	names, err := repo.TagNames(ctx)
	return len(names), err
}

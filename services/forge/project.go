package forge

import (
	"context"
	"slices"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/git"
	"ingot.dev/modules/scope"
)

// Project belongs to a user or a company and has a repository.
type Project struct {
	ID          int64
	UUID        string
	Owner       scope.Ref
	OwnerAlias  string
	Alias       string
	Title       string
	Description string
	Private     bool // what it says of itself
	Hidden      bool // what counts: itself or its owner is private
	Created     time.Time
	Pushed      time.Time // the last push; zero before the first
}

// Ref is the project's scope.
func (p Project) Ref() scope.Ref { return scope.Ref{Kind: scope.Project, ID: p.ID} }

// Path is how the project is addressed.
func (p Project) Path() scope.Path {
	return scope.Path{Kind: scope.Project, Owner: p.OwnerAlias, Name: p.Alias}
}

func projectOf(p *accounts.Project) Project {
	return Project{
		ID: p.ID, UUID: p.UUID, Owner: p.Owner(), OwnerAlias: p.OwnerAlias, Alias: p.Alias, Title: p.Title,
		Description: p.Description, Private: p.Private, Hidden: p.Private || p.OwnerPrivate,
		Created: moment(p.Created), Pushed: moment(p.Pushed),
	}
}

// NewProject is what a project begins with. Owner is a user or a company.
type NewProject struct {
	Owner scope.Ref
	Alias string
	Face
	// Import is the folder of a local repository to begin with; none by
	// default. It must not come from a page: it reads the server's disk.
	Import string
}

func errNoProject() error { return fault.New(fault.NotFound, "there is no such project") }

// CreateProject adds a project with its repository. Conflict where the owner
// has one of that name already, NotFound where there is no such owner.
func (f *Forge) CreateProject(ctx context.Context, n NewProject) (Project, error) {
	if err := checkProjectAlias(n.Alias); err != nil {
		return Project{}, err
	}
	if err := n.check(); err != nil {
		return Project{}, err
	}
	p := accounts.Project{
		UUID: newUUID(), OwnerKind: n.Owner.Kind, OwnerID: n.Owner.ID, Alias: n.Alias,
		Title: n.Title, Description: n.Description, Private: n.Private, Created: f.now(),
	}
	// Asked before, so that nothing long is done for nothing; the transaction
	// decides.
	if err := f.free(ctx, f.db, &p); err != nil {
		return Project{}, err
	}
	if err := f.makeRepository(ctx, p.UUID, n.Import); err != nil {
		return Project{}, err
	}
	var row *accounts.Project
	err := f.change(ctx, func(tx *db.Tx) error {
		if err := f.free(ctx, tx, &p); err != nil {
			return err
		}
		if ok, err := accounts.InsertProject(ctx, tx, &p); err != nil || !ok {
			return taken(err, "alias", "name", p.Alias)
		}
		var err error
		row, _, err = accounts.ProjectByID(ctx, tx, p.ID)
		return err
	})
	if err != nil {
		return Project{}, f.undo(ctx, p.UUID, err)
	}
	return projectOf(row), nil
}

// free tells why a project cannot be added, if so.
func (f *Forge) free(ctx context.Context, r db.Reader, p *accounts.Project) error {
	var owner bool
	var err error
	switch p.OwnerKind {
	case scope.User:
		_, owner, err = accounts.AccountByID(ctx, r, p.OwnerID)
	case scope.Company:
		_, owner, err = accounts.CompanyByID(ctx, r, p.OwnerID)
	default:
		return fault.New(fault.Invalid, "a project belongs to a user or a company")
	}
	if err == nil && !owner {
		err = fault.New(fault.NotFound, "there is no such owner")
	}
	if err != nil {
		return err
	}
	if _, ok, err := accounts.ProjectByAlias(ctx, r, p.Owner(), p.Alias); err != nil || ok {
		return taken(err, "alias", "name", p.Alias)
	}
	return nil
}

// ProjectByID finds a project. NotFound where there is none.
func (f *Forge) ProjectByID(ctx context.Context, id int64) (Project, error) {
	p, ok, err := accounts.ProjectByID(ctx, f.db, id)
	switch {
	case err != nil:
		return Project{}, err
	case !ok:
		return Project{}, errNoProject()
	}
	return projectOf(p), nil
}

// Projects lists a page of the projects that the actor sees, by name, and
// counts them.
func (f *Forge) Projects(ctx context.Context, a host.Actor, filter Filter) ([]Project, int, error) {
	v, ok, err := f.viewer(ctx, a)
	if err != nil || !ok {
		return nil, 0, err
	}
	rows, total, err := accounts.Projects(ctx, f.db, v, filter.Mine, filter.Owner, filter.rows())
	return each(rows, projectOf), total, err
}

// UpdateProject replaces how a project shows itself.
func (f *Forge) UpdateProject(ctx context.Context, id int64, face Face) error {
	if err := face.check(); err != nil {
		return err
	}
	return f.changeProject(ctx, id, func(tx *db.Tx, p *accounts.Project) error {
		p.Title, p.Description, p.Private = face.Title, face.Description, face.Private
		return accounts.UpdateProject(ctx, tx, p)
	})
}

// Pushed implements the port's Watcher: it notes the time, and where nobody
// ever pushed to the default branch makes one that was pushed the default.
func (f *Forge) Pushed(ctx context.Context, s scope.Scope) error {
	err := f.db.Write(ctx, func(tx *db.Tx) error { return accounts.TouchProject(ctx, tx, s.ID, f.now()) })
	if err != nil {
		return err
	}
	dir, err := f.Repository(ctx, s)
	if err != nil {
		return err
	}
	return adoptBranch(ctx, dir)
}

// adoptBranch gives a repository whose default branch does not exist another
// one: master, or the first by name.
func adoptBranch(ctx context.Context, dir string) error {
	repo, err := git.Open(dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	head, err := repo.Head(ctx)
	if err != nil || head.Commit != "" {
		return err
	}
	branches, err := repo.Branches(ctx)
	if err != nil || len(branches) == 0 {
		return err
	}
	name := branches[0].Name
	if slices.ContainsFunc(branches, func(b git.Branch) bool { return b.Name == "master" }) {
		name = "master"
	}
	return repo.SetHead(ctx, name)
}

// DeleteProject removes a project that has no packages, and its repository.
// Conflict otherwise. The rows go first: see repository.go.
func (f *Forge) DeleteProject(ctx context.Context, id int64) error {
	var uuid string
	err := f.changeProject(ctx, id, func(tx *db.Tx, p *accounts.Project) error {
		uuid = p.UUID
		s := scope.Ref{Kind: scope.Project, ID: id}
		if err := f.vacate(ctx, tx, s, p.Alias); err != nil {
			return err
		}
		return accounts.DeleteProject(ctx, tx, id)
	})
	if err != nil {
		return err
	}
	return f.removeRepository(uuid)
}

// changeProject runs a change of one project, which it reads first.
func (f *Forge) changeProject(ctx context.Context, id int64, fn func(tx *db.Tx, p *accounts.Project) error) error {
	return f.change(ctx, func(tx *db.Tx) error {
		p, ok, err := accounts.ProjectByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !ok:
			return errNoProject()
		}
		return fn(tx, p)
	})
}

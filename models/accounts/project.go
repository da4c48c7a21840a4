package accounts

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Project belongs to a user or a company and has a repository.
type Project struct {
	ID           int64
	UUID         string
	OwnerKind    scope.Kind
	OwnerID      int64
	Alias        string
	Title        string
	Description  string
	Private      bool
	Created      int64
	Pushed       int64  // the last push
	OwnerAlias   string // joined
	OwnerPrivate bool   // joined
}

// Owner is the user or company that the project belongs to.
func (p *Project) Owner() scope.Ref { return scope.Ref{Kind: p.OwnerKind, ID: p.OwnerID} }

func (p *Project) search() string { return searchText(p.Alias, p.Title) }

const (
	projectColumns = `p.id, p.uuid, p.owner_kind, p.owner_id, p.alias, p.title, p.description, p.private, p.created, p.pushed,
		COALESCE(u.alias, c.alias) AS owner_alias, COALESCE(c.private, FALSE) AS owner_private`
	// 3 and 2 are scope.User and scope.Company
	projectJoin = `project p
		LEFT JOIN account u ON p.owner_kind = 3 AND u.id = p.owner_id
		LEFT JOIN company c ON p.owner_kind = 2 AND c.id = p.owner_id`
)

// InsertProject adds the project and sets its ID. False where the owner has
// one of that name already.
func InsertProject(ctx context.Context, tx *db.Tx, p *Project) (bool, error) {
	return tx.Row(ctx, []any{&p.ID}, `INSERT INTO project
		(uuid, owner_kind, owner_id, alias, alias_key, title, description, private, search, created, pushed)
		VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (owner_kind, owner_id, alias_key) DO NOTHING RETURNING id`,
		p.UUID, p.OwnerKind, p.OwnerID, p.Alias, Key(p.Alias), p.Title, p.Description, p.Private, p.search(), p.Created, p.Pushed)
}

// ProjectByID finds a project.
func ProjectByID(ctx context.Context, r db.Reader, id int64) (*Project, bool, error) {
	p := new(Project)
	ok, err := r.First(ctx, p, "SELECT "+projectColumns+" FROM "+projectJoin+" WHERE p.id = ?", id)
	return p, ok, err
}

// ProjectByAlias finds the project of the owner that has the name.
func ProjectByAlias(ctx context.Context, r db.Reader, owner scope.Ref, alias string) (*Project, bool, error) {
	p := new(Project)
	ok, err := r.First(ctx, p, "SELECT "+projectColumns+" FROM "+projectJoin+
		" WHERE p.owner_kind = ? AND p.owner_id = ? AND p.alias_key = ?", owner.Kind, owner.ID, Key(alias))
	return p, ok, err
}

// ProjectsByID finds projects; unknown ids are left out.
func ProjectsByID(ctx context.Context, r db.Reader, ids []int64) ([]*Project, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*Project
	err := r.Find(ctx, &rows, "SELECT "+projectColumns+" FROM "+projectJoin+" WHERE p.id IN ("+db.In(len(ids))+")", anys(ids)...)
	return rows, err
}

// ProjectExists tells whether a project has the public id.
func ProjectExists(ctx context.Context, r db.Reader, uuid string) (bool, error) {
	var n int
	return r.Row(ctx, []any{&n}, "SELECT 1 FROM project WHERE uuid = ?", uuid)
}

// PublicProjects lists the ids of the owner's projects that are not private.
func PublicProjects(ctx context.Context, r db.Reader, owner scope.Ref) ([]int64, error) {
	var rows []struct{ ID int64 }
	err := r.Find(ctx, &rows,
		"SELECT id FROM project WHERE owner_kind = ? AND owner_id = ? AND NOT private ORDER BY id", owner.Kind, owner.ID)
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, err
}

// CountProjects counts what the owner owns.
func CountProjects(ctx context.Context, r db.Reader, owner scope.Ref) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n}, "SELECT count(*) FROM project WHERE owner_kind = ? AND owner_id = ?", owner.Kind, owner.ID)
	return n, err
}

// Projects lists a page of the projects that the viewer sees, by name, and
// counts them; with mine only those that the viewer owns or is a member of,
// also through their company, and with an owner only the owner's.
func Projects(ctx context.Context, r db.Reader, v Viewer, mine bool, owner scope.Ref, p Page) ([]*Project, int, error) {
	const member = `(p.owner_kind = ? AND p.owner_id = ? OR EXISTS (SELECT 1 FROM member m WHERE m.account_id = ? AND
		(m.scope_kind = ? AND m.scope_id = p.id OR m.scope_kind = p.owner_kind AND m.scope_id = p.owner_id)))`
	args := []any{scope.User, v.Account, v.Account, scope.Project}
	var w where
	switch {
	case mine:
		w.and(member, args...)
	case !v.All:
		w.and("(NOT (p.private OR COALESCE(c.private, FALSE)) OR "+member+")", args...)
	}
	if owner != (scope.Ref{}) {
		w.and("p.owner_kind = ? AND p.owner_id = ?", owner.Kind, owner.ID)
	}
	if p.Search != "" {
		w.and("p.search LIKE ? ESCAPE '!'", pattern(p.Search))
	}
	var rows []*Project
	total, err := list(ctx, r, &rows, projectColumns, projectJoin, "p.alias_key, p.id", w, p)
	return rows, total, err
}

// UpdateProject stores title, description and privacy.
func UpdateProject(ctx context.Context, tx *db.Tx, p *Project) error {
	_, err := tx.Exec(ctx, "UPDATE project SET title = ?, description = ?, private = ?, search = ? WHERE id = ?",
		p.Title, p.Description, p.Private, p.search(), p.ID)
	return err
}

// TouchProject stores when the last push was.
func TouchProject(ctx context.Context, tx *db.Tx, id, pushed int64) error {
	_, err := tx.Exec(ctx, "UPDATE project SET pushed = ? WHERE id = ?", pushed, id)
	return err
}

// DeleteProject removes the row of a project, and nothing that refers to it.
func DeleteProject(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM project WHERE id = ?", id)
	return err
}

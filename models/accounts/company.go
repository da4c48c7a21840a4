package accounts

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Company owns projects and has members.
type Company struct {
	ID          int64
	UUID        string
	Alias       string
	Title       string
	Description string
	Private     bool
	Created     int64
}

const companyColumns = "c.id, c.uuid, c.alias, c.title, c.description, c.private, c.created"

func (c *Company) search() string { return searchText(c.Alias, c.Title) }

// InsertCompany adds the company and sets its ID. The alias has to be claimed
// in the same transaction.
func InsertCompany(ctx context.Context, tx *db.Tx, c *Company) error {
	_, err := tx.Row(ctx, []any{&c.ID}, `INSERT INTO company (uuid, alias, title, description, private, search, created)
		VALUES (?,?,?,?,?,?,?) RETURNING id`, c.UUID, c.Alias, c.Title, c.Description, c.Private, c.search(), c.Created)
	return err
}

// CompanyByID finds a company.
func CompanyByID(ctx context.Context, r db.Reader, id int64) (*Company, bool, error) {
	c := new(Company)
	ok, err := r.First(ctx, c, "SELECT "+companyColumns+" FROM company c WHERE c.id = ?", id)
	return c, ok, err
}

// CompaniesByID finds companies; unknown ids are left out.
func CompaniesByID(ctx context.Context, r db.Reader, ids []int64) ([]*Company, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*Company
	err := r.Find(ctx, &rows, "SELECT "+companyColumns+" FROM company c WHERE c.id IN ("+db.In(len(ids))+")", anys(ids)...)
	return rows, err
}

// Viewer is for whom a list is made.
type Viewer struct {
	Account int64 // 0: nobody who signed in
	All     bool  // sees everything
}

// Companies lists a page of the companies that the viewer sees, by alias, and
// counts them; with mine only those that the viewer is a member of.
func Companies(ctx context.Context, r db.Reader, v Viewer, mine bool, p Page) ([]*Company, int, error) {
	const member = "EXISTS (SELECT 1 FROM member m WHERE m.scope_kind = ? AND m.scope_id = c.id AND m.account_id = ?)"
	var w where
	switch {
	case mine:
		w.and(member, scope.Company, v.Account)
	case !v.All:
		w.and("(NOT c.private OR "+member+")", scope.Company, v.Account)
	}
	if p.Search != "" {
		w.and("c.search LIKE ? ESCAPE '!'", pattern(p.Search))
	}
	var rows []*Company
	total, err := list(ctx, r, &rows, companyColumns, "company c", "lower(c.alias)", w, p)
	return rows, total, err
}

// UpdateCompany stores title, description and privacy.
func UpdateCompany(ctx context.Context, tx *db.Tx, c *Company) error {
	_, err := tx.Exec(ctx, "UPDATE company SET title = ?, description = ?, private = ?, search = ? WHERE id = ?",
		c.Title, c.Description, c.Private, c.search(), c.ID)
	return err
}

// DeleteCompany removes the row of a company, and nothing that refers to it.
func DeleteCompany(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM company WHERE id = ?", id)
	return err
}

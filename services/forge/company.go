package forge

import (
	"context"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
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
	Created     time.Time
}

// Ref is the company's scope.
func (c Company) Ref() scope.Ref { return scope.Ref{Kind: scope.Company, ID: c.ID} }

func companyOf(c *accounts.Company) Company {
	return Company{
		ID: c.ID, UUID: c.UUID, Alias: c.Alias, Title: c.Title, Description: c.Description,
		Private: c.Private, Created: moment(c.Created),
	}
}

// NewCompany is what a company begins with. Owner is the account of its first
// owner.
type NewCompany struct {
	Alias string
	Owner int64
	Face
}

// Face is how a company or a project shows itself.
type Face struct {
	Title, Description string
	Private            bool
}

func (c *Face) check() (err error) {
	if c.Title, err = line("title", "title", c.Title, titleMax); err != nil {
		return err
	}
	c.Description, err = line("description", "description", c.Description, descriptionMax)
	return err
}

func errNoCompany() error { return fault.New(fault.NotFound, "there is no such company") }

// CreateCompany adds a company. Conflict where a user or another company has
// the name, NotFound where there is no such owner.
func (f *Forge) CreateCompany(ctx context.Context, n NewCompany) (Company, error) {
	if err := checkAlias("company", n.Alias, reserved); err != nil {
		return Company{}, err
	}
	if err := n.check(); err != nil {
		return Company{}, err
	}
	c := accounts.Company{
		UUID: newUUID(), Alias: n.Alias, Title: n.Title, Description: n.Description, Private: n.Private, Created: f.now(),
	}
	err := f.changeUser(ctx, n.Owner, func(tx *db.Tx, owner *accounts.Account) error {
		if err := accounts.InsertCompany(ctx, tx, &c); err != nil {
			return err
		}
		s := scope.Ref{Kind: scope.Company, ID: c.ID}
		if ok, err := accounts.ClaimAlias(ctx, tx, c.Alias, s); err != nil || !ok {
			return taken(err, "alias", "name", c.Alias)
		}
		return accounts.SetMember(ctx, tx, s, owner.ID, uint8(host.Owner), c.Created)
	})
	if err != nil {
		return Company{}, err
	}
	return companyOf(&c), nil
}

// CompanyByID finds a company. NotFound where there is none.
func (f *Forge) CompanyByID(ctx context.Context, id int64) (Company, error) {
	c, ok, err := accounts.CompanyByID(ctx, f.db, id)
	switch {
	case err != nil:
		return Company{}, err
	case !ok:
		return Company{}, errNoCompany()
	}
	return companyOf(c), nil
}

// Companies lists a page of the companies that the actor sees, by alias, and
// counts them.
func (f *Forge) Companies(ctx context.Context, a host.Actor, filter Filter) ([]Company, int, error) {
	v, ok, err := f.viewer(ctx, a)
	if err != nil || !ok {
		return nil, 0, err
	}
	rows, total, err := accounts.Companies(ctx, f.db, v, filter.Mine, filter.rows())
	return each(rows, companyOf), total, err
}

// UpdateCompany replaces how a company shows itself.
func (f *Forge) UpdateCompany(ctx context.Context, id int64, face Face) error {
	if err := face.check(); err != nil {
		return err
	}
	return f.changeCompany(ctx, id, func(tx *db.Tx, c *accounts.Company) error {
		c.Title, c.Description, c.Private = face.Title, face.Description, face.Private
		return accounts.UpdateCompany(ctx, tx, c)
	})
}

// DeleteCompany removes a company that owns neither projects nor packages.
// Conflict otherwise. The name becomes free.
func (f *Forge) DeleteCompany(ctx context.Context, id int64) error {
	return f.changeCompany(ctx, id, func(tx *db.Tx, c *accounts.Company) error {
		s := scope.Ref{Kind: scope.Company, ID: id}
		if err := f.vacate(ctx, tx, s, c.Alias); err != nil {
			return err
		}
		if err := accounts.ReleaseAlias(ctx, tx, s); err != nil {
			return err
		}
		return accounts.DeleteCompany(ctx, tx, id)
	})
}

// changeCompany runs a change of one company, which it reads first.
func (f *Forge) changeCompany(ctx context.Context, id int64, fn func(tx *db.Tx, c *accounts.Company) error) error {
	return f.change(ctx, func(tx *db.Tx) error {
		c, ok, err := accounts.CompanyByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !ok:
			return errNoCompany()
		}
		return fn(tx, c)
	})
}

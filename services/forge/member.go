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

// Member is a user's role in a company or a project.
type Member struct {
	ID      int64 // the account
	UUID    string
	Alias   string
	Title   string
	Blocked bool
	Role    host.Role
	Since   time.Time
}

func memberOf(m *accounts.Member) Member {
	return Member{
		ID: m.AccountID, UUID: m.UUID, Alias: m.Alias, Title: m.Title, Blocked: m.Blocked,
		Role: host.Role(m.Role), Since: moment(m.Created),
	}
}

// Members lists a page of the members of a company or a project itself, the
// highest roles first, and counts them.
func (f *Forge) Members(ctx context.Context, s scope.Ref, p Page) ([]Member, int, error) {
	rows, total, err := accounts.Members(ctx, f.db, s, p.rows())
	return each(rows, memberOf), total, err
}

// SetMember gives an account a role in a company or a project. By is the role
// that whoever does this has in it: Denied where the role, or the one that the
// account had, is above it. Conflict where a company would lose its last owner.
func (f *Forge) SetMember(ctx context.Context, by host.Role, s scope.Ref, account int64, role host.Role) error {
	if role < host.Guest || role > host.Owner {
		return fault.New(fault.Invalid, "a member is a guest, reporter, developer, administrator or owner")
	}
	return f.changeMember(ctx, by, s, account, func(tx *db.Tx, had host.Role) error {
		if role > by {
			return errAbove(by)
		}
		_, ok, err := accounts.AccountByID(ctx, tx, account)
		switch {
		case err != nil:
			return err
		case !ok:
			return errNoUser()
		}
		return accounts.SetMember(ctx, tx, s, account, uint8(role), f.now())
	})
}

// RemoveMember takes an account's role in a company or a project away. By is
// as with SetMember. NotFound where the account is no member.
func (f *Forge) RemoveMember(ctx context.Context, by host.Role, s scope.Ref, account int64) error {
	return f.changeMember(ctx, by, s, account, func(tx *db.Tx, had host.Role) error {
		if had == host.Nobody {
			return fault.New(fault.NotFound, "this user is no member")
		}
		return accounts.RemoveMember(ctx, tx, s, account)
	})
}

func errAbove(by host.Role) error {
	return fault.New(fault.Denied, "whoever is %s cannot give, take or change a higher role", by)
}

func (f *Forge) changeMember(ctx context.Context, by host.Role, s scope.Ref, account int64, fn func(tx *db.Tx, had host.Role) error) error {
	return f.change(ctx, func(tx *db.Tx) error {
		if err := exists(ctx, tx, s); err != nil {
			return err
		}
		role, err := accounts.MemberRole(ctx, tx, s, account)
		if err != nil {
			return err
		}
		had := host.Role(role)
		if had > by {
			return errAbove(by)
		}
		if err := fn(tx, had); err != nil {
			return err
		}
		if had != host.Owner || s.Kind != scope.Company {
			return nil
		}
		owners, err := accounts.CountMembers(ctx, tx, s, uint8(host.Owner))
		if err == nil && owners == 0 {
			err = fault.New(fault.Conflict, "this is the company's last owner: make somebody else an owner first")
		}
		return err
	})
}

// exists refuses scopes that are gone or cannot have members.
func exists(ctx context.Context, r db.Reader, s scope.Ref) error {
	var ok bool
	var err error
	var none error
	switch s.Kind {
	case scope.Company:
		_, ok, err = accounts.CompanyByID(ctx, r, s.ID)
		none = errNoCompany()
	case scope.Project:
		_, ok, err = accounts.ProjectByID(ctx, r, s.ID)
		none = errNoProject()
	default:
		return fault.New(fault.Invalid, "only companies and projects have members")
	}
	if err == nil && !ok {
		err = none
	}
	return err
}

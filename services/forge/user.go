package forge

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// User is an account as pages and commands see it.
type User struct {
	ID      int64
	UUID    string
	Alias   string
	Title   string // full name, may be empty
	Email   string
	Admin   bool // of the whole service
	Blocked bool
	Locale  string // "" follows the browser
	Theme   string // "" follows the browser; light or dark
	Created time.Time
}

// Ref is the user's own scope.
func (u User) Ref() scope.Ref { return scope.Ref{Kind: scope.User, ID: u.ID} }

func userOf(a *accounts.Account) User {
	return User{
		ID: a.ID, UUID: a.UUID, Alias: a.Alias, Title: a.Title, Email: a.Email, Admin: a.Admin, Blocked: a.Blocked,
		Locale: a.Locale, Theme: a.Theme, Created: moment(a.Created),
	}
}

// NewUser is what an account begins with.
type NewUser struct {
	Alias, Email, Title string
	Password            string
	Admin               bool
}

// Profile is what users say of themselves.
type Profile struct {
	Title, Email, Locale, Theme string
}

var (
	locale = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
	themes = []string{"", "light", "dark"}
)

func (p *Profile) check() (err error) {
	p.Email = strings.TrimSpace(p.Email)
	if err := checkEmail(p.Email); err != nil {
		return err
	}
	if p.Locale != "" && !locale.MatchString(p.Locale) {
		return fault.New(fault.Invalid, "%q is no language: write it as en or pt-BR", p.Locale).At("locale")
	}
	if !slices.Contains(themes, p.Theme) {
		return fault.New(fault.Invalid, "%q is no theme: light, dark, or none to follow the browser", p.Theme).At("theme")
	}
	p.Title, err = line("title", "name", p.Title, titleMax)
	return err
}

func errNoUser() error { return fault.New(fault.NotFound, "there is no such user") }

// CreateUser adds an account. Invalid where something is not well-formed,
// Conflict where the name or the e-mail address is taken.
func (f *Forge) CreateUser(ctx context.Context, n NewUser) (User, error) {
	p := Profile{Title: n.Title, Email: n.Email}
	if err := checkAlias("user", n.Alias, reserved); err != nil {
		return User{}, err
	}
	if err := p.check(); err != nil {
		return User{}, err
	}
	if err := checkNewPassword(n.Password, n.Alias, p.Email); err != nil {
		return User{}, err
	}
	hash, err := f.gate.hash(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	a := accounts.Account{
		UUID: newUUID(), Alias: n.Alias, Title: p.Title, Email: p.Email, Password: hash, Admin: n.Admin, Created: f.now(),
	}
	err = f.change(ctx, func(tx *db.Tx) error {
		if ok, err := accounts.InsertAccount(ctx, tx, &a); err != nil || !ok {
			return taken(err, "email", "e-mail address", a.Email)
		}
		if ok, err := accounts.ClaimAlias(ctx, tx, a.Alias, scope.Ref{Kind: scope.User, ID: a.ID}); err != nil || !ok {
			return taken(err, "alias", "name", a.Alias)
		}
		return nil
	})
	if err != nil {
		return User{}, err
	}
	return userOf(&a), nil
}

// taken gives err, or the conflict where there is none.
func taken(err error, field, what, name string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "the %s %s is taken: choose another one", what, name).At(field)
}

// UserByID finds a user. NotFound where there is none.
func (f *Forge) UserByID(ctx context.Context, id int64) (User, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return User{}, err
	}
	a, ok, err := f.account(ctx, g, id)
	return oneUser(a, ok, err)
}

// UserByName finds a user by alias or e-mail address. NotFound where there is
// none.
func (f *Forge) UserByName(ctx context.Context, name string) (User, error) {
	a, ok, err := accountNamed(ctx, f.db, name)
	return oneUser(a, ok, err)
}

func oneUser(a *accounts.Account, ok bool, err error) (User, error) {
	switch {
	case err != nil:
		return User{}, err
	case !ok:
		return User{}, errNoUser()
	}
	return userOf(a), nil
}

// Users lists a page of all users by alias, and counts them.
func (f *Forge) Users(ctx context.Context, p Page) ([]User, int, error) {
	rows, total, err := accounts.Accounts(ctx, f.db, p.rows())
	return each(rows, userOf), total, err
}

// UpdateUser replaces a user's profile.
func (f *Forge) UpdateUser(ctx context.Context, id int64, p Profile) error {
	if err := p.check(); err != nil {
		return err
	}
	return f.changeUser(ctx, id, func(tx *db.Tx, a *accounts.Account) error {
		a.Title, a.Email, a.Locale, a.Theme = p.Title, p.Email, p.Locale, p.Theme
		if ok, err := accounts.UpdateAccount(ctx, tx, a); err != nil || !ok {
			return taken(err, "email", "e-mail address", a.Email)
		}
		return nil
	})
}

// SetPassword gives a user another password and ends the user's sessions.
// Tokens stay: each is revoked by itself.
func (f *Forge) SetPassword(ctx context.Context, id int64, password string) error {
	u, err := f.UserByID(ctx, id)
	if err != nil {
		return err
	}
	if err := checkNewPassword(password, u.Alias, u.Email); err != nil {
		return err
	}
	hash, err := f.gate.hash(ctx, password)
	if err != nil {
		return err
	}
	return f.changeUser(ctx, id, func(tx *db.Tx, a *accounts.Account) error {
		if err := accounts.SetPassword(ctx, tx, id, hash); err != nil {
			return err
		}
		return accounts.DeleteSessions(ctx, tx, id)
	})
}

// SetBlocked blocks a user, whose sessions end and whose password and tokens
// are refused from then on, or lets the user in again.
func (f *Forge) SetBlocked(ctx context.Context, id int64, blocked bool) error {
	return f.changeUser(ctx, id, func(tx *db.Tx, a *accounts.Account) error {
		if err := accounts.SetBlocked(ctx, tx, id, blocked); err != nil || !blocked {
			return err
		}
		if err := accounts.DeleteSessions(ctx, tx, id); err != nil {
			return err
		}
		return keepAdmin(ctx, tx, a)
	})
}

// SetAdmin makes a user an administrator of the service, or no longer.
func (f *Forge) SetAdmin(ctx context.Context, id int64, admin bool) error {
	return f.changeUser(ctx, id, func(tx *db.Tx, a *accounts.Account) error {
		if err := accounts.SetAdmin(ctx, tx, id, admin); err != nil {
			return err
		}
		return keepAdmin(ctx, tx, a)
	})
}

// DeleteUser removes a user who owns nothing: no project, no package, and no
// company alone. Conflict otherwise. The name becomes free.
func (f *Forge) DeleteUser(ctx context.Context, id int64) error {
	return f.changeUser(ctx, id, func(tx *db.Tx, a *accounts.Account) error {
		own := scope.Ref{Kind: scope.User, ID: id}
		alone, err := accounts.CountOnly(ctx, tx, id, uint8(host.Owner))
		if err != nil {
			return err
		}
		if alone > 0 {
			return fault.New(fault.Conflict, "%s is the only owner of a company: give it another owner first", a.Alias)
		}
		if err := f.vacate(ctx, tx, own, a.Alias); err != nil {
			return err
		}
		if err := accounts.ReleaseAlias(ctx, tx, own); err != nil {
			return err
		}
		if err := accounts.DeleteAccount(ctx, tx, id); err != nil {
			return err
		}
		return keepAdmin(ctx, tx, a)
	})
}

// changeUser runs a change of one account, which it reads first.
func (f *Forge) changeUser(ctx context.Context, id int64, fn func(tx *db.Tx, a *accounts.Account) error) error {
	return f.change(ctx, func(tx *db.Tx) error {
		a, ok, err := accounts.AccountByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !ok:
			return errNoUser()
		}
		return fn(tx, a)
	})
}

// keepAdmin refuses what took the service its last administrator, who a was.
func keepAdmin(ctx context.Context, tx *db.Tx, a *accounts.Account) error {
	if !a.Admin || a.Blocked {
		return nil
	}
	n, err := accounts.CountAdmins(ctx, tx)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%s is the last administrator of the service: make somebody else one first", a.Alias)
	}
	return err
}

// vacate makes sure that nothing is left in an owner that is about to go.
func (f *Forge) vacate(ctx context.Context, tx *db.Tx, s scope.Ref, name string) error {
	if n, err := accounts.CountProjects(ctx, tx, s); err != nil {
		return err
	} else if n > 0 {
		return fault.New(fault.Conflict, "%s still owns %d project(s): delete them first", name, n)
	}
	if f.cfg.Vacate != nil {
		if err := f.cfg.Vacate(ctx, tx, s); err != nil {
			return err
		}
	}
	if err := accounts.RemoveMembers(ctx, tx, s); err != nil {
		return err
	}
	return accounts.DeleteTokensWithin(ctx, tx, s)
}

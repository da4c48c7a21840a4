package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"ingot.dev"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

type userCmd struct {
	Add userAdd `cmd:"" help:"Add an account; prints a generated password where none is given."`
}

type userAdd struct {
	configured
	Name          string `arg:"" help:"Alias, as it stands in addresses."`
	Email         string `required:"" help:"E-mail address; signs in as well."`
	Admin         bool   `help:"Administrator of the whole service."`
	PasswordStdin bool   `help:"Read the password from standard input."`
}

// Run adds the account.
func (c *userAdd) Run(p *program) error {
	password := forge.GeneratePassword()
	if c.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(p.in, 4096)).ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		password = strings.TrimRight(line, "\r\n")
	}
	return c.with(p, func(app *ingot.App) error {
		if _, err := app.Forge.CreateUser(p.ctx, forge.NewUser{
			Alias: c.Name, Email: c.Email, Password: password, Admin: c.Admin,
		}); err != nil {
			return err
		}
		if !c.PasswordStdin {
			fmt.Fprintln(p.out, password)
		}
		return nil
	})
}

type companyCmd struct {
	Add    companyAdd    `cmd:"" help:"Add a company."`
	Member companyMember `cmd:"" help:"Give an account a role in a company."`
}

type companyAdd struct {
	configured
	Alias   string `arg:"" help:"Alias, as it stands in addresses."`
	Owner   string `required:"" help:"Alias of its first owner."`
	Title   string `help:"Full name."`
	Private bool   `help:"Hidden from everybody but its members."`
}

// Run adds the company.
func (c *companyAdd) Run(p *program) error {
	return c.with(p, func(app *ingot.App) error {
		owner, err := app.Forge.UserByName(p.ctx, c.Owner)
		if err != nil {
			return err
		}
		_, err = app.Forge.CreateCompany(p.ctx, forge.NewCompany{
			Alias: c.Alias, Owner: owner.ID, Face: forge.Face{Title: c.Title, Private: c.Private},
		})
		return err
	})
}

type companyMember struct {
	configured
	Alias string `arg:"" help:"The company's alias."`
	User  string `arg:"" help:"The account's alias."`
	Role  string `required:"" enum:"guest,reporter,developer,administrator,owner" help:"One of ${enum}."`
}

// Run gives the role.
func (c *companyMember) Run(p *program) error {
	role, _ := host.ParseRole(c.Role) // kong let no other word through
	return c.with(p, func(app *ingot.App) error {
		sc, err := app.Forge.Resolve(p.ctx, scope.Path{Kind: scope.Company, Owner: c.Alias})
		if err != nil {
			return err
		}
		user, err := app.Forge.UserByName(p.ctx, c.User)
		if err != nil {
			return err
		}
		return app.Forge.SetMember(p.ctx, host.Owner, sc.Ref, user.ID, role)
	})
}

type projectCmd struct {
	Add projectAdd `cmd:"" help:"Add a project."`
}

type projectAdd struct {
	configured
	Path    string `arg:"" name:"owner/alias" help:"Alias of a user or company, a slash, and the project's alias."`
	Private bool   `help:"Hidden from everybody but its members."`
	Import  string `help:"Begin with the branches and tags of a local git repository." type:"existingdir" placeholder:"PATH"`
}

// Run adds the project.
func (c *projectAdd) Run(p *program) error {
	owner, alias, ok := strings.Cut(c.Path, "/")
	if !ok || owner == "" || alias == "" || strings.Contains(alias, "/") {
		return fmt.Errorf("%q is no project: write OWNER/ALIAS", c.Path)
	}
	return c.with(p, func(app *ingot.App) error {
		sc, err := ownerOf(p, app, owner)
		if err != nil {
			return err
		}
		_, err = app.Forge.CreateProject(p.ctx, forge.NewProject{
			Owner: sc.Ref, Alias: alias, Face: forge.Face{Private: c.Private}, Import: c.Import,
		})
		return err
	})
}

// ownerOf finds a company or user by its alias.
func ownerOf(p *program, app *ingot.App, alias string) (scope.Scope, error) {
	sc, err := app.Forge.Resolve(p.ctx, scope.Path{Kind: scope.Company, Owner: alias})
	if err != nil {
		sc, err = app.Forge.Resolve(p.ctx, scope.Path{Kind: scope.User, Owner: alias})
	}
	if err != nil {
		return sc, fmt.Errorf("there is no user or company %q", alias)
	}
	return sc, nil
}

type tokenCmd struct {
	Add tokenAdd `cmd:"" help:"Make a token; prints it alone on standard output, once."`
}

type tokenAdd struct {
	configured
	User    string        `arg:"" help:"Alias of the account it stands for."`
	Name    string        `required:"" help:"What it is for."`
	Grants  []string      `help:"What it may do: packages:read, packages:publish, packages:delete, repository:read, repository:write, manage, or the presets transport and api." default:"transport"`
	Within  string        `help:"Limit it to one scope: project/OWNER/PROJECT, company/COMPANY or user/USER." placeholder:"SCOPE"`
	Expires time.Duration `help:"How long it is good for, for example 720h; for ever without it."`
}

// Run makes the token.
func (c *tokenAdd) Run(p *program) error {
	grants, err := grantsOf(c.Grants)
	if err != nil {
		return err
	}
	return c.with(p, func(app *ingot.App) error {
		user, err := app.Forge.UserByName(p.ctx, c.User)
		if err != nil {
			return err
		}
		t := forge.NewToken{Name: c.Name, Grants: grants}
		if c.Within != "" {
			path, err := scope.ParsePath(c.Within)
			if err != nil {
				return err
			}
			sc, err := app.Forge.Resolve(p.ctx, path)
			if err != nil {
				return err
			}
			t.Within = &sc.Ref
		}
		if c.Expires > 0 {
			t.Expires = time.Now().Add(c.Expires)
		}
		secret, err := app.Forge.CreateToken(p.ctx, user.ID, t)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, secret)
		return nil
	})
}

func grantsOf(words []string) (host.Grant, error) {
	presets := map[string]host.Grant{"transport": host.Transport, "api": host.API}
	var grants host.Grant
	for _, w := range words {
		g, ok := host.ParseGrant(w)
		if !ok {
			g, ok = presets[w]
		}
		if !ok {
			return 0, fmt.Errorf("%q is no grant; there are %s, transport and api", w, strings.Join(host.AllGrants.Names(), ", "))
		}
		grants |= g
	}
	return grants, nil
}

package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"ingot.dev"
	host "ingot.dev/modules/forge"
	"ingot.dev/services/forge"
)

// library is the history of a small PHP library as git fast-import reads it.
//
//go:embed demo/money.fi
var library []byte

// demo fills an empty Ingot and says where to look. One that has accounts is
// left as it is.
func demo(p *program, app *ingot.App, root string) error {
	_, accounts, err := app.Forge.Users(p.ctx, forge.Page{Limit: 1})
	if err != nil {
		return err
	}
	if accounts > 0 {
		fmt.Fprintf(p.out, "The data folder has accounts already, so the demo leaves it as it is.\n"+
			"Where it made them: %s/project/acme/money/tags, and `ingot token add alice --name demo` makes another token.\n", root)
		return nil
	}
	password := forge.GeneratePassword()
	user, err := app.Forge.CreateUser(p.ctx, forge.NewUser{
		Alias: "alice", Email: "alice@example.com", Title: "Alice", Password: password, Admin: true,
	})
	if err != nil {
		return err
	}
	company, err := app.Forge.CreateCompany(p.ctx, forge.NewCompany{
		Alias: "acme", Owner: user.ID, Face: forge.Face{Title: "ACME Industries"},
	})
	if err != nil {
		return err
	}
	folder, err := sample(p)
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if _, err := app.Forge.CreateProject(p.ctx, forge.NewProject{
		Owner: company.Ref(), Alias: "money", Import: folder,
		Face: forge.Face{Title: "Money", Description: "Exact arithmetic for amounts in any currency."},
	}); err != nil {
		return err
	}
	token, err := app.Forge.CreateToken(p.ctx, user.ID, forge.NewToken{Name: "demo", Grants: host.Transport})
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, strings.NewReplacer("{root}", root, "{password}", password, "{token}", token).Replace(guide))
	return nil
}

const guide = `
A demo is ready: the company acme with the project money, a PHP library with tags.

  Look      {root}/project/acme/money/tags
  Sign in   alice, password {password}

From a tag to composer require, with a token made for this demo:

  curl --fail --user alice:{token} --request POST '{root}/project/acme/money/package/-/composer?tag=v1.1.0'
  composer init --no-interaction --name demo/shop && composer config secure-http false && composer config repositories.acme composer {root}/project/acme/money/package/-/composer && composer config repositories.packagist.org false
  composer require acme/money:^1.1

`

// sample makes a repository of the library in a temporary folder.
func sample(p *program) (string, error) {
	folder, err := os.MkdirTemp("", "ingot-demo-")
	if err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=main", folder},
		{"-C", folder, "fast-import", "--quiet"},
	} {
		cmd := exec.CommandContext(p.ctx, "git", args...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "HOME="+filepath.Join(folder, "nohome"))
		cmd.Stdin = bytes.NewReader(library)
		if out, err := cmd.CombinedOutput(); err != nil {
			os.RemoveAll(folder)
			return "", fmt.Errorf("git %s: %w: %s", args[0], err, out)
		}
	}
	return folder, nil
}

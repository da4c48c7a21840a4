package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"ingot.dev"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

type keyCmd struct {
	List   keyList   `cmd:"" help:"List the keys that registries sign with."`
	Rotate keyRotate `cmd:"" help:"Make a new key, which signs from now on; those before it stay listed."`
}

type keyList struct{ configured }

// Run prints a line for each key, the one that signs before its predecessors.
func (c *keyList) Run(p *program) error {
	return c.examine(p, func(app *ingot.App) error {
		keys, err := app.Keys.List(p.ctx)
		if err != nil {
			return err
		}
		refs := make([]scope.Ref, len(keys))
		for i, k := range keys {
			refs[i] = k.Scope
		}
		names, err := scopeNames(p, app, refs)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "SCOPE\tFORMAT\tPURPOSE\tALGORITHM\tNUMBER\tKEY\tMADE")
		for _, k := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", names[k.Scope], k.Format, k.Name.Purpose, k.Name.Algorithm,
				k.Number, k.Key.ID, k.Key.Created.Format(time.RFC3339))
		}
		return w.Flush()
	})
}

type keyRotate struct {
	configured
	Scope   string `arg:"" help:"project/OWNER/PROJECT, company/COMPANY, user/USER or service."`
	Format  string `arg:"" help:"Format of the registry, as ingot key list shows it."`
	Purpose string `arg:"" help:"What the key is for, as ingot key list shows it."`
}

// Run makes a new key of each algorithm that the registry has one of.
func (c *keyRotate) Run(p *program) error {
	path, err := scope.ParsePath(c.Scope)
	if err != nil {
		return err
	}
	return c.examine(p, func(app *ingot.App) error {
		sc, err := app.Forge.Resolve(p.ctx, path)
		if err != nil {
			return err
		}
		keys, err := app.Keys.List(p.ctx)
		if err != nil {
			return err
		}
		rotated := map[format.KeyName]bool{}
		for _, k := range keys {
			if k.Scope != sc.Ref || k.Format != c.Format || k.Name.Purpose != c.Purpose || rotated[k.Name] {
				continue
			}
			rotated[k.Name] = true
			made, err := app.Keys.Rotate(p.ctx, k.Scope, k.Format, k.Name)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.out, "%s %s\n", k.Name.Algorithm, made.ID)
		}
		if len(rotated) == 0 {
			return fmt.Errorf("%s has no such key; ingot key list shows those that there are. A key is made when it is first needed", c.Scope)
		}
		return nil
	})
}

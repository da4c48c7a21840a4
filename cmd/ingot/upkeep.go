package main

import (
	"fmt"

	"ingot.dev"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

type doctor struct {
	configured
	Fix bool `help:"Repair what can be repaired without losing anything."`
}

// Run examines the registry and the repositories. What only wastes space is
// told, but is no reason to fail.
func (c *doctor) Run(p *program) error {
	return c.examine(p, func(app *ingot.App) error {
		var found []registry.Finding
		if err := app.Registry.Doctor(p.ctx, c.Fix, func(f registry.Finding) { found = append(found, f) }); err != nil {
			return err
		}
		names, err := scopesOf(p, app, found)
		if err != nil {
			return err
		}
		broken := 0
		for _, f := range found {
			state := ""
			switch {
			case f.Fixed:
				state = "fixed: "
			case f.Broken:
				broken++
			default:
				state = "harmless: "
			}
			fmt.Fprintf(p.out, "%s%s: %s%s\n", state, f.Kind, names[f.Scope], f.Detail)
		}
		if err := c.strays(p, app); err != nil {
			return err
		}
		if broken > 0 {
			fmt.Fprintf(p.out, "Faults found: %d\n", broken)
			return errFound
		}
		fmt.Fprintln(p.out, "The registry is whole.")
		return nil
	})
}

// scopesOf writes the scopes of findings, with a blank behind.
func scopesOf(p *program, app *ingot.App, found []registry.Finding) (map[scope.Ref]string, error) {
	var refs []scope.Ref
	for _, f := range found {
		if f.Scope.Kind != 0 {
			refs = append(refs, f.Scope)
		}
	}
	names, err := scopeNames(p, app, refs)
	for ref := range names {
		names[ref] += " "
	}
	return names, err
}

// scopeNames writes scopes as command lines do.
func scopeNames(p *program, app *ingot.App, refs []scope.Ref) (map[scope.Ref]string, error) {
	names := map[scope.Ref]string{}
	var once []scope.Ref
	for _, ref := range refs {
		if names[ref] == "" {
			names[ref] = fmt.Sprintf("a deleted %s (%d)", ref.Kind, ref.ID)
			once = append(once, ref)
		}
	}
	scopes, err := app.Forge.Scopes(p.ctx, once)
	for ref, sc := range scopes {
		names[ref] = sc.Path.String()
		if ref.Kind == scope.Service {
			names[ref] = "service"
		}
	}
	return names, err
}

// strays tells of repositories without a project, and removes them with --fix.
func (c *doctor) strays(p *program, app *ingot.App) error {
	strays, err := app.Forge.Strays(p.ctx)
	if err != nil {
		return err
	}
	for _, uuid := range strays {
		state := "harmless"
		if c.Fix {
			state = "fixed"
			if err := app.Forge.RemoveStray(p.ctx, uuid); err != nil {
				return err
			}
		}
		fmt.Fprintf(p.out, "%s: repository without a project: %s\n", state, uuid)
	}
	return nil
}

type collect struct {
	configured
	DryRun bool `help:"Only say what would be freed."`
}

// Run collects garbage.
func (c *collect) Run(p *program) error {
	return c.examine(p, func(app *ingot.App) error {
		var versions, packages int
		if err := app.Registry.Clean(p.ctx, scope.Ref{}, nil, c.DryRun, func(s registry.Superfluous) {
			packages, versions = packages+1, versions+len(s.Versions)
		}); err != nil {
			return err
		}
		if versions > 0 && c.DryRun {
			fmt.Fprintf(p.out, "would remove %d versions of %d packages, as their registries' settings say\n", versions, packages)
		} else if versions > 0 {
			fmt.Fprintf(p.out, "removed %d versions of %d packages, as their registries' settings say\n", versions, packages)
		}
		freed, err := app.Registry.Collect(p.ctx, c.DryRun)
		if err != nil {
			return err
		}
		verb := "freed"
		if c.DryRun {
			verb = "would free"
		}
		fmt.Fprintf(p.out, "%s %d bytes in %d objects\n", verb, freed.Bytes, freed.Objects)
		return nil
	})
}

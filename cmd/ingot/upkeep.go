package main

import (
	"fmt"

	"ingot.dev"
	"ingot.dev/services/registry"
)

type doctor struct {
	configured
	Fix bool `help:"Repair what can be repaired without losing anything."`
}

// Run examines the registry. What only wastes space is told, but is no
// reason to fail.
func (c *doctor) Run(p *program) error {
	return c.with(p, func(app *ingot.App) error {
		broken := 0
		err := app.Registry.Doctor(p.ctx, c.Fix, func(f registry.Finding) {
			state := ""
			switch {
			case f.Fixed:
				state = "fixed: "
			case f.Broken:
				broken++
			default:
				state = "harmless: "
			}
			fmt.Fprintf(p.out, "%s%s: %s\n", state, f.Kind, f.Detail)
		})
		if err != nil {
			return err
		}
		if broken > 0 {
			fmt.Fprintf(p.out, "%d faults\n", broken)
			return errFound
		}
		fmt.Fprintln(p.out, "The registry is whole.")
		return nil
	})
}

type collect struct {
	configured
	DryRun bool `help:"Only say what would be freed."`
}

// Run collects garbage.
func (c *collect) Run(p *program) error {
	return c.with(p, func(app *ingot.App) error {
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

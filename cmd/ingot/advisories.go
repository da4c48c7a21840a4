package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"ingot.dev"
	"ingot.dev/services/advisories"
)

type advisoriesCmd struct {
	Import advisoriesImport `cmd:"" help:"Take in files of OSV records: JSON, JSON Lines, or a zip file of these."`
	Status advisoriesStatus `cmd:"" help:"Say how much is known, by ecosystem."`
}

type advisoriesImport struct {
	configured
	Files []string `arg:"" name:"file" help:"File of OSV records." type:"existingfile"`
}

// patience is after how long an import says how far it has come.
const patience = 10 * time.Second

// Run imports the files one after the other. Records that cannot be read are
// told, and are a reason to fail where there are no others.
func (c *advisoriesImport) Run(p *program) error {
	return c.examine(p, func(app *ingot.App) error {
		for _, name := range c.Files {
			if err := c.file(p, app, name); err != nil {
				return fmt.Errorf("%s: %v", name, err) // not %w: a fault is shown without what is around it
			}
		}
		return nil
	})
}

func (c *advisoriesImport) file(p *program, app *ingot.App, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	said := time.Now()
	done, err := app.Advisories.Import(p.ctx, f, info.Size(), func(so advisories.Imported) {
		if time.Since(said) > patience {
			said = time.Now()
			fmt.Fprintf(p.err, "%s: %d records so far\n", name, so.Records())
		}
	})
	if err != nil {
		return err
	}
	for _, why := range done.Faults {
		fmt.Fprintf(p.err, "%s: %s\n", name, why)
	}
	fmt.Fprintf(p.out, "%s: %d stored, %d removed, %d known, %d of other ecosystems, %d unreadable\n",
		name, done.Stored, done.Removed, done.Unchanged, done.Foreign, done.Bad)
	if done.Records() == done.Bad {
		return errors.New("there is no OSV record in it")
	}
	return nil
}

type advisoriesStatus struct{ configured }

// Run prints a line for each ecosystem.
func (c *advisoriesStatus) Run(p *program) error {
	return c.examine(p, func(app *ingot.App) error {
		status, err := app.Advisories.Status(p.ctx)
		if err != nil {
			return err
		}
		if len(status) == 0 {
			fmt.Fprintln(p.out, "No advisories are here yet. ingot advisories import FILE takes them in.")
			return nil
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ECOSYSTEM\tADVISORIES\tPACKAGES\tNEWEST")
		for _, s := range status {
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", s.Ecosystem, s.Advisories, s.Packages, s.Modified.Format(time.RFC3339))
		}
		return w.Flush()
	})
}

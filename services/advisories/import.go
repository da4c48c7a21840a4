package advisories

import (
	"context"
	"io"

	"ingot.dev/models/advisories"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/osv"
)

// Imported is what became of the records of a file.
type Imported struct {
	Stored    int      // new, or newer than what was known
	Removed   int      // withdrawn, or about none of the packages here any more
	Unchanged int      // as known, or older
	Foreign   int      // about no ecosystem of ours
	Bad       int      // that could not be read
	Faults    []string // why, of the first of them
}

// Records is the number of all.
func (i Imported) Records() int { return i.Stored + i.Removed + i.Unchanged + i.Foreign + i.Bad }

const (
	importBatch = 300     // records of a transaction
	importBytes = 4 << 20 // of their rows, from which on it is full
	faultsShown = 20
)

// Import takes in a file of OSV records, of the kinds that osv.Each reads. Of
// the editions of a record the one that was modified last counts, in whatever
// order they come; withdrawn ones are removed. Doing it again changes nothing,
// and what was stored before an import broke off is whole. A record that
// cannot be read is counted and keeps no other out. progress, which may be nil,
// is told from time to time. The fault is Invalid or TooLarge where the file
// is no such file.
func (s *Service) Import(ctx context.Context, r io.ReaderAt, size int64, progress func(Imported)) (Imported, error) {
	in := importing{db: s.db, known: known()}
	err := osv.Each(r, size, func(where string, rec osv.Record, err error) error {
		if err != nil {
			in.done.Bad++
			if len(in.done.Faults) < faultsShown {
				in.done.Faults = append(in.done.Faults, where+": "+fault.From(err).Message)
			}
			return ctx.Err()
		}
		if err := in.add(rec); err != nil || !in.full() {
			return err
		}
		if err := in.flush(ctx); err != nil {
			return err
		}
		if progress != nil {
			progress(in.done)
		}
		return nil
	})
	if err == nil {
		err = in.flush(ctx)
	}
	return in.done, err
}

// importing collects records for the next transaction.
type importing struct {
	db    *db.DB
	known map[string]bool
	next  []edition
	bytes int
	done  Imported
}

// edition is a record as it is about to be stored.
type edition struct {
	name     string
	modified int64
	gone     bool // withdrawn
	rows     []advisories.Row
}

func (in *importing) add(r osv.Record) error {
	e := edition{name: r.ID, modified: r.Modified.UnixMicro(), gone: r.Withdrawn}
	if !r.Withdrawn {
		var err error
		if e.rows, err = rowsOf(r, in.known); err != nil {
			return err
		}
	}
	for _, row := range e.rows {
		in.bytes += len(row.Body)
	}
	in.next = append(in.next, e)
	return nil
}

func (in *importing) full() bool { return len(in.next) >= importBatch || in.bytes >= importBytes }

// flush stores what was collected in one transaction.
func (in *importing) flush(ctx context.Context) error {
	names := make([]string, len(in.next))
	for i, e := range in.next {
		names[i] = e.name
	}
	var after Imported
	err := in.db.Write(ctx, func(tx *db.Tx) error {
		after = in.done // the transaction may run twice
		modified, err := advisories.Modified(ctx, tx, names)
		if err != nil {
			return err
		}
		for _, e := range in.next {
			have, stored := modified[e.name]
			rows := e.rows
			switch {
			case stored && have >= e.modified:
				after.Unchanged++
				continue
			case len(rows) > 0:
				after.Stored++
			case stored || e.gone:
				after.Removed++
				rows = []advisories.Row{{Name: e.name, Body: []byte{}, Modified: e.modified}}
			default:
				after.Foreign++
				continue
			}
			if err := advisories.Replace(ctx, tx, e.name, rows); err != nil {
				return err
			}
			modified[e.name] = e.modified
		}
		return nil
	})
	if err != nil {
		return err
	}
	in.done, in.next, in.bytes = after, in.next[:0], 0
	return nil
}

package registry

import (
	"context"

	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// FileOf finds a file of a package by the public ids of both.
func (s *Service) FileOf(ctx context.Context, sc scope.Ref, uuid, file string) (*format.File, error) {
	p, _, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, err
	}
	f, ok, err := packages.FileByUUID(ctx, s.db, p.ID, file)
	if err != nil {
		return nil, err
	}
	v, found, err := packages.VersionByID(ctx, s.db, f.VersionID)
	if err == nil && (!ok || !found) {
		err = fault.New(fault.NotFound, "%s has no file %q", p.Name, file)
	}
	if err != nil {
		return nil, err
	}
	return toFile(&f, p.Name, v.Name), nil
}

// Known tells which of some packages a registry of kind k has: name as it was
// asked to public id. Names that the format does not allow are in none.
func (s *Service) Known(ctx context.Context, sc scope.Ref, k *Kind, names []string) (map[string]string, error) {
	spelled := map[string][]string{}
	var canons []string
	for _, name := range names {
		canon, err := k.CanonicalName(name)
		if err != nil {
			continue
		}
		if spelled[canon] == nil {
			canons = append(canons, canon)
		}
		spelled[canon] = append(spelled[canon], name)
	}
	rows, err := packages.KnownIn(ctx, s.db, sc, k.Info.ID, canons)
	known := make(map[string]string, len(rows))
	for _, r := range rows {
		for _, name := range spelled[r.Canon] {
			known[name] = r.UUID
		}
	}
	return known, err
}

// Words are the states a list shows beside a package's newest version.
type Words struct {
	Prerelease bool   // it has no release yet: its newest version is before one
	Next       string // pre-release newer than its newest release
	Yanked     string // the version published last, where that was taken back
}

// Words reads the states of some packages: by public id.
func (s *Service) Words(ctx context.Context, list []*format.Package) (map[string]Words, error) {
	uuids := make([]string, len(list))
	kinds := make(map[string]*Kind, len(list))
	for i, p := range list {
		uuids[i], kinds[p.UUID] = p.UUID, s.byName[p.Format]
	}
	rows, err := packages.Standings(ctx, s.db, uuids)
	words := make(map[string]Words, len(rows))
	for _, r := range rows {
		w := Words{Prerelease: r.Latest == "" && r.LatestPre != ""}
		if k := kinds[r.UUID]; k != nil && r.Latest != "" && r.LatestPre != "" && k.newer(r.LatestPre, r.Latest) {
			w.Next = r.LatestPre
		}
		if r.Yanked {
			w.Yanked = r.Name
		}
		words[r.UUID] = w
	}
	return words, err
}

// newer tells whether version a orders after b. Both were published once, so
// the format takes them.
func (k *Kind) newer(a, b string) bool {
	x, err := k.CanonicalVersion(a)
	if err != nil {
		return false
	}
	y, err := k.CanonicalVersion(b)
	return err == nil && k.Compare(x, y) > 0
}

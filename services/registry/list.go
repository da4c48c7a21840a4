package registry

import (
	"context"
	"slices"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// List chooses packages across formats and owners.
type List = packages.List

// The orders of a list.
const (
	Newest         = packages.Newest
	ByName         = packages.ByNameAscending
	MostDownloaded = packages.MostDownloaded
)

// List gives a page of packages and the number of all. It decides no access:
// the caller names the scopes.
func (s *Service) List(ctx context.Context, l List) ([]*format.Package, int, error) {
	l = s.spelt(l)
	rows, err := l.Find(ctx, s.db)
	if err != nil {
		return nil, 0, err
	}
	total, err := l.Count(ctx, s.db)
	if err != nil {
		return nil, 0, err
	}
	out := make([]*format.Package, len(rows))
	for i := range rows {
		out[i] = toPackage(&rows[i])
	}
	return out, total, nil
}

// spelt lets a list of one format look for its text in names as the format
// spells them, where the text can be a name.
func (s *Service) spelt(l List) List {
	if k := s.byName[l.Format]; k != nil {
		l.Spelt, _ = k.CanonicalName(l.Text)
	}
	return l
}

// ByUUID finds a package of a scope by its public id, and its kind.
// fault.NotFound where the scope has none of that id.
func (s *Service) ByUUID(ctx context.Context, sc scope.Ref, uuid string) (*format.Package, *Kind, error) {
	p, k, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, nil, err
	}
	return toPackage(&p), k, nil
}

func (s *Service) packageRow(ctx context.Context, sc scope.Ref, uuid string) (packages.Package, *Kind, error) {
	p, ok, err := packages.ByUUID(ctx, s.db, sc, uuid)
	if err != nil {
		return p, nil, err
	}
	k := s.byName[p.Format]
	if !ok || k == nil {
		return p, nil, fault.New(fault.NotFound, "there is no package %q here", uuid)
	}
	return p, k, nil
}

// VersionPage gives a page of a package's versions with their files, newest
// publication first, and the number of all. Where versions go by tags, it is a
// page of the tags, as long as the package has any, else of what was published
// without one.
func (s *Service) VersionPage(ctx context.Context, sc scope.Ref, uuid string, limit, offset int) ([]*format.Version, int, error) {
	p, k, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, 0, err
	}
	if k.Info.ByTag {
		if list, total, err := s.tagPage(ctx, &p, limit, offset); err != nil || total > 0 {
			return list, total, err
		}
	}
	rows, err := packages.VersionPage(ctx, s.db, p.ID, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	files, err := packages.FilesOf(ctx, s.db, ids)
	return join(&p, rows, files), p.Versions, err
}

// tagPage is VersionPage of a package whose versions go by tags: each version
// once for each of its tags, under the tag's name and time.
func (s *Service) tagPage(ctx context.Context, p *packages.Package, limit, offset int) ([]*format.Version, int, error) {
	tagged, total, err := packages.TagPage(ctx, s.db, p.ID, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	rows := make([]packages.Version, 0, len(tagged))
	var ids []int64
	for _, t := range tagged {
		if !slices.Contains(ids, t.ID) {
			ids, rows = append(ids, t.ID), append(rows, t.Version)
		}
	}
	files, err := packages.FilesOf(ctx, s.db, ids)
	if err != nil {
		return nil, 0, err
	}
	byCanon := map[string]*format.Version{}
	for _, v := range join(p, rows, files) {
		byCanon[v.Canon] = v
	}
	out := make([]*format.Version, len(tagged))
	for i, t := range tagged {
		v := *byCanon[t.Canon]
		v.Name, v.Created = t.Tag, db.Time(t.Tagged)
		out[i] = &v
	}
	return out, total, nil
}

// Versions gives all versions of a package with their files, newest first in
// the format's order.
func (s *Service) Versions(ctx context.Context, sc scope.Ref, uuid string) ([]*format.Version, error) {
	p, k, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, err
	}
	return s.versions(ctx, k, &p)
}

// FilePage gives a page of the files of all versions of a package.
func (s *Service) FilePage(ctx context.Context, sc scope.Ref, uuid string, limit, offset int) ([]*format.File, int, error) {
	p, _, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, 0, err
	}
	rows, total, err := packages.FilePage(ctx, s.db, p.ID, limit, offset)
	out := make([]*format.File, len(rows))
	for i := range rows {
		out[i] = toFile(&rows[i], p.Name, "")
	}
	return out, total, err
}

// Detail is what a page tells of a version besides the version itself.
type Detail struct {
	Readme     format.Readme
	Properties map[string]string
	About      map[string]string // properties of the package
	Tags       map[string]string // of the package: name to version
}

// Detail reads what hangs on a version.
func (s *Service) Detail(ctx context.Context, sc scope.Ref, uuid, version string) (Detail, error) {
	p, k, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return Detail{}, err
	}
	v, err := k.version(ctx, s.db, &p, version)
	if err != nil {
		return Detail{}, err
	}
	props, err := packages.Properties(ctx, s.db, "version", v.ID)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Readme: format.Readme{Name: props[packages.ReadmeName], Text: props[packages.ReadmeText]}, Properties: props}
	delete(props, packages.ReadmeName)
	delete(props, packages.ReadmeText)
	if d.About, err = packages.Properties(ctx, s.db, "package", p.ID); err != nil {
		return Detail{}, err
	}
	d.Tags, err = packages.Tags(ctx, s.db, p.ID)
	return d, err
}

// Downloads gives the downloads of each of the last days up to today (UTC),
// of a version or, where version is empty, of the whole package.
func (s *Service) Downloads(ctx context.Context, sc scope.Ref, uuid, version string, days int) ([]Day, error) {
	p, k, err := s.packageRow(ctx, sc, uuid)
	if err != nil {
		return nil, err
	}
	var versionID int64
	if version != "" {
		v, err := k.version(ctx, s.db, &p, version)
		if err != nil {
			return nil, err
		}
		versionID = v.ID
	}
	today := dayOf(time.Now())
	rows, err := packages.Downloads(ctx, s.db, p.ID, versionID, today-int64(days)+1)
	if err != nil {
		return nil, err
	}
	out := make([]Day, days)
	for i := range out {
		out[i].Date = time.Unix((today-int64(days-1-i))*86400, 0).UTC()
	}
	for _, r := range rows {
		if i := int(r.Day - (today - int64(days) + 1)); i >= 0 && i < days {
			out[i].Count = r.Count
		}
	}
	return out, nil
}

// Day is the number of downloads on a day (UTC).
type Day struct {
	Date  time.Time
	Count int64
}

// Usage is the storage that the packages of one format take in one scope.
type Usage struct {
	Scope    scope.Ref
	Format   string
	Packages int64
	Size     int64 // bytes
}

// Usage lists storage by scope and format, the largest first; of all scopes
// where refs is nil.
func (s *Service) Usage(ctx context.Context, refs []scope.Ref, limit int) ([]Usage, error) {
	rows, err := packages.Used(ctx, s.db, refs, limit)
	out := make([]Usage, len(rows))
	for i, r := range rows {
		out[i] = Usage{scope.Ref{Kind: r.ScopeKind, ID: r.ScopeID}, r.Format, r.Packages, r.Size}
	}
	return out, err
}

// UsedBytes gives the storage that a scope's packages take.
func (s *Service) UsedBytes(ctx context.Context, sc scope.Ref) (int64, error) {
	usage, err := s.Usage(ctx, []scope.Ref{sc}, 1000)
	var n int64
	for _, u := range usage {
		n += u.Size
	}
	return n, err
}

// Quota gives the storage that a scope may take in bytes; 0 where there is no limit.
func (s *Service) Quota(sc scope.Ref) int64 { return max(s.cfg.Quota[sc.Kind], 0) }

// Visible is what tells which scopes a reader may see.
type Visible func(ctx context.Context, scopes []scope.Scope) ([]bool, error)

// Explore gives a page of the packages of all scopes that a reader may see,
// newest publication first, and the time to go on from with l.Before, 0 at the
// end. It is that of the last package shown, because an offset would count the
// hidden ones; those of the same microsecond stay on one page. The scopes of
// the page come with it. Hidden packages are walked over in batches, a bounded
// number.
func (s *Service) Explore(ctx context.Context, f forge.Forge, visible Visible, l List) (page []*format.Package, scopes map[scope.Ref]scope.Scope, next int64, err error) {
	const batch, batches = 200, 50
	want, last := l.Limit, int64(0)
	l = s.spelt(l)
	l.Limit, l.Order = max(batch, want+1), Newest
	scopes = map[scope.Ref]scope.Scope{}
	seen := map[scope.Ref]bool{}
	for range batches {
		rows, err := l.Find(ctx, s.db)
		if err != nil {
			return nil, nil, 0, err
		}
		var ask []scope.Ref
		for i := range rows {
			if ref := rows[i].Scope(); !slices.Contains(ask, ref) {
				if _, known := seen[ref]; !known {
					ask = append(ask, ref)
				}
			}
		}
		found, err := f.Scopes(ctx, ask)
		if err != nil {
			return nil, nil, 0, err
		}
		list := make([]scope.Scope, 0, len(found))
		for _, sc := range found {
			list = append(list, sc)
		}
		allowed, err := visible(ctx, list)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, ref := range ask {
			seen[ref] = false
		}
		for i, sc := range list {
			seen[sc.Ref] = allowed[i]
			if allowed[i] {
				scopes[sc.Ref] = sc
			}
		}
		for i := range rows {
			if !seen[rows[i].Scope()] || s.byName[rows[i].Format] == nil {
				continue
			}
			if len(page) >= want && rows[i].Updated != last {
				return page, scopes, last, nil
			}
			page, last = append(page, toPackage(&rows[i])), rows[i].Updated
		}
		if len(rows) < l.Limit {
			break
		}
		l.Offset += len(rows)
	}
	return page, scopes, 0, nil
}

// Published tells which versions of a scope were made from repository tags:
// tag name and format to where they are.
func (s *Service) Published(ctx context.Context, sc scope.Ref) (map[TagKey]Made, error) {
	var rows []struct {
		SourceTag, SourceCommit, Format, UUID, Name, Version string
		Downloads                                            int64
	}
	err := s.db.Find(ctx, &rows, `SELECT v.source_tag, v.source_commit, p.format, p.uuid, p.name, v.name AS version, v.downloads
		FROM package p JOIN version v ON v.package_id = p.id
		WHERE p.scope_kind = ? AND p.scope_id = ? AND v.source_tag <> ''`, sc.Kind, sc.ID)
	made := make(map[TagKey]Made, len(rows))
	for _, r := range rows {
		made[TagKey{r.SourceTag, r.Format}] = Made{r.UUID, r.Name, r.Version, r.SourceCommit, r.Downloads}
	}
	return made, err
}

// TagKey names a repository tag and a format that it was built into.
type TagKey struct{ Tag, Format string }

// Made is a version that was made from a tag.
type Made struct {
	UUID, Package, Version, Commit string
	Downloads                      int64
}

// State is what documents depend on: the identity, generation and time of the
// last change of a package, or of a whole registry.
type State struct {
	ID, Generation int64
	Modified       time.Time
}

// State gives the state of a package by any spelling of its name, or of the
// whole registry where the name is empty.
func (s *Service) State(ctx context.Context, sc scope.Ref, k *Kind, name string) (State, error) {
	return s.states.Ask(s.db, place{scope: sc, format: k.Info.ID, pkg: name}, func() (State, error) {
		if name == "" {
			r, ok, err := packages.RegistryOf(ctx, s.db, sc, k.Info.ID)
			if err == nil && !ok {
				return State{Modified: time.Unix(0, 0).UTC()}, nil // an empty registry has documents too
			}
			return State{r.ID, r.Generation, db.Time(r.Modified)}, err
		}
		canon, err := k.CanonicalName(name)
		if err != nil {
			return State{}, err
		}
		id, generation, modified, ok, err := packages.State(ctx, s.db, sc, k.Info.ID, canon)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "there is no package %q here", name)
		}
		return State{id, generation, db.Time(modified)}, err
	})
}

// Began gives the time at which something was first begun on this database.
func (s *Service) Began(ctx context.Context, what string) (time.Time, error) {
	var micro int64
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		micro, err = packages.Began(ctx, tx, what, db.Now())
		return err
	})
	return db.Time(micro), err
}

package nuget

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	maxWalks = 4                // feeds of many packages that are made at once
	queue    = 10 * time.Second // how long one waits for its turn
)

// enter waits for a place among the walks, each of which reads as much as the
// whole registry. leave frees it. Busy where there is none in time.
func (n *NuGet) enter(ctx context.Context) (leave func(), err error) {
	timer := time.NewTimer(queue)
	defer timer.Stop()
	select {
	case n.walks <- struct{}{}:
		return func() { <-n.walks }, nil
	case <-timer.C:
		return nil, fault.New(fault.Busy, "too many feeds of version 2 are asked for at once: try again in a minute, or use version 3 of the protocol").After(time.Minute)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// walk gives the entries of a page and one more where there is one, and the
// number of all where it is asked for. It asks the registry one question and
// goes through the answer as far as it has to. To sort, it keeps what entries
// are sorted by and no more, and reads those of the page once again.
func (n *NuGet) walk(ctx context.Context, reg format.Reader, s selection, o options) (out []row, total int, err error) {
	if s.ids == nil || len(s.ids) > 1 {
		leave, err := n.enter(ctx)
		if err != nil {
			return nil, 0, err
		}
		defer leave()
	}
	need := o.skip + o.top + 1
	var places []place
	for all, err := range s.rows(ctx, reg, s.ids) {
		if err != nil {
			return nil, 0, err
		}
		for _, r := range all {
			if !s.takes(r) {
				continue
			}
			if o.filter != nil || o.order != nil {
				if err := r.read(); err != nil {
					return nil, 0, err
				}
			}
			if o.filter != nil && !o.filter(r) {
				continue
			}
			total++
			switch {
			case o.order != nil:
				places = append(places, o.place(r))
			case total > o.skip && total <= need:
				out = append(out, r)
			}
		}
		if o.order == nil && !o.total && total >= need {
			break
		}
		if len(places) > 2*maxSorted {
			places = slices.Clone(o.sorted(places)[:need])
		}
	}
	if o.order != nil {
		places = o.sorted(places)
		if out, err = s.again(ctx, reg, places[min(o.skip, len(places)):min(need, len(places))]); err != nil {
			return nil, 0, err
		}
	}
	for i := range out {
		if err := out[i].read(); err != nil {
			return nil, 0, err
		}
	}
	return out, total, nil
}

// place is where an entry is, and what it is sorted by.
type place struct {
	pkg, canon string
	keys       []any
}

// place gives the place of a row. Texts are compared by how they begin.
func (o options) place(r row) place {
	p := place{r.Package, r.Canon, make([]any, len(o.order))}
	for i, key := range o.order {
		v := key.by(r)
		if text, ok := v.(string); ok {
			v = strings.Clone(cut(text, maxWord))
		}
		p.keys[i] = v
	}
	return p
}

func (o options) sorted(places []place) []place {
	slices.SortStableFunc(places, func(a, b place) int {
		for i, key := range o.order {
			c := rank(a.keys[i], b.keys[i])
			if key.down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return places
}

// rank orders two values of one property: null comes before any other.
func rank(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	c, _ := compare(a, b)
	return c
}

// again gives the rows of a page, without those that went meanwhile.
func (s selection) again(ctx context.Context, reg format.Reader, page []place) ([]row, error) {
	names := make([]string, len(page))
	at := make(map[[2]string]int, len(page))
	for i, p := range page {
		names[i], at[[2]string{p.pkg, p.canon}] = p.pkg, i
	}
	slices.Sort(names)
	out := make([]row, len(page))
	for all, err := range s.rows(ctx, reg, slices.Compact(names)) {
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if i, ok := at[[2]string{r.Package, r.Canon}]; ok {
				out[i] = r
			}
		}
	}
	return slices.DeleteFunc(out, func(r row) bool { return r.Nuspec == nil }), nil
}

// rows goes through the rows of some packages, of all where ids is nil.
func (s selection) rows(ctx context.Context, reg format.Reader, ids []string) iter.Seq2[[]row, error] {
	return func(yield func([]row, error) bool) {
		for versions, err := range reg.Each(ctx, format.Filter{Packages: ids}) {
			var rows []row
			if err == nil {
				rows, err = s.of(versions)
			}
			if !yield(rows, err) || err != nil {
				return
			}
		}
	}
}

// of makes rows of the versions of one package, the newest first, unread.
func (s selection) of(versions []*format.Version) ([]row, error) {
	list, err := listings(versions)
	if err != nil {
		return nil, err
	}
	out := make([]row, 0, len(list))
	var downloads int64
	latest, absolute := false, false
	for _, v := range list {
		downloads += v.Downloads
		if v.SemVer2 && !s.semVer2 {
			continue
		}
		r := row{listing: v}
		if r.version, err = ParseVersion(v.Version.Name); err != nil {
			return nil, err
		}
		if !v.Yanked {
			r.absolute, absolute = !absolute, true
			if !v.Prerelease {
				r.latest, latest = !latest, true
			}
		}
		out = append(out, r)
	}
	for i := range out {
		out[i].downloads = downloads
	}
	return out, nil
}

package container

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// shelf is a registry with a list of referrers, in which before is called
// ahead of each reading.
type shelf struct {
	format.Registry
	versions []*format.Version
	before   func(reading int)
	readings int
	most     int // versions of one reading
}

func (s *shelf) Referrers(_ context.Context, _, _, after string, limit int) ([]*format.Version, error) {
	if s.before != nil {
		s.before(s.readings)
	}
	s.readings++
	s.most = max(s.most, limit)
	i := slices.IndexFunc(s.versions, func(v *format.Version) bool { return v.Name == after })
	return s.versions[i+1:][:min(limit, len(s.versions)-i-1)], nil
}

// fill puts versions there, every tenth of another type.
func (s *shelf) fill(t *testing.T, many, size int) (names []string) {
	t.Helper()
	for i := range many {
		r := record{MediaType: ociManifest, Size: i, ArtifactType: "a", Annotations: map[string]string{"x": strings.Repeat("x", size)}}
		if i%10 == 9 {
			r.ArtifactType = "b"
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("sha256:%064d", i)
		s.versions = append(s.versions, &format.Version{Name: name, Canon: name, Metadata: raw})
		names = append(names, name)
	}
	return names
}

// walk reads all pages.
func (s *shelf) walk(t *testing.T, only string) (names []string, pages int) {
	t.Helper()
	for last := ""; ; {
		list, more, err := referrersPage(t.Context(), s, "web", "subject", last, only)
		if err != nil || list == nil {
			t.Fatalf("%v, %v", list, err)
		}
		for _, e := range list {
			names = append(names, e.Digest)
		}
		pages++
		if last = more; last == "" {
			return names, pages
		}
	}
}

func TestReferrersPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		many, size int
		only       string
		pages      int
	}{
		{"none", 0, 0, "", 1},
		{"a few", 3, 0, "", 1},
		{"a full reading", perRead, 0, "", 1},
		{"many", maxReferrers*2 + 1, 0, "", 3},
		{"large", 50, 200_000, "", 3},
		{"few of the type", 50, 200_000, "b", 1},
		{"of no such type", 2 * (maxRead / 400_000), 400_000, "c", 2}, // the reading is bounded, too
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			want := s.fill(t, c.many, c.size)
			if c.only != "" {
				want = slices.DeleteFunc(want, func(name string) bool { return c.only != "b" || !strings.HasSuffix(name, "9") })
			}
			got, pages := s.walk(t, c.only)
			if !slices.Equal(got, want) || pages != c.pages {
				t.Errorf("%d of %d in %d pages", len(got), len(want), pages)
			}
			if s.most > perRead || perRead > format.MaxReferrers {
				t.Errorf("%d versions were read at once", s.most)
			}
		})
	}
}

// A manifest that goes while the list is read makes no other one appear twice.
func TestReferrersPageWhileOthersDelete(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	names := s.fill(t, 3*perRead, 0)
	s.before = func(reading int) {
		if reading == 1 {
			s.versions = slices.Delete(s.versions, perRead-1, perRead)
		}
	}
	got, pages := s.walk(t, "")
	if !slices.Equal(got, names) || pages != 1 {
		t.Errorf("%d in %d pages", len(got), pages)
	}
}

// contest is a registry where others are faster, some times.
type contest struct {
	format.Registry
	lost, tries int
}

func (*contest) File(context.Context, format.FileRef) (*format.File, error) {
	return nil, fault.New(fault.NotFound, "gone")
}

func (c *contest) Publish(context.Context, format.Release) (*format.Version, error) {
	if c.tries++; c.tries <= c.lost {
		return nil, fault.New(fault.Conflict, "it is there")
	}
	return nil, nil
}

func TestPublishWaitsForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &Manifest{MediaType: ociIndex}
		begin := time.Now()
		if err := publish(t.Context(), &contest{lost: attempts - 1}, format.Release{}, m, nil); err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d < (1<<(attempts-1)-1)*pause/2 || d > time.Second {
			t.Errorf("waited for %v", d)
		}
		if err := publish(t.Context(), &contest{lost: attempts}, format.Release{}, m, nil); !fault.Is(err, fault.Unavailable) {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), pause/2)
		defer cancel()
		if err := publish(ctx, &contest{lost: 1}, format.Release{}, m, nil); err != context.DeadlineExceeded {
			t.Error(err)
		}
	})
}

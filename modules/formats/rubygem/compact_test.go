package rubygem

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
)

// put publishes a version past the parsers.
func (s *shelf) put(t interface{ Fatal(...any) }, name, version, record string) {
	if _, err := s.Publish(context.Background(), format.Release{Package: name, Version: version, Files: []format.NewFile{{
		Name: fullName(name, version) + extension, Metadata: []byte(record), Body: blob.FromBytes([]byte(name + version)),
	}}}); err != nil {
		t.Fatal(err)
	}
}

func (s *shelf) document(t interface{ Fatal(...any) }, kind, key string) string {
	b, err := s.build(context.Background(), kind, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// readVersions reads the list of versions as clients do: what is there of each
// gem, and the sum of the information about it.
func readVersions(text string) (there map[string][]string, sums map[string]string) {
	there, sums = map[string][]string{}, map[string]string{}
	_, body, _ := strings.Cut(text, "\n---\n")
	for l := range strings.Lines(body) {
		f := strings.Fields(l)
		name := f[0]
		for _, version := range strings.Split(f[1], ",") {
			if gone, yanked := strings.CutPrefix(version, "-"); yanked {
				there[name] = slices.DeleteFunc(there[name], func(v string) bool { return v == gone })
			} else {
				there[name] = append(there[name], version)
			}
		}
		sums[name] = f[2]
	}
	return there, sums
}

// Whatever is pushed or yanked adds to the end of the list, and its sums are
// those of the information that is served.
func TestVersionsGrow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newShelf()
		before := s.document(t, versionsKind, "")
		for step := range rapid.IntRange(1, 25).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"money", "decimals", "A"}).Draw(t, "name")
			list, _ := s.Versions(t.Context(), name)
			list = slices.DeleteFunc(list, func(v *format.Version) bool { return v.Yanked })
			about := ""
			if list != nil {
				about = s.document(t, infoKind, name)
			}
			push := len(list) == 0 || rapid.IntRange(0, 2).Draw(t, "what") > 0
			if push {
				s.put(t, name, fmt.Sprintf("%d.%d", rapid.IntRange(0, 3).Draw(t, "major"), step+1), `{"needs":[{"name":"x","requirement":["> 1","< 3"]}]}`)
			} else if err := s.Edit(t.Context(), name, format.Yank{Version: rapid.SampledFrom(list).Draw(t, "yank").Name, On: true}); err != nil {
				t.Fatal(err)
			}
			after := s.document(t, versionsKind, "")
			if !strings.HasPrefix(after, before) || strings.Count(after, "\n") != strings.Count(before, "\n")+1 {
				t.Fatalf("%q\nbecame %q", before, after)
			}
			if now := s.document(t, infoKind, name); push && !strings.HasPrefix(now, about) {
				t.Fatalf("%q\nbecame %q", about, now)
			}
			before = after
		}
		there, sums := readVersions(before)
		for name, versions := range there {
			about := s.document(t, infoKind, name)
			if sum := md5.Sum([]byte(about)); sums[name] != hex.EncodeToString(sum[:]) {
				t.Fatalf("the sum of %s is %s, and of %q it is %x", name, sums[name], about, sum)
			}
			var listed []string
			for l := range strings.Lines(strings.TrimPrefix(about, infoHead)) {
				version, _, _ := strings.Cut(l, " ")
				listed = append(listed, version)
			}
			if !slices.Equal(listed, versions) {
				t.Fatalf("%s has %v, and %v in its information", name, versions, listed)
			}
		}
	})
}

// What was deleted or restored makes another list, which is right by itself.
func TestVersionsAfterDeletion(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for i := range 5 {
		s.put(t, "money", fmt.Sprintf("1.%d", i), "")
	}
	for _, v := range []string{"1.3", "1.1"} {
		if err := s.Edit(t.Context(), "money", format.Yank{Version: v, On: true}); err != nil {
			t.Fatal(err)
		}
	}
	s.versions = slices.Delete(s.versions, 0, 1)
	if err := s.Edit(t.Context(), "money", format.Yank{Version: "1.3"}); err != nil {
		t.Fatal(err)
	}
	there, sums := readVersions(s.document(t, versionsKind, ""))
	about := s.document(t, infoKind, "money")
	if got := strings.Join(there["money"], " "); got != "1.2 1.3 1.4" || sums["money"] != fmt.Sprintf("%x", md5.Sum([]byte(about))) {
		t.Errorf("%s, %s\n%s", got, sums["money"], about)
	}
}

// A clock that went back yanks before it pushes.
func TestVersionsWithClockBack(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.put(t, "money", "1.0", "")
	s.put(t, "money", "1.1", "")
	s.versions[0].Yanked, s.versions[0].YankedAt = true, time.Unix(0, 0)
	got := s.document(t, versionsKind, "")
	there, sums := readVersions(got)
	about := s.document(t, infoKind, "money")
	if strings.Count(got, "\n") != 5 || !slices.Equal(there["money"], []string{"1.1"}) || sums["money"] != fmt.Sprintf("%x", md5.Sum([]byte(about))) {
		t.Errorf("%q", got)
	}
}

// history is a gem of which many versions were pushed, and then all but the last
// were yanked, the oldest first.
func history(t interface{ Fatal(...any) }, count int) []line {
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	versions := make([]*format.Version, count)
	for i := range versions {
		name := fmt.Sprintf("1.%d", i)
		versions[i] = &format.Version{
			Package: "money", Name: name, Canon: name, Created: begin.Add(time.Duration(i) * time.Second),
			Yanked: i < count-1, YankedAt: begin.Add(time.Duration(count+i) * time.Second),
			Files: []*format.File{{Name: "money-" + name + extension, Metadata: []byte(`{"needs":[{"name":"decimals","requirement":["~> 1.0"]}]}`)}},
		}
	}
	list, err := lines(versions)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A gem whose yanks are much work has its last ones in one line, with the right sum,
// and what comes before that line never changes.
func TestVersionsOfManyYanks(t *testing.T) {
	t.Parallel()
	list := history(t, 1000)
	all := events(list)
	if len(all) < 1000 || len(all) > 1100 { // of 1,999 steps
		t.Fatalf("%d lines", len(all))
	}
	var text strings.Builder
	text.WriteString(versionsHead)
	for _, e := range all {
		fmt.Fprintf(&text, "%s %s %x\n", e.name, e.changes, e.sum)
	}
	var about strings.Builder
	writeInfo(&about, list)
	there, sums := readVersions(text.String())
	if !slices.Equal(there["money"], []string{"1.999"}) || sums["money"] != fmt.Sprintf("%x", md5.Sum([]byte(about.String()))) {
		t.Errorf("%v, %s", there, sums["money"])
	}
	list[998].version.Yanked = false // as it was before the last one
	before := events(list)
	if end := len(before) - 1; len(before) != len(all) || !slices.Equal(before[:end], all[:end]) {
		t.Error("a yank changes more than the last line")
	}
}

func TestMarkedLists(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	for kind, want := range map[string]string{
		specsKind:      "decimals 1.0, money 1.1, money 1.1-java, money 1.0",
		latestKind:     "decimals 1.0, money 1.1, money 1.1-java",
		prereleaseKind: "Empty 0.1.pre",
	} {
		var got []string
		choose := map[string]func([]*format.Version) []*format.Version{specsKind: releases, latestKind: newest, prereleaseKind: prereleases}[kind]
		for versions := range s.Each(t.Context(), format.Filter{}) {
			for _, v := range choose(versions) {
				got = append(got, v.Package+" "+v.Name)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v", kind, got)
		}
		if text := s.document(t, kind, ""); !strings.HasPrefix(text, "\x04\x08["+string(rune(len(got)+5))) {
			t.Errorf("%s: %q", kind, text)
		}
	}
}

// BenchmarkVersions shows that the list grows linearly.
func BenchmarkVersions(b *testing.B) {
	for _, count := range []int{100, 1000, 5000} {
		s := newShelf()
		for i := range count {
			s.put(b, "money", fmt.Sprintf("1.%d", i), `{"needs":[{"name":"decimals","requirement":["~> 1.0"]}]}`)
		}
		versions, err := s.Versions(b.Context(), "money")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				list, err := lines(versions)
				if err != nil {
					b.Fatal(err)
				}
				if all := events(list); len(all) != count {
					b.Fatal(len(all))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/version")
		})
	}
}

// BenchmarkYanked shows that yanks from the front grow linearly too.
func BenchmarkYanked(b *testing.B) {
	for _, count := range []int{100, 1000, 5000, 20_000} {
		list := history(b, count)
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				events(list)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/version")
		})
	}
}

func TestGrowingRemove(t *testing.T) {
	t.Parallel()
	g := newGrowing()
	for _, v := range []string{"1", "2", "3"} {
		g.add(v, v+"\n")
	}
	g.remove("2")
	want := md5.Sum([]byte(infoHead + "1\n3\n"))
	if got := g.last().Sum(nil); !bytes.Equal(got, want[:]) {
		t.Errorf("%x, not %x", got, want)
	}
}

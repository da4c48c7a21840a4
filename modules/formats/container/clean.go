package container

import (
	"slices"
	"strconv"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// untagged is the setting after how many days manifests go that no tag needs.
const untagged = "untagged"

// maxDays is a hundred years.
const maxDays = 36_500

// Settings implements format.Configured.
func (c *Container) Settings() []format.Setting {
	return []format.Setting{{
		Name: untagged,
		Of:   format.OfRegistry,
		Label: format.Text{
			En: "Remove untagged manifests after so many days",
			Ru: "Удалять манифесты без тегов через столько дней",
		},
		Hint: format.Text{
			En: "Counted from the push. What a tagged index lists, or what is signed or signs something that stays, stays too. Empty: never.",
			Ru: "Считая от загрузки. Остаётся и то, что перечислено в индексе с тегом, и то, что подписывает остающееся или подписано им. Пусто: никогда.",
		},
		Check: func(value string) error {
			_, err := days(value)
			return err
		},
	}}
}

func days(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > maxDays {
		return 0, fault.New(fault.Invalid, "the days %.50q must be a number from 1 to %d", value, maxDays)
	}
	return n, nil
}

// Superfluous implements format.Cleaning: it gives the manifests that are old
// and that nothing needs. A manifest is needed by a tag, by an index that is
// needed and lists it, and by one of the two sides of a subject, the other of
// which is needed. So a signature goes with its image, and an image that
// somebody signs today does not go before its signature.
func (c *Container) Superfluous(versions []*format.Version, tags map[string]string, setting func(name string) string, now time.Time) []string {
	n, err := days(setting(untagged))
	if err != nil {
		return nil
	}
	return superfluous(versions, tags, now.AddDate(0, 0, -n))
}

// superfluous is Superfluous of what was published before a time. An index
// comes before what it lists, and what is about a subject before that.
func superfluous(versions []*format.Version, tags map[string]string, before time.Time) []string {
	lists := make(map[string][]string, len(versions)) // of an index
	near := make(map[string][]string, len(versions))  // what a version keeps
	for _, v := range versions {
		for _, m := range readRecord(v.Metadata).Manifests {
			lists[v.Name] = append(lists[v.Name], m.Digest)
		}
		near[v.Name] = append(near[v.Name], lists[v.Name]...)
		if v.Subject != "" {
			near[v.Name] = append(near[v.Name], v.Subject)
			near[v.Subject] = append(near[v.Subject], v.Name)
		}
	}
	needed := make(map[string]bool, len(versions))
	var queue []string
	for _, digest := range tags {
		queue = append(queue, digest)
	}
	for _, v := range versions {
		if !v.Created.Before(before) {
			queue = append(queue, v.Name)
		}
	}
	for len(queue) > 0 {
		digest := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !needed[digest] {
			needed[digest] = true
			queue = append(queue, near[digest]...)
		}
	}
	o := order{lists: lists, left: map[string]*format.Version{}}
	for _, v := range versions {
		if !needed[v.Name] {
			o.left[v.Name] = v
		}
	}
	for _, v := range versions {
		o.add(v.Name)
	}
	slices.Reverse(o.out)
	return o.out
}

// order puts what others need before them.
type order struct {
	lists map[string][]string
	left  map[string]*format.Version
	out   []string
}

func (o *order) add(digest string) {
	v := o.left[digest]
	if v == nil {
		return
	}
	delete(o.left, digest)
	for _, listed := range o.lists[digest] {
		o.add(listed)
	}
	if v.Subject != "" {
		o.add(v.Subject)
	}
	o.out = append(o.out, digest)
}

// Package maven is the Maven registry.
package maven

import "ingot.dev/modules/format"

// Maven implements format.Format.
type Maven struct{}

var _ format.Format = (*Maven)(nil)

// New makes the format.
func New() *Maven { return &Maven{} }

// Info implements format.Format.
func (f *Maven) Info() format.Info {
	return format.Info{ID: "maven", Title: "Maven", Short: "mvn", PURL: "maven"}
}

// Routes implements format.Format.
func (f *Maven) Routes() []format.Route { return nil }

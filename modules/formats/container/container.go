// Package container is the Container registry.
package container

import "ingot.dev/modules/format"

// Container implements format.Format.
type Container struct{}

var _ format.Format = (*Container)(nil)

// New makes the format.
func New() *Container { return &Container{} }

// Info implements format.Format.
func (f *Container) Info() format.Info {
	return format.Info{ID: "container", Title: "Container", Short: "oci", PURL: "oci"}
}

// Routes implements format.Format.
func (f *Container) Routes() []format.Route { return nil }

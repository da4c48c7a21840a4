// Package pypi is the PyPI registry.
package pypi

import "ingot.dev/modules/format"

// PyPI implements format.Format.
type PyPI struct{}

var _ format.Format = (*PyPI)(nil)

// New makes the format.
func New() *PyPI { return &PyPI{} }

// Info implements format.Format.
func (f *PyPI) Info() format.Info {
	return format.Info{ID: "pypi", Title: "PyPI", Short: "py", PURL: "pypi", Yanks: true}
}

// Routes implements format.Format.
func (f *PyPI) Routes() []format.Route { return nil }

// Package npm is the npm registry.
package npm

import "ingot.dev/modules/format"

// NPM implements format.Format.
type NPM struct{}

var _ format.Format = (*NPM)(nil)

// New makes the format.
func New() *NPM { return &NPM{} }

// Info implements format.Format.
func (f *NPM) Info() format.Info {
	return format.Info{ID: "npm", Title: "npm", Short: "npm", PURL: "npm"}
}

// Routes implements format.Format.
func (f *NPM) Routes() []format.Route { return nil }

//go:build !linux && !darwin

package disk

// SpaceOf is not known on this system.
func SpaceOf(string) (Space, bool) { return Space{}, false }

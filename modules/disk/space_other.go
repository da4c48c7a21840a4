//go:build !linux && !darwin

package disk

// SpaceOf is not implemented for this system.
func SpaceOf(string) (Space, bool) { return Space{}, false }

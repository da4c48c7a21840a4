//go:build linux || darwin

package disk

import "testing"

func TestSpaceOf(t *testing.T) {
	t.Parallel()
	s, ok := SpaceOf(t.TempDir())
	if !ok || s.Total <= 0 || s.Free < 0 || s.Free > s.Total {
		t.Errorf("the space of a folder is %+v, %v", s, ok)
	}
	if s, ok := SpaceOf("/nowhere/at/all"); ok {
		t.Errorf("a folder that is not there has %+v", s)
	}
}

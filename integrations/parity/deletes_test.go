package parity

import (
	"net/http"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

// deletes: POST .../delete of a file, a version and a package, after which the
// GETs of it are 404, and those of its neighbours are not.
func (k *kind) deletes(t *testing.T) {
	const first, second, third = "1.0.0", "2.0.0", "3.0.0"
	for _, p := range k.places(t) {
		for _, v := range []string{first, second, third} {
			k.publish(t, p, k.Name, v)
		}
		id, versions := k.one(t, p, k.Name)
		files, addresses := map[string]string{}, map[string]string{}
		for _, v := range versions {
			files[v.Version] = v.PackageFiles[0].ID
			addresses[v.Version] = k.address(t, p, k.Name, v.Version)
		}
		if p.Kind == scope.Project {
			k.never(t, p, id.ID, files[first])
		}
		doors := []struct{ path, version string }{
			{id.ID + "/" + first + "/" + files[first] + "/delete", first},
			{id.ID + "/" + second + "/delete", second},
			{id.ID + "/delete", third},
		}
		if k.Moves { // a tag's file is what it points at, and stays
			doors[0].path = id.ID + "/" + first + "/delete"
		}
		for i, door := range doors {
			call := house.Call{Method: http.MethodPost, Path: p.rest(door.path), As: p.as}
			if reply := k.Want(t, http.StatusOK, call); len(reply.Body) > 0 {
				t.Errorf("%s answers %s", call.Path, reply)
			}
			failed(t, call, k.Want(t, http.StatusNotFound, call))
			k.Want(t, http.StatusNotFound, house.Call{Path: addresses[door.version], As: p.as})
			left := len(doors) - i - 1
			for _, tail := range []string{"", "/version-list", "/package-file"} {
				status := http.StatusOK
				if left == 0 {
					status = http.StatusNotFound
				}
				k.Want(t, status, house.Call{Path: p.rest(id.ID + tail), As: p.as})
			}
			k.Want(t, http.StatusNotFound, house.Call{Path: p.rest(id.ID + "/" + door.version), As: p.as})
			if left == 0 {
				continue
			}
			if _, versions := k.one(t, p, k.Name); len(versions) != left {
				t.Errorf("after %s there are %+v", call.Path, versions)
			}
			for _, other := range doors[i+1:] {
				k.Want(t, http.StatusOK, house.Call{Path: addresses[other.version], As: p.as})
			}
		}
		if n := read[list[pack]](t, k.world, p, "").Page.TotalElements; n != 0 {
			t.Errorf("%d packages are left", n)
		}
	}
}

// never: what is deleted goes by POST and by ids that are right together.
func (k *kind) never(t *testing.T, p place, id, file string) {
	t.Helper()
	const absent = "00000000-0000-4000-8000-000000000000"
	for path, status := range map[string]int{
		absent + "/delete":                         404,
		id + "/9.9.9/delete":                       404,
		id + "/" + v1 + "/" + absent + "/delete":   404,
		id + "/9.9.9/" + file + "/delete":          404,
		absent + "/" + v1 + "/" + file + "/delete": 404,
		id + "/" + v1 + "/" + file + "/undelete":   404,
	} {
		k.Want(t, status, house.Call{Method: http.MethodPost, Path: p.rest(path), As: p.as})
	}
	for _, path := range []string{id, id + "/delete", id + "/" + v1 + "/delete"} {
		if reply := k.Do(t, house.Call{Method: http.MethodDelete, Path: p.rest(path), As: p.as}); reply.Status/100 != 4 {
			t.Errorf("DELETE of %s: %s", path, reply)
		}
	}
}

package contract

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
)

// remove: what was deleted is answered nowhere any more, its neighbours are as
// they were, and its place is free.
func (c *contract) remove(t *testing.T) {
	doors := map[string]func(p place, id string, v version) house.Call{
		"the package": func(p place, id string, _ version) house.Call {
			return house.Call{Path: c.rest(p, id+"/delete")}
		},
		"the version": func(p place, id string, v version) house.Call {
			return house.Call{Path: c.rest(p, id+"/"+v.Version+"/delete")}
		},
	}
	if !c.Moves { // a tag's file is what it points at, and stays
		doors["its only file"] = func(p place, id string, v version) house.Call {
			return house.Call{Path: c.rest(p, id+"/"+v.Version+"/"+v.PackageFiles[0].ID+"/delete")}
		}
	}
	if c.Remove != nil {
		doors["the version, by its protocol"] = func(p place, _ string, v version) house.Call {
			return c.at(c.native(p, ""), c.Remove(c.Name, v.Version))
		}
	}
	for what, call := range doors {
		t.Run(what, func(t *testing.T) {
			p := c.furnished(t)
			c.publish(t, p, v2)
			id := c.packages(t, p)[strings.ToLower(c.Name)]
			var first version
			for _, v := range c.versions(t, p) {
				if v.Version == v1 {
					first = v
				}
			}
			del := call(p, id, first)
			del.As = c.owner
			if del.Method == "" {
				del.Method = http.MethodPost
			}
			if reply := c.Do(t, del); reply.Status/100 != 2 {
				t.Fatalf("%s: %s", del.Path, reply)
			}
			c.Want(t, http.StatusNotFound, del)
			c.gone(t, p, v1)
			if what == "the package" {
				c.gone(t, p, v2)
			} else if v := c.versions(t, p); len(v) != 1 || v[0].Version != v2 {
				t.Errorf("there are %+v", v)
			}
			c.publish(t, p, v1)
			c.Want(t, http.StatusOK, house.Call{Path: c.native(p, c.File(c.Name, v1)), As: c.owner})
		})
	}
}

// gone fails where anything of a version is still answered.
func (c *contract) gone(t *testing.T, p place, version string) {
	t.Helper()
	c.Want(t, http.StatusNotFound, house.Call{Path: c.native(p, c.File(c.Name, version)), As: c.owner})
	if c.RestFile != nil {
		c.Want(t, http.StatusNotFound, house.Call{Path: c.restOf(t, p, version), As: c.owner})
	}
	for _, d := range c.Documents(c.Name, version) {
		if reply := c.get(t, c.native(p, d)); strings.Contains(string(reply.Body), c.File(c.Name, version)) {
			t.Errorf("%s still names it: %s", d, reply)
		}
	}
}

// downloads: a file that was fetched counts, one that was only looked at, or
// whose end was fetched, does not.
func (c *contract) downloads(t *testing.T) {
	p := c.furnished(t)
	files, documents, _ := c.addressesOf(t, p)
	tag := c.get(t, files[0]).Header.Get("ETag") // one
	c.get(t, files[len(files)-1])                // two
	c.get(t, files[0], "Range", "bytes=0-3")     // three: the first piece of it
	c.get(t, files[0], "Range", "bytes=4-")
	c.get(t, files[0], "If-None-Match", tag)
	c.Do(t, house.Call{Method: http.MethodHead, Path: files[0], As: c.owner})
	for _, d := range documents {
		c.get(t, d)
	}
	if err := c.Registry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := c.versions(t, p); len(v) != 1 || v[0].DownloadCount != 3 {
		t.Errorf("%+v, want 3 downloads", v)
	}
}

// complaints: an error has the shape that its reader expects, and is no page.
func (c *contract) complaints(t *testing.T) {
	p := c.furnished(t)
	private := c.project(t, true)
	wrong := house.Token("igt_wrong")
	for what, call := range map[string]house.Call{
		"absent":           {Path: c.native(p, c.File(c.Name, "9.9.9"))},
		"no such address":  {Path: c.native(p, "no/such/address/any/where/here")},
		"not allowed":      {Method: "PATCH", Path: c.native(p, c.File(c.Name, v1))},
		"who are you":      {Path: c.native(private, c.File(c.Name, v1))},
		"a wrong token":    {Path: c.native(p, c.File(c.Name, v1)), As: wrong},
		"you may not":      {Method: c.Put(c.Name, v2).Method, Path: below(c.native(p, ""), c.Put(c.Name, v2).Path), As: c.eve},
		"it exists":        c.at(c.native(p, ""), c.Fill(c.Put(c.Name, v1), 100)),
		"there is no such": {Path: strings.Replace(c.native(p, c.File(c.Name, v1)), p.Name, "absent", 1), As: c.owner},
	} {
		if what == "it exists" && c.Moves {
			continue
		}
		reply := c.Do(t, call)
		kind := reply.Header.Get("Content-Type")
		if reply.Status < 400 || reply.Status > 499 {
			t.Errorf("%s: %s", what, reply)
		}
		trouble := ""
		if c.Complaint != nil {
			trouble = c.Complaint(kind, reply.Body)
		} else if text := string(reply.Body); kind != "text/plain; charset=utf-8" || strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
			trouble = "it is not a line of text"
		}
		if trouble != "" || !complete(reply) || reply.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %s of type %s: %s", what, reply, kind, trouble)
		}
	}
	calls := map[string]house.Call{
		"a wrong token": {Path: c.rest(p, ""), As: wrong},
		"not allowed":   {Method: "PATCH", Path: c.rest(p, "")},
	}
	if c.Rest != nil {
		calls["absent"] = house.Call{Path: c.restOf(t, p, "9.9.9"), As: c.owner}
		calls["nobody"] = house.Call{Path: c.restOf(t, p, v1)}
		calls["you may not"] = house.Call{Method: "PUT", Path: c.rest(p, c.Rest(c.Name, v2).Path), As: c.eve}
		calls["it exists"] = c.at(c.rest(p, ""), c.Rest(c.Name, v1))
	}
	for what, call := range calls {
		reply := c.Do(t, call)
		var failure struct {
			Timestamp, Error, Message, Path string
			Status                          int
		}
		err := json.Unmarshal(reply.Body, &failure)
		if err != nil || failure.Status != reply.Status || failure.Error != http.StatusText(reply.Status) ||
			failure.Message == "" || failure.Timestamp == "" || failure.Path != call.Path {
			t.Errorf("%s by the REST API: %s, %v", what, reply, err)
		}
	}
}

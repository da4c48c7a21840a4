package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format/formattest"
)

// version is a version as the REST API tells it.
type version struct {
	ID            string `json:"id"`
	Version       string `json:"version"`
	DownloadCount int    `json:"downloadCount"`
	Upload        string `json:"packageUploadType"`
	PackageFiles  []struct {
		ID         string `json:"id"`
		Size       int    `json:"size"`
		HashSHA256 string `json:"hashSHA256"`
	} `json:"packageFiles"`
}

// packages gives the ids of the packages of a place, as the REST API lists
// them, by their names in lower case.
func (c *contract) packages(t *testing.T, p place) map[string]string {
	t.Helper()
	reply := c.Want(t, http.StatusOK, house.Call{Path: c.rest(p, "?size=100"), As: c.owner})
	var list struct {
		Embedded struct {
			Packages []struct{ ID, Name, Type string } `json:"simplePackageInfoModelList"`
		} `json:"_embedded"`
	}
	if err := json.Unmarshal(reply.Body, &list); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, e := range list.Embedded.Packages {
		if e.Type == c.id {
			ids[strings.ToLower(e.Name)] = e.ID
		}
	}
	return ids
}

// versions gives those of the sample's package; none where it is absent.
func (c *contract) versions(t *testing.T, p place) []version {
	t.Helper()
	id, ok := c.packages(t, p)[strings.ToLower(c.Name)]
	if !ok {
		return nil
	}
	reply := c.Want(t, http.StatusOK, house.Call{Path: c.rest(p, id+"/version-list?size=100"), As: c.owner})
	var list struct {
		Embedded struct {
			Versions []version `json:"simplePackageVersionModelList"`
		} `json:"_embedded"`
	}
	if err := json.Unmarshal(reply.Body, &list); err != nil {
		t.Fatal(err)
	}
	return list.Embedded.Versions
}

// republish: what is published stays as it is, whatever comes and by whatever
// door. Incident 6 (GitLab CVE-2026-3073): another spelling of its name is the
// same name.
func (c *contract) republish(t *testing.T) {
	p := c.furnished(t)
	want := c.Bytes(c.Name, v1)
	doors := map[string]house.Call{c.native(p, ""): c.at(c.native(p, ""), c.Put(c.Name, v1))}
	if c.Rest != nil {
		doors[c.rest(p, "")] = c.at(c.rest(p, ""), c.Rest(c.Name, v1))
	}
	for _, name := range c.Spellings {
		call := c.at(c.native(p, ""), c.Put(name, v1))
		if reply := c.Do(t, call); reply.Status/100 == 2 {
			t.Errorf("%s, which is %s, was taken once more", name, c.Name)
		}
		if !c.format.Info().OneSpelling {
			continue
		}
		if reply := c.Do(t, c.at(c.native(p, ""), c.Put(name, v2))); reply.Status != http.StatusConflict {
			t.Errorf("%s, which is %s to nobody else, was answered with %d", name, c.Name, reply.Status)
		}
	}
	for door, call := range doors {
		same, refusal := c.Do(t, call), c.refusal(door == c.native(p, ""))
		switch again := c.Idempotent && door == c.native(p, ""); {
		case again && same.Status/100 != 2, !again && same.Status != refusal:
			t.Errorf("once more at %s: %s", door, same)
		case !again && !strings.Contains(string(same.Body), "already exists"):
			t.Errorf("at %s a client that looks for the words finds %s", door, same)
		}
		call.Body = c.Fill(formattest.Request{Body: call.Body}, 100).Body
		if !c.Moves {
			c.Want(t, refusal, call)
		} else if other := c.Do(t, call); other.Status/100 == 2 {
			want = call.Body
		} else {
			t.Errorf("to move it at %s: %s", door, other)
		}
	}
	if got := c.get(t, c.native(p, c.File(c.Name, v1))); !bytes.Equal(got.Body, want) {
		t.Errorf("the file is %s now, and was %q", got, want)
	}
	if v := c.versions(t, p); len(v) != 1 || len(v[0].PackageFiles) != 1 {
		t.Errorf("there are %+v", v)
	}
}

// refusal is the status of a version that exists already.
func (c *contract) refusal(native bool) int {
	if native && c.Taken != 0 {
		return c.Taken
	}
	return http.StatusConflict
}

// atOnce: of those who publish one version at once exactly one has done it,
// and those who publish different ones do not stand in each other's way.
func (c *contract) atOnce(t *testing.T) {
	const clients = 8
	p := c.project(t, false)
	all := func(version func(i int) string) (statuses []int) {
		statuses = make([]int, clients)
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				call := c.at(c.native(p, ""), c.Put(c.Name, version(i)))
				if i%2 == 1 && c.Rest != nil {
					call = c.at(c.rest(p, ""), c.Rest(c.Name, version(i)))
				}
				statuses[i] = c.Do(t, call).Status
			})
		}
		wg.Wait()
		slices.Sort(statuses)
		return statuses
	}
	same := all(func(int) string { return v1 })
	late := func(s int) bool {
		return s == http.StatusConflict || s == c.refusal(true) || c.Idempotent && s/100 == 2
	}
	if same[0]/100 != 2 || slices.ContainsFunc(same[1:], func(s int) bool { return !late(s) }) {
		t.Errorf("of one version at once: %d", same)
	}
	if v := c.versions(t, p); len(v) != 1 || len(v[0].PackageFiles) != 1 {
		t.Errorf("there are %+v", v)
	}
	if got := c.get(t, c.native(p, c.File(c.Name, v1))); !bytes.Equal(got.Body, c.Bytes(c.Name, v1)) {
		t.Errorf("the file is %s", got)
	}
	others := all(func(i int) string { return fmt.Sprintf("1.%d.0", i+1) })
	if slices.ContainsFunc(others, func(s int) bool { return s/100 != 2 }) {
		t.Errorf("of different versions at once: %d", others)
	}
	if v := c.versions(t, p); len(v) != clients+1 {
		t.Errorf("there are %d versions, not %d", len(v), clients+1)
	}
}

// state is all that a refused publication may not change.
type state struct {
	Packages     map[string]string
	Blobs, Spool []string
}

func (c *contract) state(t *testing.T, p place) state {
	t.Helper()
	return state{c.packages(t, p), c.Files(t, "blobs"), c.Files(t, "spool")}
}

// unchanged fails where the state is not as before, which it may take a
// moment to become after a client has gone.
func (c *contract) unchanged(t *testing.T, p place, before state) {
	t.Helper()
	var diff string
	for range 50 {
		if diff = cmp.Diff(before, c.state(t, p)); diff == "" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("something is left (-before +after):\n%s", diff)
}

// bodiesRefused: what is no package is refused, whole, by both doors. Incidents
// 22 (npm CVE-2019-16776, links out of a package) and 23 (CVE-2025-54368, zip
// files that two readers read differently).
func (c *contract) bodiesRefused(t *testing.T) {
	if c.Bodies == nil {
		return // any bytes are a package
	}
	p := c.project(t, false)
	before := c.state(t, p)
	for what, body := range c.Bodies(c.Name) {
		calls := []house.Call{c.at(c.native(p, ""), c.Put(c.Name, v1))}
		if c.Rest != nil {
			calls = append(calls, c.at(c.rest(p, ""), c.Rest(c.Name, v1)))
		}
		for _, call := range calls {
			call.Body = body
			reply := c.Do(t, call)
			if reply.Status < 400 || reply.Status > 499 || reply.Status == 401 || reply.Status == 403 || reply.Status == 404 {
				t.Errorf("%s at %s: %s", what, call.Path, reply)
			}
			if !complete(reply) {
				t.Errorf("%s at %s: %s does not say what is wrong", what, call.Path, reply)
			}
		}
	}
	c.unchanged(t, p, before)
}

// complete tells whether an error has words, and none that nobody typed for
// its reader.
func complete(r house.Reply) bool {
	text := string(r.Body)
	return len(strings.TrimSpace(text)) > 10 && !strings.Contains(text, "something went wrong") && !strings.Contains(text, "goroutine ")
}

// tooLarge: more than MAX_FILE_SIZE is 413, told as soon as it is known.
func (c *contract) tooLarge(t *testing.T) {
	p := c.project(t, false)
	before := c.state(t, p)
	calls := map[string]house.Call{"native": c.at(c.native(p, ""), c.Fill(c.Put(c.Name, v1), limit+1))}
	if c.Rest != nil {
		rest := c.at(c.rest(p, ""), c.Fill(c.Rest(c.Name, v1), limit+1))
		form := rest
		form.Body, form.Header = formOf(t, rest.Body)
		calls["REST"], calls["a form"] = rest, form
	}
	for name, call := range calls {
		for _, call.Unsized = range []bool{false, true} {
			reply := c.Want(t, http.StatusRequestEntityTooLarge, call)
			if !strings.Contains(string(reply.Body), "limit") {
				t.Errorf("%s: %s does not say what the limit is", name, reply)
			}
		}
	}
	c.unchanged(t, p, before)
	// A large one within the limit passes, by a form too.
	if form, ok := calls["a form"]; ok {
		form.Body, form.Header = formOf(t, c.Fill(c.Rest(c.Name, v1), limit/2).Body)
		c.Want(t, http.StatusOK, form)
	}
}

func formOf(t *testing.T, body []byte) ([]byte, http.Header) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "package.bin")
	if err == nil {
		_, err = part.Write(body)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), header([]string{"Content-Type", w.FormDataContentType()})
}

// Incident 31 (gitea#20605, files of no bytes): a body that breaks off, or
// that is longer or shorter than its length, leaves nothing.
func (c *contract) half(t *testing.T) {
	p := c.project(t, false)
	before := c.state(t, p)
	calls := []house.Call{c.at(c.native(p, ""), c.Fill(c.Put(c.Name, v1), limit/2))}
	if c.Rest != nil {
		rest := c.at(c.rest(p, ""), c.Fill(c.Rest(c.Name, v1), limit/2))
		form := rest
		form.Body, form.Header = formOf(t, rest.Body)
		calls = append(calls, rest, form)
	}
	for _, call := range calls {
		r, err := http.NewRequest(call.Method, c.Root+call.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.owner(r)
		head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: %s\r\n",
			call.Method, call.Path, r.Host, r.Header.Get("Authorization"), call.Header.Get("Content-Type"))
		for what, message := range map[string][]byte{
			"gone in the middle":     promised(call.Body, len(call.Body), len(call.Body)/2),
			"gone before the end":    promised(call.Body, len(call.Body), len(call.Body)-1),
			"gone at once":           promised(call.Body, len(call.Body), 0),
			"longer than it is":      promised(call.Body, len(call.Body)+1, len(call.Body)),
			"chunks without an end":  chunked(call.Body, false),
			"a chunk that is no one": chunked([]byte("zz"), true),
		} {
			if form := call.Header.Get("Content-Type") != ""; form && (what == "longer than it is" || what == "chunks without an end") {
				continue // all of it came, and a form says itself where it ends
			}
			conn, err := net.Dial("tcp", r.Host)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write(append([]byte(head), message...)); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			_ = conn.(*net.TCPConn).CloseWrite()
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			answer := make([]byte, 12)
			if n, _ := conn.Read(answer); n > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
				t.Errorf("%s %s: it is answered with %q", call.Path, what, answer)
			}
			conn.Close()
		}
	}
	c.unchanged(t, p, before)
	c.publish(t, p, v1)
}

func chunked(body []byte, broken bool) []byte {
	size := fmt.Sprintf("%x", len(body))
	if broken {
		size = "zz"
	}
	return append([]byte("Transfer-Encoding: chunked\r\n\r\n"+size+"\r\n"), body...)
}

func promised(body []byte, says, sends int) []byte {
	return append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", says), body[:sends]...)
}

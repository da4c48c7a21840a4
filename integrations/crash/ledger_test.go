package crash

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// client speaks to the generic registry of a user.
type client struct {
	http  *http.Client
	base  string
	token string
}

func newClient(t *testing.T, root, token string) client {
	transport := &http.Transport{MaxIdleConnsPerHost: 8, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return client{
		http:  &http.Client{Transport: transport, Timeout: 30 * time.Second},
		base:  root + "/user/" + user + "/package/-/generic/",
		token: token,
	}
}

// errBroken is a request without a whole answer.
var errBroken = errors.New("the server did not answer")

// do sends a request. A status is an answer even where the body behind it
// breaks off, which is errBroken too.
func (c client) do(method, path string, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequest(method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.SetBasicAuth(user, c.token)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		err = fmt.Errorf("%w: %w", errBroken, err)
	}
	return resp.StatusCode, answer, err
}

// read gives a file's content, nil where there is none.
func (c client) read(path string) ([]byte, error) {
	switch status, answer, err := c.do(http.MethodGet, path, nil); {
	case err != nil:
		return nil, err
	case status == http.StatusOK:
		return answer, nil
	case status == http.StatusNotFound:
		return nil, nil
	default:
		return nil, fmt.Errorf("GET %s: %d %s", path, status, answer)
	}
}

// listed gives the sha256 of the files that a package lists, by path.
func (c client) listed(name string) (map[string]string, error) {
	status, answer, err := c.do(http.MethodGet, name, nil)
	if err != nil || status == http.StatusNotFound {
		return nil, err
	}
	var list struct {
		Versions []struct {
			Version string
			Files   []struct{ Name, SHA256 string }
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %d %s", name, status, answer)
	}
	sums := map[string]string{}
	for _, v := range list.Versions {
		for _, f := range v.Files {
			sums[name+"/"+v.Version+"/"+f.Name] = f.SHA256
		}
	}
	return sums, nil
}

// ledger is what the answers of servers have promised about some packages
// that nobody else writes to. Paths are package/version/file.
type ledger struct {
	files map[string][]byte // what must be there; nil: must not
	doubt map[string][]byte // what an unanswered request may have made of them

	answered, done, undone int // requests: answered; not answered, and done or not
}

func newLedger() *ledger {
	return &ledger{files: map[string][]byte{}, doubt: map[string][]byte{}}
}

// write sends a request that is to make of the files what after says, and
// wants the status. Without an answer the effect stays in doubt.
func (l *ledger) write(c client, method, path string, body []byte, want int, after map[string][]byte) error {
	for path := range after { // known from now on, if only as absent
		if _, known := l.files[path]; !known {
			l.files[path] = nil
		}
	}
	l.doubt = after
	status, answer, err := c.do(method, path, body)
	if status == 0 {
		return err
	}
	if status != want {
		return fmt.Errorf("%s %s: %d, want %d: %s", method, path, status, want, answer)
	}
	maps.Copy(l.files, after)
	l.doubt = nil
	l.answered++
	return err
}

// publish puts a file, which is refused where there is one.
func (l *ledger) publish(c client, path string, body []byte) error {
	if l.files[path] != nil {
		return l.write(c, http.MethodPut, path, body, http.StatusConflict, nil)
	}
	return l.write(c, http.MethodPut, path, body, http.StatusCreated, map[string][]byte{path: body})
}

// remove deletes a file or, where path has but a package and a version, all
// files of the version.
func (l *ledger) remove(c client, path string) error {
	after := map[string][]byte{}
	for file, content := range l.files {
		if content != nil && (file == path || strings.HasPrefix(file, path+"/")) {
			after[file] = nil
		}
	}
	want := http.StatusNoContent
	if len(after) == 0 {
		want = http.StatusNotFound
	}
	return l.write(c, http.MethodDelete, path, nil, want, after)
}

// check reads a file.
func (l *ledger) check(c client, path string) error {
	content, err := c.read(path)
	if err == nil && !bytes.Equal(content, l.files[path]) {
		err = fmt.Errorf("%s has %s, want %s", path, about(content), about(l.files[path]))
	}
	return err
}

// settle compares what a server has with what the ones before it have
// promised. What was in doubt may have happened as a whole or not at all, and
// is known afterwards.
func (l *ledger) settle(c client) error {
	now := map[string][]byte{}
	listed := map[string]string{}
	for path := range l.files {
		content, err := c.read(path)
		if err != nil {
			return err
		}
		now[path] = content
		name, _, _ := strings.Cut(path, "/")
		if _, seen := listed[name]; seen {
			continue
		}
		sums, err := c.listed(name)
		if err != nil {
			return err
		}
		maps.Copy(listed, sums)
		listed[name] = ""
	}
	var wrong []error
	happened, nothing := true, true
	for path, before := range l.files {
		if after, open := l.doubt[path]; open {
			nothing = nothing && bytes.Equal(now[path], before)
			happened = happened && bytes.Equal(now[path], after)
		} else if !bytes.Equal(now[path], before) {
			wrong = append(wrong, fmt.Errorf("%s has %s, but was answered to be %s", path, about(now[path]), about(before)))
		}
		if sum := listed[path]; sum != digest(now[path]) {
			wrong = append(wrong, fmt.Errorf("%s has %s, but is listed with sha256 %q", path, about(now[path]), sum))
		}
	}
	if !happened && !nothing {
		wrong = append(wrong, fmt.Errorf("a request without an answer was done in part: %q", slices.Collect(maps.Keys(l.doubt))))
	}
	switch {
	case len(l.doubt) == 0:
	case happened:
		maps.Copy(l.files, l.doubt)
		l.done++
	default:
		l.undone++
	}
	l.doubt = nil
	return errors.Join(wrong...)
}

// digests lists the sha256 of all contents, each once, in order.
func (l *ledger) digests() []string {
	var sums []string
	for _, content := range l.files {
		if content != nil {
			sums = append(sums, digest(content))
		}
	}
	slices.Sort(sums)
	return slices.Compact(sums)
}

func digest(content []byte) string {
	if content == nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func about(content []byte) string {
	if content == nil {
		return "nothing"
	}
	return fmt.Sprintf("%d bytes (sha256 %.12s)", len(content), digest(content))
}

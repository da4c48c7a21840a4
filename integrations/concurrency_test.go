package integrations

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// publishers is how many clients publish at the same time.
const publishers = 16

// Whoever publishes a version of their own succeeds, however many others
// publish to the package at the same time.
func TestDistinctVersionsAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	path := func(i, n int) string { return fmt.Sprintf("/user/ann/package/-/generic/tool/%d.%d.0/tool.bin", n, i) }
	const rounds = 5
	for n := range rounds {
		for i, status := range atOnce(func(i int) int { return s.upload(t, token, path(i, n), content(i, n)) }) {
			if status != http.StatusCreated {
				t.Errorf("round %d, client %d: status %d", n, i, status)
			}
		}
	}
	for n := range rounds {
		for i := range publishers {
			if got := s.download(t, token, path(i, n)); !bytes.Equal(got, content(i, n)) {
				t.Errorf("%s has other bytes", path(i, n))
			}
		}
	}
	s.must(t, "doctor")
}

// Of those who publish one version at the same time exactly one succeeds, and
// it is that one's bytes that are served.
func TestOneVersionAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	for name, file := range map[string]func(i, n int) []byte{
		"different": content,
		"identical": func(_, n int) []byte { return content(0, n) },
	} {
		for n := range 10 {
			path := fmt.Sprintf("/user/ann/package/-/generic/%s/%d.0.0/tool.bin", name, n)
			statuses := atOnce(func(i int) int { return s.upload(t, token, path, file(i, n)) })
			winner := slices.Index(statuses, http.StatusCreated)
			if winner < 0 {
				t.Fatalf("%s: nobody has published: %d", path, statuses)
			}
			for i, status := range statuses {
				if i != winner && status != http.StatusConflict {
					t.Errorf("%s: client %d was answered with %d, and %d has won", path, i, status, winner)
				}
			}
			if got := s.download(t, token, path); !bytes.Equal(got, file(winner, n)) {
				t.Errorf("%s has not the bytes of the one who was told so", path)
			}
		}
	}
	s.must(t, "doctor")
}

func publishing(t *testing.T) (s *server, token string) {
	t.Helper()
	s = serving(t)
	s.must(t, "user", "add", "ann", "--email", "ann@example.com")
	return s, s.must(t, "token", "add", "ann", "--name", "ci", "--grants", "packages:read,packages:publish")
}

func content(i, n int) []byte {
	return []byte(strings.Repeat(fmt.Sprintf("%d of round %d\n", i, n), 700))
}

// atOnce gives what each client's call gives, all made at the same time.
func atOnce(call func(i int) int) []int {
	results := make([]int, publishers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			<-start
			results[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return results
}

func (s *server) upload(t *testing.T, token, path string, body []byte) (status int) {
	t.Helper()
	return s.do(t, http.MethodPut, token, path, body, nil)
}

func (s *server) download(t *testing.T, token, path string) []byte {
	t.Helper()
	var got bytes.Buffer
	if status := s.do(t, http.MethodGet, token, path, nil, &got); status != http.StatusOK {
		t.Errorf("%s: status %d", path, status)
	}
	return got.Bytes()
}

// do sends a request and copies the reply's body to w, if there is one.
func (s *server) do(t *testing.T, method, token, path string, body []byte, w io.Writer) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.root+path, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	r.Header.Set("Authorization", "Bearer "+token)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer reply.Body.Close()
	if w != nil {
		if _, err := io.Copy(w, reply.Body); err != nil {
			t.Error(err)
		}
	}
	return reply.StatusCode
}

package middleware

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

const short = 150 * time.Millisecond

// dial opens a connection to a server and sends text.
func dial(t *testing.T, s *httptest.Server, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

// A client that stops in the middle of a body is cut off; one that is slow and
// goes on is not, nor is a handler that takes its time after the body.
func TestStalledBodiesEnd(t *testing.T) {
	read := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := newPatient(w, r, short)
		_, err := io.Copy(io.Discard, body)
		time.Sleep(2 * short)
		read <- errors.Join(err, r.Context().Err())
	}))
	defer s.Close()
	dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
	select {
	case err := <-read:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("half a body: %v", err)
		}
	case <-time.After(10 * short):
		t.Fatal("half a body holds the request")
	}
	c := dial(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
	for range 5 {
		time.Sleep(short / 2)
		if _, err := io.WriteString(c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-read; err != nil {
		t.Errorf("a slow body: %v", err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("after a slow body: %v, %v", resp, err)
	}
}

// Files arrive whole, whatever their size, and the connection serves on; who
// takes nothing is cut off.
func TestFilesGoOutInPieces(t *testing.T) {
	content := make([]byte, 3*piece+17)
	rand.Read(content)
	name := t.TempDir() + "/file"
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(name)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		var src io.Reader = f
		if n := r.URL.Query().Get("first"); n != "" {
			var limit int64
			fmt.Sscan(n, &limit)
			src = &io.LimitedReader{R: f, N: limit}
		}
		for range 1 + 100*len(r.URL.Query().Get("often")) {
			if _, err = copyPatiently(w, src, short); err != nil {
				break
			}
			_, _ = f.Seek(0, io.SeekStart)
		}
		ended <- err
	}))
	defer s.Close()
	for _, n := range []int{0, 1, piece - 1, piece, piece + 1, 2 * piece, len(content)} {
		resp, err := http.Get(fmt.Sprintf("%s?first=%d", s.URL, n))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || <-ended != nil || !bytes.Equal(got, content[:n]) {
			t.Errorf("%d bytes: %d arrived, %v", n, len(got), err)
		}
		time.Sleep(short + 50*time.Millisecond) // no deadline is left on the connection
	}
	dial(t, s, "GET /?often=x HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-ended:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a reader who takes nothing: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("a reader who takes nothing holds the request")
	}
}

package fs_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ingot.dev/modules/blob"
)

// counted sees the bytes that are read through the program. It keeps what net
// needs for sendfile(2) and hides the rest.
type counted struct {
	blob.Reader
	syscall.Conn
	read *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// An object goes from the disk to the connection inside the kernel, whole or
// in part; only the first 512 bytes pass through net/http.
func TestSendfile(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	b := noise(4 << 20)
	staged := blob.FromBytes(b)
	k := keyOf(staged, 1)
	if err := s.Put(t.Context(), k, staged); err != nil {
		t.Fatal(err)
	}

	var read atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		object, err := s.Open(r.Context(), k)
		if err != nil {
			t.Error(err)
			return
		}
		defer object.Close()
		conn, ok := object.(syscall.Conn)
		if !ok {
			t.Error("the reader has no SyscallConn")
			return
		}
		http.ServeContent(w, r, "object.bin", time.Time{}, counted{object, conn, &read})
	}))
	defer server.Close()

	for _, c := range []struct {
		rangeHeader string
		want        []byte
	}{
		{"", b},
		{"bytes=1000000-2999999", b[1_000_000:3_000_000]},
	} {
		read.Store(0)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.rangeHeader != "" {
			request.Header.Set("Range", c.rangeHeader)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("range %q: %d bytes, %v, want %d", c.rangeHeader, len(got), err, len(c.want))
		}
		if n := read.Load(); n > 512 {
			t.Errorf("range %q: %d bytes were read through the program", c.rangeHeader, n)
		}
	}
}

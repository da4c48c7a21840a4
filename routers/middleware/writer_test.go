package middleware

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// kernel stands for the server's own writer, which copies files in the kernel.
type kernel struct {
	*httptest.ResponseRecorder
	copied int64
}

func (k *kernel) ReadFrom(src io.Reader) (int64, error) {
	n, err := io.Copy(k.ResponseRecorder, src)
	k.copied += n
	return n, err
}

func TestFilesReachTheKernelsCopy(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	content := bytes.Repeat([]byte("0123456789"), 1000)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	e, log := engine(t, Options{})
	size := 0
	e.GET("/", func(g *gin.Context) {
		file, err := os.Open(name)
		if err != nil {
			t.Error(err)
			return
		}
		defer file.Close()
		http.ServeContent(g.Writer, g.Request, "", time.Time{}, file)
		size = g.Writer.Size()
	})
	w := &kernel{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Range", "bytes=10-5009")
	e.ServeHTTP(w, r)
	if w.Code != 206 || w.copied != 5000 || size != 5000 || !bytes.Equal(w.Body.Bytes(), content[10:5010]) {
		t.Errorf("status %d, copied %d, size %d, body of %d", w.Code, w.copied, size, w.Body.Len())
	}
	if lines := log.all(t); len(lines) != 1 || lines[0]["bytes"] != 5000.0 {
		t.Errorf("logged %v", lines)
	}
}

func TestControllerReachesTheConnection(t *testing.T) {
	t.Parallel()
	e, _ := engine(t, Options{})
	e.GET("/", func(g *gin.Context) {
		if err := http.NewResponseController(g.Writer).SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
	})
	server := httptest.NewServer(e)
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
}

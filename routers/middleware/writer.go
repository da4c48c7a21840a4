package middleware

import (
	"io"
	"net/http"

	"github.com/gin-gonic/gin"
)

// writer gives gin's writer back what it hides: the kernel's copy from a file
// to the connection, which http.ServeContent finds through io.ReaderFrom.
type writer struct {
	gin.ResponseWriter
	copied int64 // bytes that gin's writer did not see
}

// ReadFrom copies src to the client.
func (w *writer) ReadFrom(src io.Reader) (int64, error) {
	to, ok := w.ResponseWriter.(interface{ Unwrap() http.ResponseWriter })
	if !ok {
		return io.Copy(struct{ io.Writer }{w.ResponseWriter}, src)
	}
	w.WriteHeaderNow()
	n, err := copyPatiently(to.Unwrap(), src, stall)
	w.copied += n
	return n, err
}

// Size gives the number of bytes of the body so far, -1 before the head.
func (w *writer) Size() int { return w.ResponseWriter.Size() + int(w.copied) }

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/git"
	"ingot.dev/routers/middleware"
)

// raw answers with the bytes of a file. No browser runs them: pictures are
// shown with the type that their bytes have, everything else is an attachment
// of no type at all.
func (c *call) raw() error {
	s, err := c.source()
	if err != nil {
		return err
	}
	defer s.Close()
	if s.rev == "" {
		return notPushed()
	}
	ctx := c.r.Context()
	files, err := s.Tree(ctx, s.rev)
	if err != nil {
		return err
	}
	entry, r, err := files.Open(ctx, c.params.Value("path"))
	if err != nil {
		return err
	}
	defer r.Close()
	if entry.Kind != git.Regular {
		return fault.New(fault.NotFound, "%q is a symbolic link", entry.Path)
	}
	head := make([]byte, 512) // what DetectContentType looks at
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	kind, shown := http.DetectContentType(head[:n]), "inline"
	if !slices.Contains(inline, kind) {
		kind, shown = "application/octet-stream", "attachment"
	}
	h := c.w.Header()
	middleware.Sandbox(h)
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(shown, map[string]string{"filename": path.Base(entry.Path)}))
	h.Set("Content-Length", strconv.FormatInt(entry.Size, 10))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie")
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method != http.MethodHead {
		_, _ = io.Copy(c.w, io.MultiReader(bytes.NewReader(head[:n]), r)) // the client may go away
	}
	return nil
}

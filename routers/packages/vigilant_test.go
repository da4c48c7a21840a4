package packages

import (
	"context"
	"errors"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
)

// writes is a registry that tells whether anything was written to it.
type writes struct {
	format.Registry
	n int
}

func (w *writes) Publish(context.Context, format.Release) (*format.Version, error) {
	w.n++
	return nil, nil
}

func (w *writes) Edit(context.Context, string, ...format.Change) error {
	w.n++
	return nil
}

func (w *writes) Hold(context.Context, string, blob.Staged) (*format.File, error) {
	w.n++
	return nil, nil
}

func (w *writes) Finish(context.Context, *format.Session, string) (*format.File, error) {
	w.n++
	return nil, nil
}

// Whatever a request does once its body came in, it does no more where its
// credential ended meanwhile.
func TestVigilant(t *testing.T) {
	t.Parallel()
	ended := errors.New("the token was revoked")
	for name, do := range map[string]func(format.Registry) error{
		"Publish": func(r format.Registry) error {
			_, err := r.Publish(t.Context(), format.Release{Files: []format.NewFile{{Body: blob.FromBytes(nil)}}})
			return err
		},
		"Edit": func(r format.Registry) error {
			return r.Edit(t.Context(), "web", format.Tag{Name: "latest", Version: "1"})
		},
		"Hold": func(r format.Registry) error {
			_, err := r.Hold(t.Context(), "web", blob.FromBytes(nil))
			return err
		},
		"Finish": func(r format.Registry) error {
			_, err := r.Finish(t.Context(), &format.Session{}, "")
			return err
		},
	} {
		var w writes
		if err := do(vigilant{&w, func() error { return ended }}); !errors.Is(err, ended) || w.n != 0 {
			t.Errorf("%s: %v, after %d writes", name, err, w.n)
		}
		if err := do(vigilant{&w, func() error { return nil }}); err != nil || w.n != 1 {
			t.Errorf("%s while the credential is good: %v, %d writes", name, err, w.n)
		}
	}
}

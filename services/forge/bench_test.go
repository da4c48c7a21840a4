package forge_test

import (
	"context"
	"testing"

	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// BenchmarkRequest is what the forge costs a warm request: who is it, what is
// addressed, and what may the one do with the other.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b)
	ann := w.user("ann")
	acme := w.company("acme", ann, true)
	w.project("lib", acme.Ref(), true)
	path := scope.Path{Kind: scope.Project, Owner: "acme", Name: "lib"}
	token, plain := basic("ann", w.token(ann)), basic("ann", password)
	request := func(b *testing.B, ctx context.Context, c host.Credential) {
		a, err := w.Authenticate(ctx, c)
		if err != nil {
			b.Fatal(err)
		}
		s, err := w.Resolve(ctx, path)
		if err != nil {
			b.Fatal(err)
		}
		roles, err := w.Roles(ctx, a, s)
		if err != nil || roles[0] != host.Owner {
			b.Fatal(roles, err)
		}
	}
	for _, c := range []struct {
		name string
		c    host.Credential
		pin  bool
	}{
		{"token", token, true},
		{"token-unpinned", token, false},
		{"password", plain, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ctx := b.Context()
				if c.pin {
					ctx = w.Begin(ctx)
				}
				request(b, ctx, c.c)
			}
		})
		b.Run(c.name+"-parallel", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					ctx := b.Context()
					if c.pin {
						ctx = w.Begin(ctx)
					}
					request(b, ctx, c.c)
				}
			})
		})
	}
}

package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func box(t testing.TB, first byte) *Box {
	t.Helper()
	b, err := New(append([]byte{first}, make([]byte, SecretSize)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	for _, plain := range []string{"", "a", strings.Repeat("secret ", 1000)} {
		first, err := b.Seal("pass", []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		second, err := b.Seal("pass", []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		if first == second {
			t.Error("the same bytes give the same text twice")
		}
		if strings.ContainsAny(first, "+/=") || len(plain) > 9 && strings.Contains(first, plain) {
			t.Errorf("the text is %.60q", first)
		}
		got, err := box(t, 1).Open("pass", first) // another process with the same secret
		if err != nil || string(got) != plain {
			t.Errorf("%.20q: %.20q, %v", plain, got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	good, err := b.Seal("pass", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, b *Box, purpose, text string) {
		t.Helper()
		if got, err := b.Open(purpose, text); !errors.Is(err, ErrForeign) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	refused("another secret", box(t, 2), "pass", good)
	refused("another purpose", b, "key", good)
	refused("no purpose", b, "", good)
	refused("padded", b, "pass", good+"=")
	refused("with a line end", b, "pass", good[:8]+"\n"+good[8:])
	refused("no base64", b, "pass", "*"+good[1:])
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		refused("a changed byte", b, "pass", base64.RawURLEncoding.EncodeToString(changed))
		refused("a piece", b, "pass", base64.RawURLEncoding.EncodeToString(raw[:i]))
	}
	refused("more", b, "pass", base64.RawURLEncoding.EncodeToString(append(raw, 0)))
	// The bits that base64 leaves over must be zero, or one text had several spellings.
	digits := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	spellings := 0
	for _, d := range digits {
		if _, err := b.Open("pass", good[:len(good)-1]+string(d)); err == nil {
			spellings++
		}
	}
	if spellings != 1 {
		t.Errorf("the text can be spelled in %d ways", spellings)
	}
}

func TestShortSecret(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 16, SecretSize - 1} {
		if _, err := New(make([]byte, n)); err == nil {
			t.Errorf("a secret of %d bytes is taken", n)
		}
	}
}

// A box keeps to its secret, whatever its maker does with the bytes.
func TestSecretIsCopied(t *testing.T) {
	t.Parallel()
	secret := make([]byte, SecretSize)
	rand.Read(secret)
	b, err := New(secret)
	if err != nil {
		t.Fatal(err)
	}
	text, err := b.Seal("x", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	clear(secret)
	if _, err := b.Open("x", text); err != nil {
		t.Error(err)
	}
}

func FuzzOpen(f *testing.F) {
	b := box(f, 1)
	good, err := b.Seal("pass", []byte("content"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", good, good[:20], "AQ", strings.Repeat("A", 60)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		switch got, err := b.Open("pass", text); {
		case err == nil && string(got) != "content":
			t.Errorf("%q opens as %q", text, got)
		case err != nil && !errors.Is(err, ErrForeign):
			t.Errorf("%q: %v", text, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	box := box(b, 1)
	text, err := box.Seal("pass", make([]byte, 200))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := box.Open("pass", text); err != nil {
			b.Fatal(err)
		}
	}
}

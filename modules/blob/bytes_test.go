package blob_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
)

// The digests are those of FIPS 180-2 and RFC 1321 for "abc".
func TestFromBytes(t *testing.T) {
	t.Parallel()
	b := []byte("abc")
	s := blob.FromBytes(b)
	if s.Size() != 3 {
		t.Errorf("size %d, want 3", s.Size())
	}
	want := blob.Digests{
		MD5:    "900150983cd24fb0d6963f7d28e17f72",
		SHA1:   "a9993e364706816aba3e25717850c26c9cd0d89d",
		SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		SHA512: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	}
	if diff := cmp.Diff(want, s.Digests()); diff != "" {
		t.Errorf("digests (-want +got):\n%s", diff)
	}
	if err := iotest.TestReader(io.NewSectionReader(s, 0, s.Size()), b); err != nil {
		t.Error(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(s, 0, 100))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("a reading over the end gives %q, %v", got, err)
	}
	if _, err := s.ReadAt(make([]byte, 1), -1); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("ReadAt before the start: %v, want os.ErrInvalid", err)
	}

	s.Discard()
	s.Discard()
	if _, err := s.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("ReadAt after Discard: %v, want os.ErrClosed", err)
	}
	if s.Size() != 3 || s.Digests() != want {
		t.Error("Discard changed what is known of the body")
	}
}

func TestFromNoBytes(t *testing.T) {
	t.Parallel()
	s := blob.FromBytes(nil)
	if got, err := io.ReadAll(io.NewSectionReader(s, 0, 1)); s.Size() != 0 || len(got) != 0 || err != nil {
		t.Errorf("size %d, read %q, %v, want nothing", s.Size(), got, err)
	}
	if got, want := s.Digests().SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("sha256 %s, want %s", got, want)
	}
}

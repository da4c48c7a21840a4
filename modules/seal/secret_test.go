package seal

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestLoadSecret(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret.key")
	first, err := LoadSecret(file)
	if err != nil || len(first) != SecretSize || bytes.Equal(first, make([]byte, SecretSize)) {
		t.Fatalf("%x, %v", first, err)
	}
	again, err := LoadSecret(file)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("%x and then %x, %v", first, again, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v", left, err)
	}
	other, err := LoadSecret(filepath.Join(t.TempDir(), "secret.key"))
	if err != nil || bytes.Equal(first, other) {
		t.Errorf("two servers have the same secret, %v", err)
	}
}

func TestLoadSecretRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"empty": "", "short": "abc", "long": strings.Repeat("a", SecretSize+1)} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadSecret(file); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if kept, err := os.ReadFile(file); err != nil || string(kept) != content {
			t.Errorf("%s: the file is now %q, %v", name, kept, err)
		}
	}
	if _, err := LoadSecret(filepath.Join(dir, "missing", "secret.key")); err == nil {
		t.Error("a secret in no folder")
	}
}

func TestLoadSecretAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret.key")
	secrets := make([][]byte, 16)
	var wg sync.WaitGroup
	for i := range secrets {
		wg.Go(func() {
			var err error
			if secrets[i], err = LoadSecret(file); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range secrets {
		if !bytes.Equal(s, secrets[0]) {
			t.Fatalf("the secrets are %x", secrets)
		}
	}
}

// secretFile is the variable that makes a second run of this test binary a
// process that loads the secret.
const secretFile = "INGOT_TEST_SECRET_FILE"

func TestLoadSecretInProcesses(t *testing.T) {
	if file := os.Getenv(secretFile); file != "" {
		secret, err := LoadSecret(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(os.Getenv(secretFile+"_SEEN"), secret, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "secret.key")
	var wg sync.WaitGroup
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		wg.Go(func() {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLoadSecretInProcesses$")
			child.Env = append(os.Environ(), secretFile+"="+file, secretFile+"_SEEN="+filepath.Join(dir, name))
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	want, err := LoadSecret(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("a process saw %x instead of %x, %v", got, want, err)
		}
	}
}

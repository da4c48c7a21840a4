package fs_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/fs"
	"ingot.dev/modules/fault"
)

// The variables that make a second run of this test binary the process that is
// killed.
const (
	crashDir  = "INGOT_TEST_CRASH_DIR"
	crashStep = "INGOT_TEST_CRASH_STEP"
	crashBody = "INGOT_TEST_CRASH_BODY"
)

// TestCrash kills a process at every step of a Put. Whatever is under the key
// afterwards is whole, the next process finds no litter, and a second Put
// succeeds.
func TestCrash(t *testing.T) {
	t.Parallel()
	if step := os.Getenv(crashStep); step != "" {
		crash(t, os.Getenv(crashDir), step, os.Getenv(crashBody))
		return
	}
	b := noise(300 << 10)
	k := keyOf(blob.FromBytes(b), 1)
	for _, body := range []string{"memory", "file"} {
		for step, present := range map[string]bool{"put:written": false, "put:synced": false, "put:renamed": true, "put:done": true} {
			t.Run(body+"/"+step, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$")
				child.Env = append(os.Environ(), crashDir+"="+dir, crashStep+"="+step, crashBody+"="+body)
				out, err := child.CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("the child was not killed: %v\n%s", err, out)
				}

				s := open(t, dir)
				staged := stage(t, filepath.Join(dir, "spool"), b)
				if left := incoming(t, dir); len(left) != 0 {
					t.Errorf("left in incoming: %q", left)
				}
				left, err := os.ReadDir(filepath.Join(dir, "spool"))
				if err != nil || len(left) != 1 { // the one just staged
					t.Errorf("the spool has %d files, %v, want 1", len(left), err)
				}
				_, err = s.Stat(t.Context(), k)
				switch {
				case present && err != nil:
					t.Errorf("the object: %v", err)
				case !present && !fault.Is(err, fault.NotFound):
					t.Errorf("the object: %v, want not found", err)
				case present:
					wantObject(t, s, k, b)
				}
				if err := s.Put(t.Context(), k, staged); err != nil {
					t.Errorf("Put after the crash: %v", err)
				}
				wantObject(t, s, k, b)
			})
		}
	}
}

func crash(t *testing.T, dir, step, body string) {
	s := open(t, dir, fs.WithStep(func(name string) {
		if name == step {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}))
	staged := blob.FromBytes(noise(300 << 10))
	if body == "file" {
		staged = stage(t, filepath.Join(dir, "spool"), noise(300<<10))
	}
	if err := s.Put(t.Context(), keyOf(staged, 1), staged); err != nil {
		t.Fatal(err)
	}
}

// Package crash ends servers as a power cut does, the disk aside: with
// kill -9, at every named step of their work and at any moment under load.
// Whatever was answered as done is there afterwards, whatever was not is
// either wholly there or not at all, and the registry is whole.
package crash

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var (
	seed   = flag.Uint64("seed", 0, "repeat the random rounds of this seed; 0 chooses one")
	rounds = flag.Int("rounds", 200, "random rounds; a tenth of them with -short")
)

// scratch is a folder for the time of the run.
var scratch string

// TestMain is the server too, in the processes that the tests start and kill.
func TestMain(m *testing.M) {
	if os.Getenv(dataVariable) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(func() int {
		var err error
		if scratch, err = os.MkdirTemp("", "ingot-crash-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(scratch)
		return m.Run()
	}())
}

// program builds ingot for the tests of its commands.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "ingot")
	out, err := exec.Command("go", "build", "-o", path, "ingot.dev/cmd/ingot").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building ingot: %w\n%s", err, out)
	}
	return path, err
})

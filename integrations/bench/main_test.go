// Package bench measures the server against something bare that does the same
// work: a gin handler that writes the same bytes, http.ServeFile, git archive,
// the system calls that durability costs. Both sides run in processes of their
// own, under one load generator, in turns of the same run, so that a busy
// machine slows both and the ratio holds.
//
// The data lies below TMPDIR, which should be a real disk.
//
//	go test -run '^$' -bench . ./integrations/bench           all bars
//	go test -run '^$' -bench Bars/small ./integrations/bench  some of them
//	... -quick                                                in a minute, less exact
//	... -profile FILE                                         with a profile of the server
package bench

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"
)

var (
	quick   = flag.Bool("quick", false, "shorter turns and smaller files")
	profile = flag.String("profile", "", "write a CPU profile of the server to this file; for one bar at a time")
)

// TestMain is also the children's: this program serves as the server under
// test, as the bare one and as an uploading client.
func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv(roleVariable)]; ok {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	// A bar repeats its measurement by itself.
	if err := flag.Set("test.benchtime", "1x"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// BenchmarkBars measures every bar and prints a table of them. No bar fails
// it; a wrong reply does.
func BenchmarkBars(b *testing.B) {
	var t table
	for _, bar := range []struct {
		name    string
		measure func(*testing.B, *table)
	}{
		{"metadata", metadata},
		{"small-read", smallRead},
		{"read-during-upload", readDuringUpload},
		{"small-publish", smallPublish},
		{"download", download},
		{"upload-memory", uploadMemory},
		{"tag-build", tagBuild},
		{"publish-at-once", publishAtOnce},
		{"list", list},
		{"indexes", indexes},
		{"first-build", firstBuild},
		{"registries", registries},
		{"full-registry", fullRegistry},
		{"workspace", workspace},
		{"manifest", manifest},
		{"layer", layer},
	} {
		b.Run(bar.name, func(b *testing.B) {
			b.ReportMetric(0, "ns/op") // means nothing here
			bar.measure(b, &t)
		})
	}
	t.print(os.Stdout)
}

// turn is how long one side is measured before it is the other's turn.
func turn() time.Duration {
	if *quick {
		return 200 * time.Millisecond
	}
	return 700 * time.Millisecond
}

// rounds is how many turns each side has.
func rounds() int {
	if *quick {
		return 3
	}
	return 7
}

// smaller gives a smaller number in a quick run.
func smaller(n int64) int64 {
	if *quick {
		return n / 8
	}
	return n
}

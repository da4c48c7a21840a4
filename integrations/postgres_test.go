package integrations

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ingot.dev/models/dbtest"
)

// postgres starts a PostgreSQL of its own in a temporary folder, durable
// enough for a test, and gives its address.
func postgres(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		need(t, "initdb", "postgres")
		found = []string{""}
	}
	slices.Sort(found)
	bin := found[len(found)-1]
	dir, err := os.MkdirTemp("", "ingot-postgres-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := nobodySpecial(t, dir)
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--auth=trust", "--username=ingot", "--encoding=UTF8", "--no-sync", data)
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=300")
	server.SysProcAttr, server.Dir = as, dir
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT)
		_ = server.Wait()
	})
	for range 200 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			c.Close()
			time.Sleep(300 * time.Millisecond) // it listens a moment before it answers
			return fmt.Sprintf("postgres://ingot@127.0.0.1:%s/postgres?sslmode=disable", port)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("PostgreSQL does not answer")
	return ""
}

// nobodySpecial gives the credentials of the account postgres where the test
// runs as root, which PostgreSQL refuses to.
func nobodySpecial(t *testing.T, dir string) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatalf("PostgreSQL cannot run as root, and there is no account for it: %v", err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// TestPostgres runs the tests of everything that speaks SQL on a real
// PostgreSQL, and a server on it that publishes in all formats.
func TestPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	address := postgres(t)
	t.Run("services", func(t *testing.T) {
		cmd := exec.Command("go", "test", "-count=1", "ingot.dev/models/...", "ingot.dev/services/...", "ingot.dev/routers/...")
		cmd.Env = append(os.Environ(), dbtest.Variable+"="+address)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	})
	t.Run("server", func(t *testing.T) {
		s := serving(t, "INGOT__DATABASE__TYPE=postgres", "INGOT__DATABASE__DSN="+address)
		s.must(t, "user", "add", "ann", "--email", "ann@example.com")
		token := s.must(t, "token", "add", "ann", "--name", "ci")
		at := s.root + "/user/ann/package/-/generic/readme/1.0.0/main_test.go"
		for _, want := range []string{"201", "409"} {
			put := exec.Command("curl", "--silent", "--output", os.DevNull, "--write-out", "%{http_code}",
				"--user", "ann:"+token, "--upload-file", "main_test.go", at)
			if out, err := put.Output(); err != nil || string(out) != want {
				t.Fatalf("upload: %s, %v", out, err)
			}
		}
		s.publishAll(t, token)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if err := s.start(); err != nil {
			t.Fatal(err)
		}
		if out := s.must(t, "doctor"); !strings.Contains(out, "whole") {
			t.Error(out)
		}
	})
}

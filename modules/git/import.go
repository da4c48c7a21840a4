package git

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ingot.dev/modules/fault"
)

// Import copies all branches and tags of the repository in the folder src,
// bare or with a work tree, to a new bare repository in dst, with the git
// binary. dst appears whole or not at all. fault.Invalid where src is no
// repository or git refuses it, fault.Conflict where dst exists.
func Import(ctx context.Context, dst, src string) error {
	src, err := filepath.Abs(src)
	if err != nil {
		return err
	}
	if info, err := os.Stat(src); err != nil || !info.IsDir() {
		return fault.New(fault.Invalid, "%s is no folder", src)
	}
	if _, err := os.Lstat(dst); !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "the repository exists already")
	}
	work, err := os.MkdirTemp(filepath.Dir(dst), ".import-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	git, err := newCommand(work)
	if err != nil {
		return err
	}
	fresh := filepath.Join(work, "repository.git")
	if err := Init(fresh); err != nil {
		return err
	}
	// git names the branch in HEAD, and says nothing where there is none.
	head, err := git.run(ctx, fresh, "ls-remote", "--symref", "--", src, "HEAD")
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be read as a git repository", src)
	}
	// Fetching checks every object on its way, takes over neither settings nor
	// hooks nor what nothing refers to, and shares no file with src.
	if _, err := git.run(ctx, fresh, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
		"--no-recurse-submodules", "--", src, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return fault.Wrap(fault.Invalid, err, "%s cannot be imported", src)
	}
	if _, err := git.run(ctx, fresh, "pack-refs", "--all"); err != nil {
		return err
	}
	if branch, ok := symref(head); ok {
		r, err := Open(fresh)
		if err != nil {
			return err
		}
		if err := r.SetHead(ctx, branch); err != nil {
			return err
		}
	}
	return os.Rename(fresh, dst)
}

// symref takes the branch from a line "ref: refs/heads/main\tHEAD".
func symref(lines string) (branch string, ok bool) {
	line, _, _ := strings.Cut(lines, "\n")
	line, ok = strings.CutPrefix(line, "ref: "+headPrefix)
	branch, _, tab := strings.Cut(line, "\t")
	return branch, ok && tab
}

// command runs the git binary apart from the settings of this machine.
type command struct{ env []string }

// newCommand writes the settings of its own into the folder work.
func newCommand(work string) (command, error) {
	settings := filepath.Join(work, "gitconfig")
	// Whoever runs an import has chosen the folder, whoever owns it.
	err := os.WriteFile(settings, []byte("[safe]\n\tdirectory = *\n"), 0o600)
	return command{env: []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + work,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + settings,
		"GIT_ALLOW_PROTOCOL=file",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_TERMINAL_PROMPT=0",
		"LC_ALL=C",
	}}, err
}

// run runs git in dir. The error carries what git wrote to its error output.
func (c command) run(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = c.env
	cmd.WaitDelay = 5 * time.Second // git's own children may hold the pipes
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if said := strings.TrimSpace(stderr.String()); said != "" {
			err = errors.New(said)
		}
		return "", errors.Join(ctx.Err(), err)
	}
	return string(out), nil
}

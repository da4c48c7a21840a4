// Command ingot is the server and its administration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"ingot.dev"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/setting"
)

// program is what every command gets.
type program struct {
	ctx     context.Context
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string
}

// commands is the command line.
type commands struct {
	Serve      serve         `cmd:"" help:"Serve the forge and its packages."`
	User       userCmd       `cmd:"" help:"Accounts."`
	Company    companyCmd    `cmd:"" help:"Companies and their members."`
	Project    projectCmd    `cmd:"" help:"Projects."`
	Token      tokenCmd      `cmd:"" help:"Tokens."`
	Doctor     doctor        `cmd:"" help:"Prove that every file of a package is stored with its digest; exit 1 and a list where not."`
	GC         collect       `cmd:"" name:"gc" help:"Delete stored bytes that nothing refers to."`
	Key        keyCmd        `cmd:"" help:"Keys that registries sign with."`
	Advisories advisoriesCmd `cmd:"" help:"What is known to be wrong with packages."`
}

// configured is part of every command: they work beside a running server, on
// the same data.
type configured struct {
	Config string `help:"Configuration file; without it app.ini in the present folder counts, if there is one." type:"existingfile" placeholder:"FILE"`
}

func (c configured) load(p *program) (*setting.Config, error) {
	file := c.Config
	if file == "" {
		if _, err := os.Stat("app.ini"); err == nil {
			file = "app.ini"
		}
	}
	return setting.Load(file, p.environ)
}

// open gives the Ingot that a command works on. The caller closes it.
func (c configured) open(p *program) (*ingot.App, error) {
	cfg, err := c.load(p)
	if err != nil {
		return nil, err
	}
	return ingot.New(p.ctx, cfg, ingot.WithLog(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// with opens an Ingot for the time of fn.
func (c configured) with(p *program, fn func(*ingot.App) error) error {
	app, err := c.open(p)
	if err != nil {
		return err
	}
	return errors.Join(fn(app), app.Close())
}

// examine is with for commands that have nothing to say of a new Ingot. Where
// the database is absent the folder is mistyped, or a disk is not mounted, and
// an empty registry made on the spot would be found whole.
func (c configured) examine(p *program, fn func(*ingot.App) error) error {
	cfg, err := c.load(p)
	if err != nil {
		return err
	}
	if cfg.Database.Type == setting.SQLite {
		if _, err := os.Stat(cfg.Paths.Database()); err != nil {
			return fmt.Errorf("%w\nNothing is kept there yet. INGOT__PATHS__DATA or --config says where the data is", err)
		}
	}
	return c.with(p, fn)
}

// errFound ends a command that did its work and found something wrong.
var errFound = errors.New("found")

func run(p *program, args []string) int {
	var cmd commands
	exit := -1
	parser, err := kong.New(&cmd,
		kong.Name("ingot"),
		kong.Description("The packages of your forge: registries for projects, companies, users and the whole service."),
		kong.Writers(p.out, p.err),
		kong.Exit(func(code int) { exit = code }),
		kong.UsageOnError(),
		kong.Bind(p),
	)
	if err != nil {
		fmt.Fprintln(p.err, "ingot:", err)
		return 2
	}
	chosen, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was asked for
	}
	if err != nil {
		fmt.Fprintln(p.err, "ingot:", err)
		fmt.Fprintln(p.err, "ingot --help lists the commands.")
		return 2
	}
	switch err := chosen.Run(); {
	case errors.Is(err, errFound):
		return 1
	case err != nil:
		var f *fault.Fault
		if errors.As(err, &f) && f.Kind != fault.Internal {
			err = errors.New(f.Message)
		}
		fmt.Fprintln(p.err, "ingot:", err)
		return 1
	}
	return 0
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(&program{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}, os.Args[1:])
	stop()
	os.Exit(code)
}

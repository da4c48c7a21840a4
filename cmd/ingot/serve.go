package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"

	"ingot.dev"
	"ingot.dev/modules/setting"
)

type serve struct {
	configured
	Demo bool `help:"Fill an empty data folder with a user, a company and a project whose sample PHP library has tags."`
}

// Run serves until the process is told to end.
func (s *serve) Run(p *program) error {
	// Little of a server's memory lives for long: the collector runs every few
	// milliseconds unless it is told to wait. GOGC, where it is set, wins.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	// Listening comes first: who cannot listen has to touch nothing.
	l, err := net.Listen("tcp", cfg.Server.Address())
	if err != nil {
		return fmt.Errorf("%w\nIs another Ingot running? INGOT__SERVER__HTTP_PORT chooses another port", err)
	}
	app, err := ingot.New(p.ctx, cfg, ingot.WithLog(handler(p, cfg.Log)), ingot.WithListener(l))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	root := cfg.Server.Root(l.Addr())
	if s.Demo {
		if err := demo(p, app, root); err != nil {
			return errors.Join(err, l.Close(), app.Close())
		}
	}
	fmt.Fprintf(p.out, "Ingot serves %s\n", root)
	return errors.Join(app.Run(p.ctx), app.Close())
}

func handler(p *program, cfg setting.Log) slog.Handler {
	o := &slog.HandlerOptions{Level: cfg.Level}
	if cfg.Format == "json" {
		return slog.NewJSONHandler(p.err, o)
	}
	return slog.NewTextHandler(p.err, o)
}

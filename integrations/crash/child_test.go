package crash

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"ingot.dev"
	"ingot.dev/modules/setting"
	"ingot.dev/services/registry"
)

// The variables that make a second run of this test binary a server.
const (
	dataVariable     = "INGOT_CRASH_DATA"
	leaseVariable    = "INGOT_CRASH_LEASE"
	intervalVariable = "INGOT_CRASH_INTERVAL"
	idleVariable     = "INGOT_CRASH_IDLE" // not empty: requests are served, and nothing is done beside them
)

// reply is what a child writes on its standard output, a line of JSON: the
// first one when it serves, and one for each order.
type reply struct {
	Root     string             // address of the server
	Took     time.Duration      // to open the data
	Findings []registry.Finding // of the examination before anything was served
	Error    string
}

// The orders that a child takes on its standard input, a line each.
const (
	arm     = "arm "    // and a step: die there
	collect = "collect" // garbage
	upload  = "upload " // and what of it: see uploading
)

// config is that of a server on a data folder. Shorter leases than an
// administrator may set make garbage collection the publishers' neighbour.
func config(data string, lease, interval time.Duration) (*setting.Config, error) {
	cfg, err := setting.Load("", []string{"INGOT__PATHS__DATA=" + data, "INGOT__SERVER__HTTP_PORT=0"})
	if err != nil {
		return nil, err
	}
	cfg.GC = setting.GC{Lease: lease, Interval: interval}
	return cfg, nil
}

// serve is the child: a server that examines its data, serves, takes orders
// and ends with its standard input, so that it cannot outlive the test.
func serve() error {
	lease, err := time.ParseDuration(os.Getenv(leaseVariable))
	if err != nil {
		return err
	}
	interval, err := time.ParseDuration(os.Getenv(intervalVariable))
	if err != nil {
		return err
	}
	cfg, err := config(os.Getenv(dataVariable), lease, interval)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var armed atomic.Value
	armed.Store("")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	began := time.Now()
	app, err := ingot.New(ctx, cfg,
		ingot.WithListener(l),
		ingot.WithLog(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		ingot.WithStep(func(name string) {
			if name == armed.Load() {
				die()
			}
		}))
	if err != nil {
		return err
	}
	first := reply{Root: cfg.Server.Root(l.Addr()), Took: time.Since(began)}
	if first.Findings, err = examine(ctx, app, true); err != nil {
		return errors.Join(err, app.Close())
	}
	ended := make(chan error, 1)
	if os.Getenv(idleVariable) == "" {
		go func() { ended <- app.Run(ctx) }()
	} else {
		go func() { ended <- http.Serve(l, app.Handler()) }()
	}
	answers := json.NewEncoder(os.Stdout)
	if err := answers.Encode(first); err != nil {
		return err
	}
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		var r reply
		if step, ok := strings.CutPrefix(orders.Text(), arm); ok {
			armed.Store(step)
		} else if what, ok := strings.CutPrefix(orders.Text(), upload); ok {
			if err := uploading(ctx, app, what); err != nil {
				r.Error = err.Error()
			}
		} else if orders.Text() != collect {
			r.Error = fmt.Sprintf("there is no order %q", orders.Text())
		} else if _, err := app.Registry.Collect(ctx, false); err != nil {
			r.Error = err.Error()
		}
		if err := answers.Encode(r); err != nil {
			return err
		}
	}
	stop()
	return errors.Join(<-ended, app.Close())
}

// die ends the process on the spot.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}

// examine gives all that doctor finds, what only wastes space included.
func examine(ctx context.Context, app *ingot.App, fix bool) (all []registry.Finding, err error) {
	err = app.Registry.Doctor(ctx, fix, func(f registry.Finding) { all = append(all, f) })
	return all, err
}

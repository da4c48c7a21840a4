package web

import (
	"strings"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/disk"
	"ingot.dev/modules/fault"
	"ingot.dev/templates"
)

// healthPage tells how the server is.
type healthPage struct {
	templates.Page
	Tabs     []templates.Tab
	Parts    []healthPart
	Waiting  int64 // jobs
	Failing  int64 // of these
	Space    disk.Space
	Measured bool // whether the space is known
	Low      bool // whether there is too little of it
	Data     string
	Started  time.Time
	Root     string
}

// healthPart is a part of the server that was just asked.
type healthPart struct {
	Name string // a key of texts
	OK   bool
	Took time.Duration
}

// lowSpace is the free part of the disk below which something has to be done.
const lowSpace = 0.1

func (c *call) adminHealth() error {
	ctx := c.r.Context()
	data := healthPage{
		Page: c.page(c.tr("admin.health")), Tabs: c.adminTabs("health"),
		Data: c.p.Config.Paths.Data, Started: c.p.started, Root: c.p.Root,
	}
	probe := func(name string, ask func() error) {
		begun := time.Now()
		err := ask()
		if err != nil {
			c.p.Gate.Log.ErrorContext(ctx, "a part of the server is not well", "part", name, "error", err)
		}
		data.Parts = append(data.Parts, healthPart{name, err == nil, time.Since(begun)})
	}
	probe("database", func() error { return c.p.Ready(ctx) })
	probe("store", func() error {
		// An object that cannot be there: a store that is well says so.
		_, err := c.p.Registry.Store().Stat(ctx, blob.Key{SHA256: strings.Repeat("0", 64), Row: 1})
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	var err error
	if data.Waiting, data.Failing, err = c.p.Jobs.Counts(ctx); err != nil {
		return err
	}
	data.Space, data.Measured = disk.SpaceOf(data.Data)
	data.Low = float64(data.Space.Free) < lowSpace*float64(data.Space.Total)
	return c.show("admin/health", data)
}

func (c *call) adminAskCollect() error {
	freed, err := c.p.Registry.Collect(c.r.Context(), true)
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("admin.collect_title")), Text: c.tr("admin.collect_text"),
		Goes: []string{c.tr("admin.would_free", c.locale.Size(freed.Bytes), freed.Objects)},
		Form: c.ask("/admin/health/collect", c.tr("admin.collect")),
	}, "/admin/health")
}

func (c *call) adminCollect() error {
	freed, err := c.p.Registry.Collect(c.r.Context(), false)
	if err != nil {
		return err
	}
	return c.done("/admin/health", c.tr("admin.freed", c.locale.Size(freed.Bytes), freed.Objects))
}

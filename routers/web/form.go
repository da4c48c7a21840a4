package web

import (
	"path"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/routers/gate"
	"ingot.dev/templates"
)

// ask makes a form. Where it is the one that was just sent and refused, it has
// what was typed, with the reason at its field.
func (c *call) ask(action, submit string, fields ...templates.Field) templates.Form {
	form := templates.Form{Action: action, Submit: submit, Fields: fields}
	refused := c.trouble != nil && strings.EqualFold(c.r.URL.EscapedPath(), action)
	if refused {
		form.Trouble = c.trouble.Message
	}
	for i := range fields {
		f := &fields[i]
		f.ID = path.Base(action) + "-" + f.Name
		if !refused {
			continue
		}
		f.Value = c.form.Get(f.Name)
		if c.trouble.Field == f.Name {
			f.Trouble, form.Trouble = c.trouble.Message, ""
		}
	}
	return form
}

// refusal tells whether an error is an answer to what somebody typed or chose,
// so that they can do something about it where they are.
func refusal(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Unprocessable, fault.Unauthenticated, fault.Denied, fault.Conflict, fault.Busy:
		return true
	}
	return false
}

// again shows the page of a form that was refused.
func (c *call) again(err error, page func(*call) error) error {
	if !refusal(err) {
		return err
	}
	c.trouble = fault.From(err)
	return page(c)
}

// refuse leads back to a page and has it say why nothing was done.
func (c *call) refuse(to string, err error) error {
	if !refusal(err) {
		return err
	}
	c.flash("bad", fault.From(err).Message)
	c.redirect(to)
	return nil
}

// show answers with a page, with the status of what was wrong with the form.
func (c *call) show(name string, data any) error {
	if c.trouble == nil {
		return c.render(200, name, data)
	}
	h := c.w.Header()
	gate.Headers(h, c.trouble)
	h.Del("WWW-Authenticate") // the browser's own dialog would cover the page
	return c.render(gate.Status(c.trouble.Kind), name, data)
}

// secretly keeps a page that shows a secret out of every cache.
func (c *call) secretly() { c.w.Header().Set("Cache-Control", "no-store") }

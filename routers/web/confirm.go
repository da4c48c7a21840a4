package web

import (
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/templates"
)

// confirmPage asks before something is destroyed, and says what goes.
type confirmPage struct {
	templates.Page
	Text string
	Goes []string
	Form templates.Form
}

// confirm shows a question whose page's title is the question itself.
func (c *call) confirm(data confirmPage, cancel string) error {
	data.Form.Danger, data.Form.Cancel = true, cancel
	return c.show("home/confirm", data)
}

// typed is the field into which somebody types a name before the thing of
// that name is destroyed.
func (c *call) typed(name string) templates.Field {
	return templates.Field{Name: "typed", Label: c.tr("form.type_to_confirm", name), Autocomplete: "off", Required: true}
}

// checkTyped refuses another name than that of the thing to be destroyed.
func (c *call) checkTyped(name string) error {
	if strings.TrimSpace(c.form.Get("typed")) != name {
		return fault.New(fault.Invalid, "%s", c.tr("form.typed_wrong", name)).At("typed")
	}
	return nil
}

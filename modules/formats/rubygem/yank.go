package rubygem

import (
	"io"
	"net/http"
	"net/url"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// maxForm bounds the forms that clients send, in bytes.
const maxForm = 16 << 10

// fields reads a form of names and values (application/x-www-form-urlencoded).
// net/http passes over the body of a DELETE, in which gem yank and gem owner
// send theirs; some send them in the query.
func fields(q *format.Request) (url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(q.R.Body, maxForm+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the form broke off: send it again")
	}
	if len(body) > maxForm {
		return nil, fault.New(fault.TooLarge, "the form has more than %d bytes", maxForm)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the body is no form of names and values")
	}
	for name, list := range q.R.URL.Query() {
		values[name] = append(values[name], list...)
	}
	return values, nil
}

// yank takes a version back: it leaves the indexes, and its file stays for who
// names it ("RubyGems.org API", Gem Methods). Clients print the answer and end
// as if all was well, whatever it is.
func (g *RubyGems) yank(q *format.Request) error {
	form, err := fields(q)
	if err != nil {
		return err
	}
	name, number := form.Get("gem_name"), form.Get("version")
	if name == "" || number == "" {
		return fault.New(fault.Invalid, "say which gem and which version: gem yank NAME --version VERSION").At("gem_name")
	}
	platform := form.Get("platform")
	if platform == "" {
		platform = ruby
	}
	v, err := q.Reg.Version(q.Context(), name, join(number, platform))
	switch {
	case fault.Is(err, fault.NotFound), fault.Is(err, fault.Invalid):
		return fault.Wrap(fault.NotFound, err, "The version %.120s of %.120s does not exist.", join(number, platform), name)
	case err != nil:
		return err
	case v.Yanked:
		return fault.New(fault.Conflict, "The version %s of %s has already been yanked.", v.Name, v.Package)
	}
	if err := q.Reg.Edit(q.Context(), v.Package, format.Yank{Version: v.Name, On: true}); err != nil {
		return err
	}
	return q.Text(http.StatusOK, "Successfully deleted gem: "+title(v.Package, v.Name)+"\n")
}

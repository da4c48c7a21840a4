package web

import (
	"errors"
	"io"
	"mime/multipart"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// uploadPage takes a package as one file, or asks of which format it is.
type uploadPage struct {
	templates.Page
	Formats []formatChoice
	Format  string // its title, empty for the choice
	Form    templates.Form
	File    templates.Field
	Accept  string
	Most    string // the largest file taken, empty where there is no limit
}

func (c *call) uploadPage(chosen *registry.Kind) (uploadPage, error) {
	c.nav = "packages"
	base := registryURL(c.scope.Path) + "/upload"
	page := uploadPage{Page: c.page(c.tr("upload.title"))}
	for _, k := range c.p.Registry.Kinds() {
		if k.Uploading != nil {
			page.Formats = append(page.Formats, formatChoice{base + "/" + k.Info.ID, k.Info.Short, k.Info.Title, k == chosen})
		}
	}
	if most := int64(c.p.Config.Packages.MaxFileSize); most > 0 {
		page.Most = c.locale.Size(most)
	}
	var err error
	page.Place, err = c.place(tabPackages)
	if chosen == nil || err != nil {
		return page, err
	}
	up := chosen.Uploading.Upload()
	page.Page.Title = c.tr("upload.title_of", chosen.Info.Title)
	page.Format, page.Accept = chosen.Info.Title, up.Accept
	lang := c.locale.Code()
	var fields []templates.Field
	for _, f := range up.Fields {
		fields = append(fields, templates.Field{
			Name: f.Name, Label: f.Label.In(lang), Hint: f.Hint.In(lang), Required: f.Required, Autocomplete: "off",
		})
	}
	action := base + "/" + chosen.Info.ID
	fields = append(fields, templates.Field{Name: "file", Label: c.tr("upload.file"), Required: true})
	page.Form = c.ask(action, c.tr("upload.submit"), fields...)
	page.Form.Cancel = registryURL(c.scope.Path)
	page.File = page.Form.Fields[len(fields)-1]
	page.Form.Fields = page.Form.Fields[:len(fields)-1]
	return page, nil
}

func (c *call) uploadChoice() error {
	page, err := c.uploadPage(nil)
	if err != nil {
		return err
	}
	return c.show("registry/upload", page)
}

// uploadable finds the format that an address names.
func (c *call) uploadable() (*registry.Kind, error) {
	name := c.params.Value("format")
	k := c.p.Registry.Kind(name)
	if k == nil || k.Uploading == nil {
		return nil, errNoFormat(name)
	}
	return k, nil
}

func (c *call) uploadForm() error {
	k, err := c.uploadable()
	if err != nil {
		return err
	}
	page, err := c.uploadPage(k)
	if err != nil {
		return err
	}
	return c.show("registry/upload", page)
}

func (c *call) upload() error {
	k, err := c.uploadable()
	if err != nil {
		return err
	}
	v, uuid, err := c.receive(k)
	if err == nil {
		return c.done(versionURL(packageURL(c.scope.Path, k.Info.ID, uuid), v.Name), c.tr("upload.done", v.Package, v.Name))
	}
	if f := c.p.Gate.Explain(c.r, err); f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		c.trouble = f
		return c.uploadForm()
	}
	return err
}

// receive publishes what the form brings.
func (c *call) receive(k *registry.Kind) (*format.Version, string, error) {
	up := k.Uploading.Upload()
	q := &format.Request{W: c.w, R: c.r, Scope: c.scope, Actor: c.actor}
	c.p.Packages.Equip(q, k, forge.PublishPackages, format.Manually)
	form, err := c.r.MultipartReader()
	if err != nil {
		return nil, "", fault.Wrap(fault.Invalid, err, "the form is malformed: send it as multipart/form-data")
	}
	in, err := c.readUpload(q, form, up.Fields)
	if in.Body != nil {
		defer in.Body.Discard() // should the format not have come to it
	}
	if err != nil {
		return nil, "", err
	}
	v, err := up.Receive(q, in)
	if err != nil {
		return nil, "", err
	}
	p, err := q.Reg.Package(c.r.Context(), v.Package)
	if err != nil {
		return nil, "", err
	}
	return v, p.UUID, nil
}

// The bounds of the fields before the file.
const (
	maxUploadFields = 32
	maxUploadField  = 4 << 10 // bytes
)

// readUpload reads the fields into the call's form and q's parameters, and
// stages the file after them. Fields after the file are not read: the file is
// taken as soon as it is there.
func (c *call) readUpload(q *format.Request, form *multipart.Reader, fields []format.Field) (in format.Incoming, err error) {
	for range maxUploadFields {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return in, c.noFile()
		case err != nil:
			return in, fault.Wrap(fault.Invalid, err, "the form is malformed or broke off: send it again")
		case part.FormName() == "file":
			if part.FileName() == "" {
				return in, c.noFile()
			}
			for _, f := range fields {
				if f.Required && c.form.Get(f.Name) == "" {
					return in, fault.New(fault.Invalid, "%s", c.tr("upload.required")).At(f.Name)
				}
			}
			in.Name = part.FileName()
			in.Body, err = q.Reg.Stage(c.r.Context(), part, 0)
			return in, err
		}
		value, err := io.ReadAll(io.LimitReader(part, maxUploadField+1))
		if err != nil {
			return in, fault.Wrap(fault.Invalid, err, "the form broke off: send it again")
		}
		if len(value) > maxUploadField {
			return in, fault.New(fault.TooLarge, "the field %q has more than %d bytes", part.FormName(), maxUploadField)
		}
		c.form.Set(part.FormName(), string(value))
		q.Params = append(q.Params, format.Param{Name: part.FormName(), Value: string(value)})
	}
	return in, fault.New(fault.Invalid, "the form has more than %d fields", maxUploadFields)
}

func (c *call) noFile() error {
	return fault.New(fault.Invalid, "%s", c.tr("upload.no_file")).At("file")
}

package registry

import (
	"io"
	"mime"
	"mime/multipart"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// put publishes a file in the way of its format and answers with the version
// that it is in.
func (a *API) put(q *format.Request, k *registry.Kind, up format.Upload) error {
	a.mount.Equip(q, k, forge.PublishPackages, format.API)
	in, err := receive(q)
	if err != nil {
		return err
	}
	defer in.Body.Discard() // should the format not have come to it
	v, err := up.Receive(q, in)
	if err != nil {
		return err
	}
	return reply(q, newVersion(v))
}

// get answers with the file that the format finds at an address.
func (a *API) get(q *format.Request, k *registry.Kind, up format.Upload) error {
	if uuid := q.Param("packageUuid"); uuid != "" {
		p, of, err := a.subject(q)
		if err != nil {
			return err
		}
		if of != k {
			return fault.New(fault.NotFound, "there is no %s package %q here", k.Info.Title, uuid)
		}
		q.Params = append(q.Params, format.Param{Name: "package", Value: p.Name})
	}
	a.mount.Equip(q, k, forge.ReadPackages, format.API)
	f, err := up.Locate(q)
	if err != nil {
		return err
	}
	return q.File(f)
}

// The bounds of a form: fields beside the file say nothing that the address
// does not, so they are passed over.
const (
	maxParts = 64
	maxField = 64 << 10 // bytes
)

// receive stages the body of a PUT: the file itself, whatever the client says
// its type is, or a form (RFC 7578) that holds exactly one.
func receive(q *format.Request) (format.Incoming, error) {
	media, _, err := mime.ParseMediaType(q.R.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		body, err := q.Receive(0)
		return format.Incoming{Body: body}, err
	}
	form, err := q.R.MultipartReader()
	if err != nil {
		return format.Incoming{}, fault.Wrap(fault.Invalid, err, "the form is malformed: its Content-Type names no boundary")
	}
	in, err := receiveForm(q, form)
	if err != nil && in.Body != nil {
		in.Body.Discard()
	}
	return in, err
}

func receiveForm(q *format.Request, form *multipart.Reader) (in format.Incoming, err error) {
	for range maxParts {
		part, err := form.NextPart()
		switch {
		case err == io.EOF && in.Body == nil:
			return in, fault.New(fault.Invalid, "the form holds no file")
		case err == io.EOF:
			return in, nil
		case err != nil:
			return in, fault.Wrap(fault.Invalid, err, "the form is malformed or broke off: send it again")
		case part.FileName() == "":
			if n, _ := io.CopyN(io.Discard, part, maxField+1); n > maxField {
				return in, fault.New(fault.TooLarge, "the field %q of the form has more than %d bytes; send the file with a file name", part.FormName(), maxField)
			}
		case in.Body != nil:
			return in, fault.New(fault.Invalid, "the form holds more than one file: send one at a time")
		default:
			in.Name = part.FileName()
			if in.Body, err = q.Reg.Stage(q.Context(), part, 0); err != nil {
				return in, err
			}
		}
	}
	return in, fault.New(fault.Invalid, "the form has more than %d parts: send the file alone", maxParts)
}

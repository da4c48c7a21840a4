package format

import (
	"errors"
	"io"
	"net/url"

	"ingot.dev/modules/fault"
)

// Form is a form with files (RFC 7578).
type Form struct {
	Values url.Values
	Files  []FormFile // in the order they came
}

// FormFile is a file of a form.
type FormFile struct {
	Field string
	Incoming
}

// Discard frees the files that were not handed on.
func (f *Form) Discard() {
	for _, file := range f.Files {
		file.Body.Discard()
	}
}

// File gives the file of a field; the zero value where there is none.
func (f *Form) File(field string) Incoming {
	for _, file := range f.Files {
		if file.Field == field {
			return file.Incoming
		}
	}
	return Incoming{}
}

// FormLimits bound a form.
type FormLimits struct {
	Parts  int   // fields and files
	Values int64 // bytes of all fields
	File   int64 // bytes of each file; zero means the server's limit
	Files  int
}

// Form streams a form in and stages its files. The caller discards it.
func (q *Request) Form(limits FormLimits) (_ *Form, err error) {
	parts, err := q.R.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "send a form: Content-Type multipart/form-data with a boundary")
	}
	form := &Form{Values: url.Values{}}
	defer func() {
		if err != nil {
			form.Discard()
		}
	}()
	left := limits.Values
	for range limits.Parts {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return form, nil
		case err != nil:
			return nil, fault.Wrap(fault.Invalid, err, "the form is malformed or broke off: send it again")
		case part.FileName() == "":
			value, err := io.ReadAll(io.LimitReader(part, left+1))
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "the form broke off: send it again")
			}
			if left -= int64(len(value)); left < 0 {
				return nil, fault.New(fault.TooLarge, "the fields of the form have more than %d bytes", limits.Values)
			}
			form.Values.Add(part.FormName(), string(value))
		case len(form.Files) == limits.Files:
			return nil, fault.New(fault.Invalid, "the form has more than %d files", limits.Files)
		default:
			body, err := q.Reg.Stage(q.Context(), part, limits.File)
			if err != nil {
				return nil, err
			}
			form.Files = append(form.Files, FormFile{part.FormName(), Incoming{Name: part.FileName(), Body: body}})
		}
	}
	return nil, fault.New(fault.Invalid, "the form has more than %d parts", limits.Parts)
}

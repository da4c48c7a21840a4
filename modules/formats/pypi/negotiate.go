package pypi

import (
	"strconv"
	"strings"
)

// form is one of the forms of the simple index.
type form int

// The forms, in the order in which they are preferred among equals.
const (
	jsonForm form = iota
	htmlForm
	textForm // HTML for those who know nothing of the index
	forms
)

// mediaTypes are what an answer in a form is said to be.
var mediaTypes = [forms]string{
	"application/vnd.pypi.simple.v1+json",
	"application/vnd.pypi.simple.v1+html",
	"text/html; charset=utf-8",
}

// formOf finds the form that a media type or a range of them asks for. Whoever
// takes anything gets what everybody can read.
func formOf(mediaType string) (form, bool) {
	switch strings.ToLower(mediaType) {
	case "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json", "application/*":
		return jsonForm, true
	case "application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html":
		return htmlForm, true
	case "text/html", "text/*", "*/*":
		return textForm, true
	}
	return 0, false
}

// negotiate picks a form by the header Accept (RFC 9110 section 12.5.1). Where
// nothing fits, HTML is sent, as the specification of the index allows: a
// client that cannot read it sees by its type what it is.
func negotiate(accept string) form {
	best, weight := textForm, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		f, ok := formOf(strings.TrimSpace(name))
		if !ok {
			continue
		}
		if w := quality(params); w > weight || w == weight && w > 0 && f < best {
			best, weight = f, w
		}
	}
	return best
}

// quality reads the weight among the parameters of a media type.
func quality(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		q, err := strconv.ParseFloat(value, 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return 0
		}
		return q
	}
	return 1
}

// Package hal is the envelope of paged lists: an object of the Hypertext
// Application Language (draft-kelly-json-hal) without links, with the page's
// place beside it as Spring writes it.
//
//	{"_embedded": {"<list>": [...]}, "page": {"size": 10, "totalElements": 25, "totalPages": 3, "number": 0}}
package hal

import (
	"errors"
	"net/url"
	"strconv"
)

// Page is a page of a list. Its list is there even when it is empty: some
// clients refuse a reply without it.
type Page[T any] struct {
	Embedded map[string][]T `json:"_embedded"`
	Place    Place          `json:"page"`
}

// Place says which part of a list a page is.
type Place struct {
	Size          int `json:"size"` // as asked for, not the number of items
	TotalElements int `json:"totalElements"`
	TotalPages    int `json:"totalPages"`
	Number        int `json:"number"` // the first page is 0
}

// NewPage makes the page w of a list of total items, under the list's name.
func NewPage[T any](list string, items []T, w Window, total int) Page[T] {
	if items == nil {
		items = []T{}
	}
	return Page[T]{
		Embedded: map[string][]T{list: items},
		Place:    Place{Size: w.Size, TotalElements: total, TotalPages: (total + w.Size - 1) / w.Size, Number: w.Number},
	}
}

// Window is the part of a list that a client asks for.
type Window struct {
	Number int // of the page, from 0
	Size   int // items on a page, at least 1
}

// The sizes of a page: what a client gets that asks for none, and the most
// that it gets.
const (
	DefaultSize = 10
	MaxSize     = 100
)

// ParseWindow reads the parameters page and size of a query. What makes no
// sense counts as absent.
func ParseWindow(q url.Values) Window {
	w := Window{Size: DefaultSize}
	if n, ok := number(q.Get("page")); ok {
		w.Number = n
	}
	if n, ok := number(q.Get("size")); ok && n > 0 {
		w.Size = min(n, MaxSize)
	}
	return w
}

// number reads a natural number. One that is too large is the largest, so
// that its product with a size still is an offset.
func number(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil || errors.Is(err, strconv.ErrRange)
}

// Offset gives the number of items before the page.
func (w Window) Offset() int { return w.Number * w.Size }

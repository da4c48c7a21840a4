package hal_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"ingot.dev/modules/hal"
)

func TestParseWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query        string
		number, size int
	}{
		{"", 0, 10},
		{"page=2&size=25", 2, 25},
		{"size=100", 0, 100},
		{"size=101", 0, 100},
		{"size=99999999999999999999", 0, 100},
		{"page=99999999999999999999&size=100", 1<<31 - 1, 100},
		{"size=0", 0, 10},
		{"page=-1&size=-5", 0, 10},
		{"page=one&size=1.5", 0, 10},
		{"page=%2B1&size=0x10", 0, 10},
		{"page=&size=", 0, 10},
		{"page=3&page=4&sort=name", 3, 10},
	} {
		q, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		w := hal.ParseWindow(q)
		if w.Number != test.number || w.Size != test.size {
			t.Errorf("%q: page %d of %d, want page %d of %d", test.query, w.Number, w.Size, test.number, test.size)
		}
		if w.Offset() != w.Number*w.Size || w.Offset() < 0 {
			t.Errorf("%q: offset %d", test.query, w.Offset())
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		items []string
		w     hal.Window
		total int
		want  string
	}{
		{nil, hal.Window{Size: 10}, 0, `{"_embedded":{"words":[]},"page":{"size":10,"totalElements":0,"totalPages":0,"number":0}}`},
		{[]string{"a"}, hal.Window{Number: 2, Size: 10}, 21, `{"_embedded":{"words":["a"]},"page":{"size":10,"totalElements":21,"totalPages":3,"number":2}}`},
		{[]string{"a", "b"}, hal.Window{Size: 2}, 2, `{"_embedded":{"words":["a","b"]},"page":{"size":2,"totalElements":2,"totalPages":1,"number":0}}`},
	} {
		b, err := json.Marshal(hal.NewPage("words", test.items, test.w, test.total))
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != test.want {
			t.Errorf("got  %s\nwant %s", b, test.want)
		}
	}
}

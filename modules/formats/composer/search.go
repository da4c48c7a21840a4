package composer

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// list answers the names of all packages, narrowed by vendor and by a filter
// whose * stands for any text.
func (Composer) list(q *format.Request) error {
	names, err := q.Reg.Names(q.Context())
	if err != nil {
		return err
	}
	vendor, filter := q.Query("vendor"), q.Query("filter")
	found := []string{}
	for _, n := range names {
		if vendor != "" && !strings.HasPrefix(n, vendor+"/") || filter != "" && !matches(filter, n) {
			continue
		}
		found = append(found, n)
	}
	return q.JSON(http.StatusOK, map[string]any{"packageNames": found})
}

// matches compares a name with a filter in which * stands for any text, a
// slash included.
func matches(filter, name string) bool {
	// path.Match stops at slashes, so there are none while it looks.
	flat := strings.NewReplacer("/", "\x00", "?", `\?`, "[", `\[`, `\`, `\\`)
	ok, err := path.Match(flat.Replace(filter), strings.ReplaceAll(name, "/", "\x00"))
	return ok && err == nil
}

// perPage is the number of results of a search.
const perPage = 15

func (Composer) search(q *format.Request) error {
	number := 1
	if n, err := strconv.Atoi(q.Query("page")); err == nil && n > 0 && n < 1_000_000 {
		number = n
	}
	size := perPage
	if n, err := strconv.Atoi(q.Query("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	found, total, err := q.Reg.Search(q.Context(), format.Query{Text: q.Query("q"), Limit: size, Offset: (number - 1) * size})
	if err != nil {
		return err
	}
	type result struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		URL         string `json:"url"`
		Repository  string `json:"repository"`
		Downloads   int64  `json:"downloads"`
		Favers      int    `json:"favers"`
	}
	out := struct {
		Results []result `json:"results"`
		Total   int      `json:"total"`
		Next    string   `json:"next,omitempty"`
	}{Results: []result{}, Total: total}
	repository := ""
	if q.May(forge.ReadRepository) {
		repository = q.Clone
	}
	for _, p := range found {
		out.Results = append(out.Results, result{p.Name, p.Description, page(q.Base) + "/composer/" + p.UUID, repository, p.Downloads, 0})
	}
	if number*size < total {
		next := url.Values{"q": {q.Query("q")}, "page": {strconv.Itoa(number + 1)}, "per_page": {strconv.Itoa(size)}}
		out.Next = q.Base + "/search.json?" + next.Encode()
	}
	return q.JSON(http.StatusOK, out)
}

// page gives the address of the registry's pages from that of the protocol.
func page(base string) string {
	home := strings.TrimSuffix(base, "/-/composer")
	if root, ok := strings.CutSuffix(home, "/registry/package"); ok { // the whole service's
		return root + "/package"
	}
	return home
}

// notify counts what a Composer reports to have installed ("Repositories",
// section notify-batch). Versions come normalised.
func (Composer) notify(q *format.Request) error {
	var report struct {
		Downloads []struct{ Name, Version string }
	}
	err := json.NewDecoder(http.MaxBytesReader(q.W, q.R.Body, 1<<20)).Decode(&report)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "a report has at most 1 MiB")
	case err != nil && !errors.Is(err, io.EOF):
		return fault.Wrap(fault.Invalid, err, `a report looks like {"downloads":[{"name":"acme/money","version":"1.0.0.0"}]}`)
	}
	const most = 2000
	what := make([]format.Coordinates, 0, min(len(report.Downloads), most))
	for _, d := range report.Downloads[:min(len(report.Downloads), most)] {
		what = append(what, format.Coordinates{Package: d.Name, Version: d.Version})
	}
	if err := q.Reg.Downloaded(q.Context(), what); err != nil {
		return err
	}
	return q.JSON(http.StatusCreated, map[string]string{"status": "success"})
}

package registry

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"text/template"

	"ingot.dev/modules/format"
	"ingot.dev/options"
	"ingot.dev/services/registry"
)

// openapi answers with the description of the API.
func (a *API) openapi(q *format.Request) error {
	return q.Bytes(http.StatusOK, "application/yaml", a.document) // RFC 9512
}

// describe makes the OpenAPI document: what stands in options/openapi, and
// behind it the addresses of the formats, which only the formats know.
func describe(kinds []*registry.Kind) []byte {
	const name = "formats.yaml.tmpl"
	document, err := options.Files.ReadFile("openapi/ingot.yaml")
	if err != nil {
		panic(err) // it is part of the program, as the template is
	}
	shape := template.Must(template.New(name).ParseFS(options.Files, "openapi/"+name))
	out := bytes.NewBuffer(document)
	for _, k := range kinds {
		if k.Uploading == nil {
			continue
		}
		if err := shape.Execute(out, described(k)); err != nil {
			panic(err)
		}
	}
	return out.Bytes()
}

// describedPath is a path of the document.
type describedPath struct {
	Title    string
	Path     string
	Params   []describedParam
	Put, Get string // ids of the operations, empty for none
}

type describedParam struct{ Name, Description string }

// described gives the paths of a format. A pattern that it both takes and
// gives files at is one path.
func described(k *registry.Kind) []*describedPath {
	up := k.Uploading.Upload()
	var paths []*describedPath
	add := func(pattern string) *describedPath {
		path, names := plain(join("/package", k.Info.ID, pattern))
		i := slices.IndexFunc(paths, func(p *describedPath) bool { return p.Path == path })
		if i < 0 {
			i = len(paths)
			paths = append(paths, &describedPath{Title: k.Info.Title, Path: path, Params: explain(up.Fields, names)})
		}
		return paths[i]
	}
	for i, pattern := range up.Put {
		add(pattern).Put = operation("publish", k, i)
	}
	for i, pattern := range up.Get {
		add(pattern).Get = operation("download", k, i)
	}
	return paths
}

// operation names an operation: publishNpm, and publishNpm2 for the format's
// second address.
func operation(verb string, k *registry.Kind, i int) string {
	id := k.Info.ID
	name := verb + strings.ToUpper(id[:1]) + id[1:]
	if i > 0 {
		name += fmt.Sprint(i + 1)
	}
	return name
}

// plain writes a pattern as OpenAPI does, which has no word for a parameter
// of several segments, and lists the names of its parameters.
func plain(pattern string) (path string, names []string) {
	path = strings.ReplaceAll(pattern, "...}", "}")
	for part := range strings.SplitSeq(path, "{") {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, name)
		}
	}
	return path, names
}

// explain describes parameters in the words of the form that asks for them.
func explain(fields []format.Field, names []string) []describedParam {
	params := make([]describedParam, len(names))
	for i, name := range names {
		params[i].Name = name
		for _, f := range fields {
			if f.Name == name {
				params[i].Description = f.Label.In("en")
			}
		}
	}
	return params
}

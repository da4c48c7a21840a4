package cargo

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"ingot.dev/modules/fault"
)

const (
	maxManifest = 256 << 10 // bytes of a Cargo.toml, most of which the index repeats

	// maxKeys bounds the keys of a Cargo.toml, counted by the signs around them:
	// to look for one that stands twice takes the reader of TOML time that grows
	// with the square of their number.
	maxKeys = 20_000
)

// table is a table of TOML. Its keys are looked up as they are: cargo knows
// only lower case, and a reader that folds it would see other dependencies.
type table map[string]any

// parseTOML reads a Cargo.toml. fault.Unprocessable, with the line, where it is
// none.
func parseTOML(text []byte) (table, error) {
	if n := bytes.Count(text, []byte("=")) + bytes.Count(text, []byte("[")) + bytes.Count(text, []byte(".")); n > maxKeys {
		return nil, fault.New(fault.Unprocessable, "Cargo.toml has more keys than are read; split the crate, or leave features out")
	}
	var root map[string]any
	err := toml.Unmarshal(text, &root)
	if at, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := at.Position()
		return nil, fault.Wrap(fault.Unprocessable, err, "Cargo.toml is no TOML at line %d, column %d: %s", line, column, strings.TrimPrefix(at.Error(), "toml: "))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unprocessable, err, "Cargo.toml is no TOML")
	}
	return root, nil
}

// reader reads tables and keeps the first thing that is wrong with them.
type reader struct{ err error }

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fault.New(fault.Unprocessable, format, args...)
	}
}

// wrong tells that a value is of another kind than it has to be.
func (r *reader) wrong(path, wanted string, v any) {
	if inherited, ok := v.(map[string]any); ok && inherited["workspace"] == true {
		r.fail("%s in Cargo.toml is that of a workspace: publish what cargo package makes, which has it filled in", path)
		return
	}
	r.fail("%s in Cargo.toml has to be %s", path, wanted)
}

// text gives a text, empty where there is none.
func (r *reader) text(t table, at, key string) string {
	v, there := t[key]
	if !there {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		r.wrong(at+key, "a string", v)
	}
	if strings.ContainsRune(s, 0) {
		r.fail("%s in Cargo.toml has a NUL in it", at+key)
	}
	return s
}

// flag gives a truth, and otherwise where there is none.
func (r *reader) flag(t table, at, key string, otherwise bool) bool {
	v, there := t[key]
	if !there {
		return otherwise
	}
	b, ok := v.(bool)
	if !ok {
		r.wrong(at+key, "true or false", v)
	}
	return b
}

// texts gives a list of texts, nil where there is none.
func (r *reader) texts(t table, at, key string) []string {
	v, there := t[key]
	if !there {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		r.wrong(at+key, "a list of strings", v)
		return nil
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok || strings.ContainsRune(s, 0) {
			r.wrong(at+key, "a list of strings", item)
			return nil
		}
		list = append(list, s)
	}
	return list
}

// table gives a table, an empty one where there is none.
func (r *reader) table(t table, at, key string) table {
	v, there := t[key]
	if !there {
		return nil
	}
	inner, ok := v.(map[string]any)
	if !ok {
		r.wrong(at+key, "a table", v)
	}
	return inner
}

// either gives the key that is there of two spellings: Cargo.toml once had _
// where it has - now.
func (t table) either(key string) string {
	if old := strings.ReplaceAll(key, "-", "_"); t[key] == nil && t[old] != nil {
		return old
	}
	return key
}

// keys gives the keys in order.
func (t table) keys() []string { return slices.Sorted(maps.Keys(t)) }

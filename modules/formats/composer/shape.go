package composer

import (
	"strconv"

	"ingot.dev/modules/ordered"
)

// A shape checks one value of a composer.json. path names the value, as in
// "authors.0.email"; the whole file's is empty.
type shape func(path string, v ordered.Value) *misfit

// misfit is a value of the wrong shape.
type misfit struct {
	path   string
	offset int
	must   string // "must be a string"
}

func kind(k ordered.Kind) shape {
	return func(path string, v ordered.Value) *misfit {
		if v.Kind == k {
			return nil
		}
		return &misfit{path, v.Offset, "must be " + k.String()}
	}
}

// listOf takes a list whose items have a shape; words describe the whole.
func listOf(item shape, words string) shape {
	return func(path string, v ordered.Value) *misfit {
		if v.Kind != ordered.Array {
			return &misfit{path, v.Offset, "must be " + words}
		}
		for i, it := range v.Items {
			if m := item(below(path, strconv.Itoa(i)), it); m != nil {
				return m
			}
		}
		return nil
	}
}

// mapOf takes an object whose values have a shape. An empty list passes too:
// PHP cannot tell the two apart and writes one for the other.
func mapOf(value shape, words string) shape {
	return func(path string, v ordered.Value) *misfit {
		if v.Kind != ordered.Map && (v.Kind != ordered.Array || len(v.Items) > 0) {
			return &misfit{path, v.Offset, "must be " + words}
		}
		for _, member := range v.Members {
			if m := value(below(path, member.Key), member.Value); m != nil {
				return m
			}
		}
		return nil
	}
}

// record takes an object with known fields; others pass as they are, and so
// does null, which to Composer is the absence of a field.
func record(fields map[string]shape) shape {
	return func(path string, v ordered.Value) *misfit {
		if m := anyObject(path, v); m != nil {
			return m
		}
		for _, member := range v.Members {
			check, known := fields[member.Key]
			if !known || member.Value.Kind == ordered.Null {
				continue
			}
			if m := check(below(path, member.Key), member.Value); m != nil {
				return m
			}
		}
		return nil
	}
}

// either takes a value of one kind, and what another shape takes; words
// describe both.
func either(k ordered.Kind, other shape, words string) shape {
	return func(path string, v ordered.Value) *misfit {
		if v.Kind == k {
			return nil
		}
		m := other(path, v)
		if m != nil && m.path == path {
			m.must = "must be " + words
		}
		return m
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func anything(string, ordered.Value) *misfit { return nil }

var (
	anyText    = kind(ordered.String)
	anyBool    = kind(ordered.Bool)
	anyObject  = mapOf(anything, "an object")
	textList   = listOf(anyText, "a list of strings")
	textMap    = mapOf(anyText, "an object of strings")
	textOrList = either(ordered.String, textList, "a string or a list of strings")
	folderMap  = mapOf(textOrList, "an object of folders")

	autoloadShape = record(map[string]shape{
		"psr-4": folderMap, "psr-0": folderMap,
		"classmap": textList, "files": textList, "exclude-from-classmap": textList,
	})
)

// manifestShape holds the fields that Composer reads without looking twice: a
// wrong shape in one published version would break the installs of all others,
// since all versions stand in one document.
var manifestShape = record(map[string]shape{
	"name": anyText, "version": anyText, "description": anyText, "type": anyText,
	"license": textOrList, "keywords": textList, "homepage": anyText, "readme": anyText,
	"time": anyText, "target-dir": anyText, "minimum-stability": anyText, "prefer-stable": anyBool,
	"authors": listOf(record(map[string]shape{
		"name": anyText, "email": anyText, "homepage": anyText, "role": anyText,
	}), "a list of objects"),
	"support": textMap,
	"funding": listOf(record(map[string]shape{"type": anyText, "url": anyText}), "a list of objects"),
	"require": textMap, "require-dev": textMap, "conflict": textMap,
	"replace": textMap, "provide": textMap, "suggest": textMap,
	"autoload": autoloadShape, "autoload-dev": autoloadShape,
	"include-path": textList, "bin": textOrList,
	"archive":   record(map[string]shape{"name": anyText, "exclude": textList}),
	"abandoned": either(ordered.Bool, anyText, "true, false or the name of the package to use instead"),
	"extra":     anyObject, "config": anyObject, "php-ext": anyObject, "scripts": anyObject,
})

package archive

import (
	"iter"
	"strings"
	"unicode/utf8"

	"ingot.dev/modules/ascii"
)

// nameFault tells what is wrong with the name of an entry, in words that
// follow "the name"; empty where nothing is. The name has to mean the same
// place on every system, inside the folder that the archive is unpacked to.
func nameFault(name string) string {
	switch {
	case name == "":
		return "is empty"
	case name[0] == '/':
		return "is absolute"
	case strings.Contains(name, `\`):
		return "holds a backslash"
	case len(name) > 1 && name[1] == ':' && ascii.IsLetter(name[0]):
		return "begins with a drive letter"
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case strings.ContainsFunc(name, isControl):
		return "holds a control character"
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "":
			return "holds an empty element"
		case ".", "..":
			return `holds the element "` + part + `"`
		}
	}
	return ""
}

// SameFile tells whether two names may be one file to a client: macOS and Windows
// take no notice of the case of letters, Windows none of dots and blanks at the end
// of an element.
func SameFile(a, b string) bool {
	for {
		this, restA, moreA := strings.Cut(a, "/")
		that, restB, moreB := strings.Cut(b, "/")
		if moreA != moreB || !strings.EqualFold(strings.TrimRight(this, ". "), strings.TrimRight(that, ". ")) {
			return false
		}
		if !moreA {
			return true
		}
		a, b = restA, restB
	}
}

// isControl takes the C0 and C1 controls, NUL among them.
func isControl(r rune) bool { return r < 0x20 || 0x7f <= r && r < 0xa0 }

// linkFault tells what is wrong with the target of the symbolic link at path,
// in words that follow "the link".
//
// A target may climb first and then only descend, never climb again: behind a
// name that is itself a link, ".." leads elsewhere than the text says. So
// every link that passes stays in the tree whatever the others are, as long as
// no entry lies below a link.
func linkFault(path, target string) string {
	switch {
	case target == "":
		return "has an empty target"
	case target[0] == '/':
		return "leads out of the archive"
	}
	depth := strings.Count(path, "/")
	rest := strings.TrimSuffix(target, "/")
	for {
		part, after, _ := strings.Cut(rest, "/")
		if part == ".." {
			depth--
		} else if part != "." {
			break
		}
		rest = after
	}
	if depth < 0 {
		return "leads out of the archive"
	}
	if why := nameFault(rest); rest != "" && why != "" {
		return "has a target that " + why
	}
	return ""
}

// parents yields every directory above path, the root's first.
func parents(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(path) {
			if path[i] == '/' && !yield(path[:i]) {
				return
			}
		}
	}
}

package container

import (
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// root is the first segment of the addresses.
const root = "v2"

// catalog is the address of the list of repositories, and what tokens for it
// are about. No repository can be called so.
const catalog = "_catalog"

// maxName is how long a name may be that clients put the host in front of
// (specification, "Pulling manifests").
const maxName = 255

// Root implements format.Rooted.
func (c *Container) Root() string { return root }

// Locate implements format.Rooted. The subject is the repository's name with
// its scope, in lower case and without "helm/", so that whatever spelling a
// client asked a token for, it is good for the others.
func (c *Container) Locate(segments []string) (path scope.Path, rest []string, subject string) {
	n := nameLen(segments)
	if n == 0 { // about no repository
		if len(segments) == 1 && segments[0] == catalog {
			subject = catalog
		}
		return scope.Path{Kind: scope.Service}, segments, subject
	}
	path, at, ok := locate(segments[:n])
	if !ok { // the image is missing: no route takes that
		return path, segments[:n], ""
	}
	return path, segments[at:], subjectOf(path, strings.Join(segments[at:n], "/"))
}

// nameLen gives the number of segments that are the name of a repository; zero
// where the address is about none. A name may hold any word, so that what
// follows it is told from the end.
func nameLen(segments []string) int {
	n := len(segments)
	if n < 3 {
		return 0
	}
	switch segments[n-2] {
	case "manifests", "blobs", "referrers":
		return n - 2
	case "tags":
		if segments[n-1] == "list" {
			return n - 2
		}
	case "uploads":
		if n > 3 && segments[n-3] == "blobs" {
			return n - 3
		}
	}
	return 0
}

// locate gives the scope that the name of a repository begins with, and where
// in the name the image begins. It is false where no image is left.
func locate(name []string) (path scope.Path, image int, ok bool) {
	if name[0] == "helm" && len(name) > 1 {
		path, image, ok = locate(name[1:])
		return path, image + 1, ok
	}
	if len(name) == 1 {
		return scope.Path{Kind: scope.Service}, 0, true
	}
	switch name[0] {
	case "project":
		if len(name) > 3 {
			return scope.Path{Kind: scope.Project, Owner: name[1], Name: name[2]}, 3, true
		}
	case "company":
		if len(name) > 2 {
			return scope.Path{Kind: scope.Company, Owner: name[1]}, 2, true
		}
	case "user":
		if len(name) > 2 {
			return scope.Path{Kind: scope.User, Owner: name[1]}, 2, true
		}
	default:
		return scope.Path{Kind: scope.Service}, 0, true
	}
	return scope.Path{Kind: scope.Service}, 0, false
}

// find is locate for a name that came in a parameter.
func find(name string) (path scope.Path, image, subject string, ok bool) {
	segments, ok := format.Segments(name)
	if !ok || len(segments) == 0 || len(name) > maxName {
		return path, "", "", false
	}
	path, at, ok := locate(segments)
	image = strings.Join(segments[at:], "/")
	return path, image, subjectOf(path, image), ok
}

// subjectOf gives the name of a repository with its scope.
func subjectOf(path scope.Path, image string) string {
	if path.Kind == scope.Service {
		return strings.ToLower(image)
	}
	return strings.ToLower(path.String() + "/" + image)
}

// repository gives the name of the image that a request is to change. What is
// stored under it has to be found again under root, by clients that bound the
// name together with the host.
func repository(q *format.Request) (string, error) {
	name := q.Param("name")
	if err := checkName(name); err != nil {
		return "", err
	}
	path, image, subject, ok := find(subjectOf(q.Scope.Path, name))
	if !ok || image != name || path.Kind != q.Scope.Kind {
		return "", fault.New(fault.Invalid, "the name %q cannot be one of the service's: project/, company/, user/ and helm/ lead elsewhere", name).At("name")
	}
	_, host, _ := strings.Cut(q.Root, "://")
	if len(host)+1+len(subject) > maxName {
		return "", fault.New(fault.Invalid, "the name %s/%s is longer than %d bytes, which clients do not take", host, subject, maxName).At("name")
	}
	return name, nil
}

// checkName holds a name to the specification ("Pulling manifests").
func checkName(name string) error {
	ok := len(name) <= maxName
	for part := range strings.SplitSeq(name, "/") {
		ok = ok && component(part)
	}
	if !ok {
		return fault.New(fault.Invalid, "the name %.300q is not allowed: lower case letters and digits, with . _ __ or - between them, in parts with / between them", name).At("name")
	}
	return nil
}

// component tells whether s is letters and digits with single separators
// between them: a dot, one or two underscores, or dashes.
func component(s string) bool {
	for {
		word := len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz0123456789"))
		if word == 0 {
			return false
		}
		if s = s[word:]; s == "" {
			return true
		}
		rest := strings.TrimLeft(s, "._-")
		switch separator := s[:len(s)-len(rest)]; {
		case separator == "":
			return false
		case separator == ".", separator == "_", separator == "__", strings.Trim(separator, "-") == "":
			s = rest
		default:
			return false
		}
	}
}

// isTag tells whether s is a tag by the specification.
func isTag(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_':
		case i > 0 && (b == '.' || b == '-'):
		default:
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// isDigest tells whether s is a digest of an algorithm that the registry has.
func isDigest(s string) bool {
	algorithm, digits, _ := strings.Cut(s, ":")
	switch algorithm {
	case "sha256":
		return len(digits) == 64 && hexadecimal(digits)
	case "sha512":
		return len(digits) == 128 && hexadecimal(digits)
	}
	return false
}

func hexadecimal(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

func checkDigest(s string) error {
	if !isDigest(s) {
		return fault.New(fault.Invalid, `%.200q is no digest: it is "sha256:" and 64, or "sha512:" and 128 lower case hex digits`, s).At("digest")
	}
	return nil
}

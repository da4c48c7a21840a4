package composer

import (
	"cmp"
	"strings"

	"ingot.dev/modules/ascii"
)

// Compare orders two normalised versions as Composer does: by numbers, then
// dev < alpha < beta < RC < stable < patch. Branches (dev-x), which Composer
// does not order, come before all numbers, by name. Versions that Composer
// holds equal though their text differs (1.01 and 1.1) are ordered by text, so
// that the order is total: 0 means the same text.
func Compare(a, b string) int {
	aBranch, bBranch := strings.HasPrefix(a, "dev-"), strings.HasPrefix(b, "dev-")
	switch {
	case aBranch && bBranch:
		return strings.Compare(a, b)
	case aBranch:
		return -1
	case bBranch:
		return 1
	}
	restA, restB := a, b
	for restA != "" || restB != "" {
		var partA, partB string
		partA, restA = nextPart(restA)
		partB, restB = nextPart(restB)
		if c := comparePart(partA, partB); c != 0 {
			return c
		}
	}
	return strings.Compare(a, b)
}

// nextPart takes the first run of digits or of letters off v; the part is
// empty at the end.
func nextPart(v string) (part, rest string) {
	v = strings.TrimLeft(v, ".-+_")
	if v == "" {
		return "", ""
	}
	end, number := 1, ascii.IsDigit(v[0])
	for end < len(v) && ascii.IsDigit(v[end]) == number && strings.IndexByte(".-+_", v[end]) < 0 {
		end++
	}
	return v[:end], v[end:]
}

func comparePart(a, b string) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 || a == "" || !ascii.IsDigit(a[0]) {
		return c
	}
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// rank puts a part among the others: the end of a version, which is the empty
// part, stands after its pre-releases and before further numbers and patches.
func rank(part string) int {
	switch {
	case part == "":
		return 5
	case ascii.IsDigit(part[0]):
		return 6
	case part == "dev":
		return 1
	case part == "alpha":
		return 2
	case part == "beta":
		return 3
	case part == "RC":
		return 4
	case part == "patch":
		return 7
	default:
		return 0
	}
}

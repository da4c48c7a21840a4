package composer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/fault"
)

// maxVersion bounds the length of a version in bytes, branch names included.
const maxVersion = 255

// Composer's grammar of versions, for text in lower case: the documentation's
// "Versions and constraints", in the detail that composer/semver 3.4 accepts.
var (
	modifier  = `[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*)?)?([.-]?dev)?$`
	numbered  = regexp.MustCompile(`^v?([0-9]{1,5})(\.[0-9]+)?(\.[0-9]+)?(\.[0-9]+)?` + modifier)
	dated     = regexp.MustCompile(`^v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3}){0,2})` + modifier)
	branched  = regexp.MustCompile(`^v?([0-9]+)(\.(?:[0-9]+|[x*]))?(\.(?:[0-9]+|[x*]))?(\.(?:[0-9]+|[x*]))?[.-]?dev$`)
	notDigit  = regexp.MustCompile(`[^0-9]`)
	buildData = regexp.MustCompile(`^([^+]+)\+.+$`)
	flagged   = regexp.MustCompile(`@(?:stable|rc|beta|alpha|dev)$`)
)

// stabilities maps each spelling of a stability to the word of the normalised
// form.
var stabilities = map[string]string{
	"a": "alpha", "alpha": "alpha", "b": "beta", "beta": "beta", "rc": "RC",
	"p": "patch", "pl": "patch", "patch": "patch",
}

// wild stands for the x of a branch such as 1.x in the normalised form.
const wild = "9999999"

// Normalize gives a version in the form that Composer compares: "v1.2" is
// "1.2.0.0", "1.0.0-beta2" is "1.0.0.0-beta2", "1.x-dev" is
// "1.9999999.9999999.9999999-dev", "dev-feature/x" stays. Build metadata
// (+text) has no part in it. It is not for its own results: "2010-01-02" is
// "2010.01.02", which read as a version is "2010.01.02.0".
//
// It takes what composer/semver takes, but for what only a constraint or a
// careless hand would write: white space and control characters, commas, bars
// and backslashes, aliases ("1.0 as 2.0"), stability flags ("1.0@beta"), a
// branch without a name or with one that no address can hold ("dev-a//b",
// "dev-a/../b"), and more than 255 bytes. "1.0-STABLE" is "1.0-stable", which
// is 1.0. The fault is Unprocessable.
func Normalize(version string) (string, error) {
	if normal, ok := normalize(version); ok {
		return normal, nil
	}
	shown := version
	if len(shown) > 64 {
		shown = strings.ToValidUTF8(shown[:64], "") + "..."
	}
	return "", fault.New(fault.Unprocessable,
		"Invalid version string %q: write up to four numbers, as in 1.2.3, with -alpha1, -beta1, -RC1, -patch1 or -dev behind them if needed, or dev- and a branch's name", shown)
}

func normalize(version string) (string, bool) {
	if version == "" || len(version) > maxVersion || !utf8.ValidString(version) || strings.ContainsFunc(version, foreign) {
		return "", false
	}
	low := lower(version)
	if flagged.MatchString(low) {
		return "", false
	}
	if version == "master" || version == "trunk" || version == "default" {
		return "dev-" + version, true
	}
	if branch, ok := strings.CutPrefix(low, "dev-"); ok {
		return "dev-" + version[len("dev-"):], branch != "" && addressable(version)
	}
	if m := buildData.FindStringSubmatch(low); m != nil {
		if !addressable(version) {
			return "", false
		}
		low = m[1]
	}
	if m := numbered.FindStringSubmatch(low); m != nil {
		base := m[1]
		for _, part := range m[2:5] {
			if part == "" {
				part = ".0"
			}
			base += part
		}
		return modify(base, m[5:]), true
	}
	if m := dated.FindStringSubmatch(low); m != nil {
		return modify(notDigit.ReplaceAllString(m[1], "."), m[2:]), true
	}
	if m := branched.FindStringSubmatch(low); m != nil {
		base := m[1]
		for _, part := range m[2:] {
			if part == "" || part == ".x" || part == ".*" {
				part = "." + wild
			}
			base += part
		}
		return base + "-dev", true
	}
	return "", false
}

// modify appends what modifier matched - word, number, dev - to base.
func modify(base string, m []string) string {
	word, number, dev := m[0], m[1], m[2]
	if word == "stable" {
		return base
	}
	if word != "" {
		base += "-" + stabilities[word] + strings.TrimLeft(number, ".-")
	}
	if dev != "" {
		base += "-dev"
	}
	return base
}

// addressable tells whether the parts of a version between slashes can be
// those of a path: an archive whose address holds an empty part or one of dots
// is never asked for again as it was named. Git has no such branches either.
func addressable(version string) bool {
	for part := range strings.SplitSeq(version, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// foreign tells of characters that no version holds, because they part
// constraints or paths, or are not seen.
func foreign(r rune) bool {
	return r == ',' || r == '|' || r == '\\' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// lower is strings.ToLower for ASCII alone: beyond it, letters exist whose
// lower case is an ASCII letter.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}

// IsDev tells whether a normalised version is a branch's: such versions stand
// in the ~dev document.
func IsDev(normal string) bool {
	return strings.HasPrefix(normal, "dev-") || strings.HasSuffix(normal, "-dev")
}

// Stability gives the stability of a normalised version in Composer's words:
// "dev", "alpha", "beta", "RC" or "stable". A patch is stable.
func Stability(normal string) string {
	if IsDev(normal) {
		return "dev"
	}
	_, suffix, _ := strings.Cut(normal, "-")
	for _, word := range []string{"alpha", "beta", "RC"} {
		if strings.HasPrefix(suffix, word) {
			return word
		}
	}
	return "stable"
}

// FromTag gives the version that a repository's tag stands for, without a
// leading v: "v1.2.3" is "1.2.3", "release-1.0" is "1.0", "2.0-RC1" stays.
// It is false for a tag that Composer passes over: one that is no version
// ("docs-2026") or that is a branch's version ("1.0-dev", "dev-x").
func FromTag(tag string) (version string, ok bool) {
	version = strings.ReplaceAll(tag, "release-", "")
	normal, ok := normalize(version)
	if !ok || IsDev(normal) {
		return "", false
	}
	if version[0] == 'v' || version[0] == 'V' {
		version = version[1:]
	}
	return version, true
}

package setting

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// prefix begins every variable of the environment that is a setting.
const prefix = "INGOT__"

func envName(section, name string) string {
	return prefix + strings.ToUpper(section) + "__" + name
}

// value is a text that somebody set, and where.
type value struct{ text, origin string }

// Load makes a configuration from the defaults, then the file, then the
// variables INGOT__SECTION__KEY in environ, which has the form of os.Environ.
// An empty file name means no file. The error names everything that is wrong,
// one fault a line, each with the place and what to write instead.
func Load(file string, environ []string) (*Config, error) {
	c := &Config{}
	known := keys(c)
	set := map[string]value{} // by key.String
	var faults []error
	if file != "" {
		faults = append(faults, readFile(file, known, set)...)
	}
	faults = append(faults, readEnviron(environ, known, set)...)
	for _, k := range known {
		v, ok := set[k.String()]
		if !ok {
			v = value{k.fallback, k.String()}
		}
		if err := k.set(v.text); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", v.origin, err))
		}
	}
	if len(faults) == 0 {
		faults = append(faults, c.check())
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("the configuration is wrong:\n%w", err)
	}
	return c, nil
}

// readFile adds what the file sets.
func readFile(file string, known []key, set map[string]value) (faults []error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return []error{err}
	}
	entries, broken := parse(string(data))
	for _, err := range broken {
		faults = append(faults, fmt.Errorf("%s:%w", file, err))
	}
	for _, e := range entries {
		where := fmt.Sprintf("%s:%d: ", file, e.line)
		if e.name == "" {
			if !hasSection(known, e.section) {
				faults = append(faults, fmt.Errorf("%sthere is no section [%s]; the nearest is [%s]",
					where, e.section, nearest(known, e.section, "").section))
			}
			continue
		}
		if e.section == "" {
			faults = append(faults, fmt.Errorf("%s%s belongs to no [section]", where, e.name))
			continue
		}
		if !hasSection(known, e.section) {
			continue // said once, at its head
		}
		where += key{section: e.section, name: e.name}.String()
		i := slices.IndexFunc(known, func(k key) bool { return k.section == e.section && k.name == e.name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("%s is not known; the nearest is %s", where, nearest(known, e.section, e.name)))
			continue
		}
		if before, twice := set[known[i].String()]; twice {
			faults = append(faults, fmt.Errorf("%s is set already at %s", where, before.origin))
			continue
		}
		set[known[i].String()] = value{e.text, where}
	}
	return faults
}

func hasSection(known []key, section string) bool {
	return slices.ContainsFunc(known, func(k key) bool { return k.section == section })
}

// readEnviron adds what the environment sets.
func readEnviron(environ []string, known []key, set map[string]value) (faults []error) {
	for _, assignment := range environ {
		variable, text, _ := strings.Cut(assignment, "=")
		rest, ours := strings.CutPrefix(variable, prefix)
		if !ours {
			continue
		}
		i := slices.IndexFunc(known, func(k key) bool { return k.env() == variable })
		if i < 0 {
			section, name, _ := strings.Cut(rest, "__")
			faults = append(faults, fmt.Errorf("%s in the environment is not known; the nearest is %s",
				variable, nearest(known, strings.ToLower(section), name).env()))
			continue
		}
		set[known[i].String()] = value{text, variable}
	}
	return faults
}

// nearest finds the known key that was most likely meant, by its section alone
// where name is empty.
func nearest(known []key, section, name string) key {
	return slices.MinFunc(known, func(a, b key) int {
		return a.far(section, name) - b.far(section, name)
	})
}

// far tells how unlike k is to what was written. A slip in a long name must
// not weigh more than being in the right section.
func (k key) far(section, name string) int {
	far := distance(k.section, strings.ToLower(section))
	if name != "" {
		far += 3 * distance(k.name, strings.ToUpper(name))
	}
	return far
}

// distance is the number of letters to add, drop or change between a and b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

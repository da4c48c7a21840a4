package helm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/fault"
)

// Bounds of a Chart.yaml. The index of a whole registry repeats it.
const (
	maxChartFile  = 256 << 10 // bytes, with what its aliases stand for
	maxChartDepth = 32
	maxKeys       = 2_000 // of one map: the decoder compares each with each
	maxAnnotation = 256   // bytes of a key; YAML takes no key of more than 1,024
)

// Chart is what a Chart.yaml says ("Charts", the Chart.yaml file), as an entry of
// the index repeats it. The keys are those that Helm's strict parser knows.
type Chart struct {
	APIVersion   string            `yaml:"apiVersion" json:"apiVersion"`
	Name         string            `yaml:"name" json:"name"`
	Version      string            `yaml:"version" json:"version"`
	AppVersion   string            `yaml:"appVersion" json:"appVersion,omitempty"`
	Description  string            `yaml:"description" json:"description,omitempty"`
	Type         string            `yaml:"type" json:"type,omitempty"`
	KubeVersion  string            `yaml:"kubeVersion" json:"kubeVersion,omitempty"`
	Home         string            `yaml:"home" json:"home,omitempty"`
	Icon         string            `yaml:"icon" json:"icon,omitempty"`
	Condition    string            `yaml:"condition" json:"condition,omitempty"`
	Tags         string            `yaml:"tags" json:"tags,omitempty"`
	Deprecated   bool              `yaml:"deprecated" json:"deprecated,omitempty"`
	Sources      []string          `yaml:"sources" json:"sources,omitempty"`
	Keywords     []string          `yaml:"keywords" json:"keywords,omitempty"`
	Maintainers  []*Maintainer     `yaml:"maintainers" json:"maintainers,omitempty"`
	Annotations  map[string]string `yaml:"annotations" json:"annotations,omitempty"`
	Dependencies []*Dependency     `yaml:"dependencies" json:"dependencies,omitempty"`
}

// Maintainer is who looks after a chart.
type Maintainer struct {
	Name  string `yaml:"name" json:"name,omitempty"`
	Email string `yaml:"email" json:"email,omitempty"`
	URL   string `yaml:"url" json:"url,omitempty"`
}

// Dependency is a chart that a chart needs.
type Dependency struct {
	Name       string   `yaml:"name" json:"name"`
	Version    string   `yaml:"version" json:"version,omitempty"`
	Repository string   `yaml:"repository" json:"repository"`
	Condition  string   `yaml:"condition" json:"condition,omitempty"`
	Tags       []string `yaml:"tags" json:"tags,omitempty"`
	Enabled    bool     `yaml:"enabled" json:"enabled,omitempty"`
	Alias      string   `yaml:"alias" json:"alias,omitempty"`
}

// chartKeys are all keys of a Chart.yaml.
var chartKeys = [...]string{
	"apiVersion", "name", "version", "appVersion", "description", "type", "kubeVersion", "home", "icon", "condition", "tags",
	"deprecated", "sources", "keywords", "maintainers", "annotations", "dependencies",
}

// ParseChart reads a Chart.yaml. Keys that Helm does not know are passed over,
// as Helm does. fault.Unprocessable names what is wrong, fault.Invalid where it
// is the name or version.
func ParseChart(text []byte) (*Chart, error) {
	c := &Chart{}
	if err := decode("Chart.yaml", text, c); err != nil {
		return nil, err
	}
	if c.APIVersion == "" {
		c.APIVersion = "v1" // Helm 2 wrote none
	}
	return c, c.check()
}

// parseRequirements reads a requirements.yaml, in which charts of version v1
// have their dependencies. Helm takes the name and version of a chart from it
// too; here it has nothing but dependencies.
func parseRequirements(text []byte) ([]*Dependency, error) {
	var only struct {
		Dependencies []*Dependency  `yaml:"dependencies"`
		Others       map[string]any `yaml:",inline"`
	}
	if err := decode("requirements.yaml", text, &only); err != nil {
		return nil, err
	}
	if len(only.Others) > 0 {
		return nil, broken("requirements.yaml", "it has other keys than dependencies; move them to Chart.yaml")
	}
	return only.Dependencies, checkDependencies("requirements.yaml", only.Dependencies)
}

func broken(file, why string, args ...any) *fault.Fault {
	return fault.New(fault.Unprocessable, "%s is refused: %s", file, fmt.Sprintf(why, args...))
}

// decode reads a file of one YAML document into v.
func decode(file string, text []byte, v any) error {
	in := yaml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	var doc yaml.Node
	if err := in.Decode(&doc); errors.Is(err, io.EOF) {
		return broken(file, "it is empty")
	} else if err != nil {
		return wrong(file, err)
	}
	var more yaml.Node
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		return broken(file, "more than one YAML document is in it")
	}
	left := maxChartFile
	if !weigh(&doc, maxChartDepth, &left) {
		return broken(file, "it has more than %d bytes, is nested deeper than %d or has more than %d keys in one map, what its aliases stand for included", maxChartFile, maxChartDepth, maxKeys)
	}
	var keys map[string]yaml.Node
	if err := doc.Decode(&keys); err != nil {
		return wrong(file, err)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		for _, known := range chartKeys {
			if key != known && strings.EqualFold(key, known) {
				return broken(file, "it has the key %q, which Helm takes for %s; write %s", key, known, known)
			}
		}
	}
	if err := doc.Decode(v); err != nil {
		return wrong(file, err)
	}
	return nil
}

func wrong(file string, err error) error {
	text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", "")
	return fault.Wrap(fault.Unprocessable, err, "%s is refused: %s", file, printable(text[:min(len(text), 300)]))
}

// weigh takes the bytes of a node, and of what its aliases stand for, from
// left, and tells whether they suffice and it is within the other bounds.
func weigh(n *yaml.Node, depth int, left *int) bool {
	if *left -= len(n.Value) + 1; *left < 0 || depth < 0 || n.Kind == yaml.MappingNode && len(n.Content) > 2*maxKeys {
		return false
	}
	if n.Kind == yaml.AliasNode {
		return weigh(n.Alias, depth-1, left)
	}
	for _, child := range n.Content {
		if !weigh(child, depth-1, left) {
			return false
		}
	}
	return true
}

// check holds a chart to what Helm wants of it, and makes its texts those that
// Helm makes of them.
func (c *Chart) check() error {
	if c.Name == "" || c.Version == "" {
		return broken("Chart.yaml", "it has to say the name and the version of the chart")
	}
	if _, err := CanonicalName(c.Name); err != nil {
		return err
	}
	if _, err := CanonicalVersion(c.Version); err != nil {
		return err
	}
	switch file := fileName(c.Name, c.Version); {
	case len(file)+len(proofSuffix)-len(chartSuffix) > maxFile:
		return broken("Chart.yaml", "name and version are too long together: %d bytes, with %d for the name of a file", len(file), maxFile)
	case c.APIVersion != "v1" && c.APIVersion != "v2":
		return broken("Chart.yaml", "the apiVersion %.40q is none of v1 and v2", c.APIVersion)
	case c.Type != "" && c.Type != "application" && c.Type != "library":
		return broken("Chart.yaml", "the type %.40q is none of application and library", c.Type)
	}
	tidy(&c.AppVersion, &c.Description, &c.KubeVersion, &c.Home, &c.Icon, &c.Condition, &c.Tags)
	tidyAll(c.Sources, c.Keywords)
	for _, m := range c.Maintainers {
		if m == nil {
			return broken("Chart.yaml", "maintainers has an empty entry")
		}
		tidy(&m.Name, &m.Email, &m.URL)
	}
	annotations := map[string]string{}
	for key, value := range c.Annotations {
		if key = printable(key); len(key) > maxAnnotation {
			return broken("Chart.yaml", "the key %.40q of an annotation has more than %d bytes", key, maxAnnotation)
		}
		annotations[key] = lines(value)
	}
	c.Annotations = annotations
	return checkDependencies("Chart.yaml", c.Dependencies)
}

// aliasForm is that of Helm.
var aliasForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// checkDependencies refuses what Helm does: it would drop the chart from the
// index.
func checkDependencies(file string, list []*Dependency) error {
	seen := map[string]bool{}
	for _, d := range list {
		if d == nil {
			return broken(file, "dependencies has an empty entry")
		}
		tidy(&d.Name, &d.Version, &d.Repository, &d.Condition)
		tidyAll(d.Tags)
		key := d.Name
		if d.Alias != "" {
			key = d.Alias
		}
		switch {
		case d.Name == "":
			return broken(file, "a dependency has no name")
		case d.Alias != "" && !aliasForm.MatchString(d.Alias):
			return broken(file, "the alias %.40q of a dependency may have letters, digits, - and _ only", d.Alias)
		case seen[key]:
			return broken(file, "two dependencies are called %.100q; give one an alias", key)
		}
		seen[key] = true
	}
	return nil
}

// tidy makes texts printable.
func tidy(texts ...*string) {
	for _, t := range texts {
		*t = printable(*t)
	}
}

func tidyAll(lists ...[]string) {
	for _, list := range lists {
		for i := range list {
			tidy(&list[i])
		}
	}
}

// printable is a line of text, as Helm makes it of any: YAML takes nothing else.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// lines is printable text of several lines.
func lines(text string) string {
	parts := strings.Split(text, "\n")
	tidyAll(parts)
	return strings.Join(parts, "\n")
}

// record is a chart as it is kept, and as an entry of the index begins.
func (c *Chart) record() (json.RawMessage, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(c)
	return bytes.TrimSpace(b.Bytes()), err
}

package conda

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// indexLimits bound info/index.json. Every repodata repeats it.
var indexLimits = ordered.Limits{Bytes: 256 << 10, Depth: 16, Values: 20_000}

const (
	maxSpec  = 1024  // bytes of one dependency
	maxSpecs = 2_000 // dependencies in one list; the longest that is known has some hundreds
)

// index is what info/index.json says (CEP 34).
type index struct {
	fileName        // without its extension
	subdir   string // with what noarch says where it is silent
	fields   []ordered.Member
}

// kind is how clients read a key. Clients are strict: one value of another kind
// makes the whole channel unusable to them.
type kind uint8

const (
	text     kind = iota
	whole         // a number without sign, fraction and exponent
	moment        // seconds or milliseconds since 1970, before the year 10000
	specs         // a list of dependencies; null stands for none
	words         // a list of texts
	features      // a text or a list of texts
	groups        // lists of dependencies by name
	generic       // "python", "generic", or true for the latter
	purls         // a list of package URLs
	ours          // only the server may fill it
	novel         // not known here
)

// known are the keys of a record that clients read.
var known = map[string]kind{
	"name": text, "version": text, "build": text, "subdir": text, "arch": text, "platform": text, "license": text,
	"license_family": text, "features": text, "python_site_packages_path": text,
	"build_number": whole, "timestamp": moment, "schema_version": whole,
	"depends": specs, "constrains": specs, "extra_depends": groups, "experimental_extra_depends": groups, "flags": words, "track_features": features,
	"noarch": generic, "purls": purls,
	"md5": ours, "sha256": ours, "size": ours, "fn": ours, "url": ours, "channel": ours, "schannel": ours,
	"legacy_bz2_md5": ours, "legacy_bz2_size": ours, "indexed_timestamp": ours, "run_exports": ours, "signatures": ours,
}

// lastMillisecond is the end of the year 9999.
const lastMillisecond = 253_402_300_799_999

var (
	wholeForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`)
	purlForm  = regexp.MustCompile(`^pkg:[a-z][a-z0-9.+-]*/[^\s]+$`)
)

// parseIndex reads info/index.json. What clients stumble over is mended where its
// meaning is plain, as depends of null, and refused where not.
func parseIndex(raw []byte) (*index, error) {
	v, err := parseObject(raw, indexLimits, "info/index.json")
	if err != nil {
		return nil, err
	}
	x := &index{}
	for _, m := range v.Members {
		k, listed := known[m.Key]
		switch {
		case !listed:
			k = novel
		case k == ours:
			continue
		case m.Value.Kind == ordered.Null:
			continue
		case k == generic && (m.Value.Text == "false" || m.Value.Text == ""): // a word for nothing
			continue
		}
		if why := k.fault(m.Value); why != "" {
			return nil, fault.New(fault.Invalid, "info/index.json: %.110s %s", m.Key, why)
		}
		x.fields = append(x.fields, m)
	}
	x.fileName = fileName{name: x.text("name"), version: x.text("version"), build: x.text("build")}
	x.subdir = x.text("subdir")
	if _, generic := x.lookup("noarch"); x.subdir == "" && generic {
		x.subdir = noarch
	}
	return x, x.check()
}

// parseObject reads a JSON object within bounds.
func parseObject(raw []byte, limits ordered.Limits, name string) (ordered.Value, error) {
	v, err := ordered.Parse(raw, limits)
	var wrong *ordered.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return v, fault.Wrap(fault.Invalid, err, "%s is malformed: %v", name, wrong)
	case err != nil:
		return v, err
	case v.Kind != ordered.Map:
		return v, fault.New(fault.Invalid, "%s is %s; it has to be an object", name, v.Kind)
	}
	return v, nil
}

// fault says what is wrong with a value; nothing where it is as it has to be.
func (k kind) fault(v ordered.Value) string {
	each := func(check func(ordered.Value) string) string {
		if v.Kind != ordered.Array {
			return "has to be a list"
		}
		for _, item := range v.Items {
			if why := check(item); why != "" {
				return "has an entry that " + why
			}
		}
		return ""
	}
	switch k {
	case whole:
		if v.Kind != ordered.Number || !wholeForm.MatchString(v.Text) {
			return "has to be a whole number of at most 18 digits"
		}
	case moment:
		if n, err := strconv.ParseInt(v.Text, 10, 64); v.Kind != ordered.Number || err != nil || n < 0 || n > lastMillisecond {
			return "has to be a time in milliseconds since 1970"
		}
	case specs:
		if len(v.Items) > maxSpecs {
			return "has more than " + strconv.Itoa(maxSpecs) + " entries"
		}
		return each(specFault)
	case words:
		return each(textFault)
	case features:
		if v.Kind != ordered.String {
			return each(textFault)
		}
	case groups:
		if v.Kind != ordered.Map {
			return "has to be an object"
		}
		for _, m := range v.Members {
			if why := specs.fault(m.Value); why != "" {
				return fmt.Sprintf("has a list of %.110q that %s", m.Key, why)
			}
		}
	case generic:
		if v.Kind != ordered.Bool && (v.Kind != ordered.String || v.Text != "python" && v.Text != "generic") {
			return `has to be "python" or "generic"`
		}
	case purls:
		return each(func(v ordered.Value) string {
			if v.Kind != ordered.String || !purlForm.MatchString(v.Text) {
				return "is no package URL"
			}
			return ""
		})
	case novel:
		return numberFault(v)
	default:
		return textFault(v)
	}
	return ""
}

// numberFault finds a whole number that has no place in 64 bits, with or without a
// sign: simdjson, with which libmamba reads a repodata, refuses all of it for one.
// Numbers with a fraction or an exponent are read into a float64, which holds them.
func numberFault(v ordered.Value) string {
	if v.Kind == ordered.Number && !strings.ContainsAny(v.Text, ".eE") {
		_, signed := strconv.ParseInt(v.Text, 10, 64)
		_, unsigned := strconv.ParseUint(v.Text, 10, 64)
		if signed != nil && unsigned != nil {
			return fmt.Sprintf("has the number %.40s, which does not fit into 64 bits: clients could not read the index", v.Text)
		}
	}
	for _, item := range v.Items {
		if why := numberFault(item); why != "" {
			return why
		}
	}
	for _, m := range v.Members {
		if why := numberFault(m.Value); why != "" {
			return why
		}
	}
	return ""
}

func textFault(v ordered.Value) string {
	if v.Kind != ordered.String {
		return "has to be a text, and is " + v.Kind.String()
	}
	return ""
}

func specFault(v ordered.Value) string {
	switch {
	case v.Kind != ordered.String:
		return "is " + v.Kind.String() + " and no dependency"
	case strings.TrimSpace(v.Text) == "":
		return "is empty"
	case len(v.Text) > maxSpec:
		return "has more than " + strconv.Itoa(maxSpec) + " bytes"
	case strings.ContainsFunc(v.Text, unicode.IsControl):
		return "has a control character"
	}
	if name, _ := cutName(v.Text); name == "" {
		return fmt.Sprintf("names no package: %.110q", v.Text)
	}
	return ""
}

func (x *index) lookup(key string) (ordered.Value, bool) {
	return ordered.Value{Kind: ordered.Map, Members: x.fields}.Lookup(key)
}

func (x *index) text(key string) string {
	v, _ := x.lookup(key)
	return v.Text
}

// check refuses a package that says too little of itself.
func (x *index) check() error {
	c := (*Conda)(nil)
	if canon, err := c.CanonicalName(x.name); err != nil {
		return err
	} else if canon != x.name {
		return fault.New(fault.Invalid, "info/index.json: the name %.110q has upper-case letters, which package names may not have; %.110q would do", x.name, canon)
	}
	if _, err := c.CanonicalVersion(x.version); err != nil {
		return err
	}
	switch {
	case len(x.build) > maxBuild || !buildForm.MatchString(x.build):
		return fault.New(fault.Invalid, "info/index.json: the build %.110q is not allowed: up to %d letters, digits and . _ +", x.build, maxBuild)
	case !isSubdir(x.subdir):
		return fault.New(fault.Invalid, "info/index.json: the subdir %.110q is not allowed: noarch, or system and processor as in linux-64", x.subdir)
	case len(x.fileName.String())+len(first) > maxFile:
		return fault.New(fault.Invalid, "the name, version and build have more than %d characters together", maxFile-len(first))
	}
	return nil
}

// record makes what repodata says of a build, but for what depends on its
// neighbours: info/index.json and what is known of the file.
func (x *index) record(size int64, d blob.Digests) json.RawMessage {
	fields := slices.Clone(x.fields)
	set := func(key string, v ordered.Value) {
		fields = slices.DeleteFunc(fields, func(m ordered.Member) bool { return m.Key == key })
		fields = append(fields, ordered.Member{Key: key, Value: v})
	}
	for key, empty := range map[string]ordered.Value{"depends": {Kind: ordered.Array}, "build_number": {Kind: ordered.Number, Text: "0"}} {
		if _, ok := x.lookup(key); !ok {
			set(key, empty)
		}
	}
	set("subdir", ordered.Value{Kind: ordered.String, Text: x.subdir})
	set("md5", ordered.Value{Kind: ordered.String, Text: d.MD5})
	set("sha256", ordered.Value{Kind: ordered.String, Text: d.SHA256})
	set("size", ordered.Value{Kind: ordered.Number, Text: strconv.FormatInt(size, 10)})
	slices.SortFunc(fields, func(a, b ordered.Member) int { return strings.Compare(a.Key, b.Key) })
	return ordered.Value{Kind: ordered.Map, Members: fields}.AppendJSON(nil)
}

// build is what is kept about each file.
type build struct {
	Record     json.RawMessage
	RunExports json.RawMessage // empty where there are none
	Traits     []string        // see channeldata.json
}

// text writes what is kept, the record last: see buildOf.
func (b build) text() json.RawMessage {
	var o ordered.Object
	if len(b.RunExports) > 0 {
		o.Set("run_exports", b.RunExports)
	}
	if len(b.Traits) > 0 {
		o.Set("traits", ordered.Quote(strings.Join(b.Traits, " ")))
	}
	o.Set("record", b.Record)
	return o.AppendJSON(nil)
}

// recordAlone is how text begins where it has the record and nothing else.
var recordAlone = []byte(`{"record":`)

// buildOf reads what was kept about a file. Indexes do so for each of their files,
// most of which have nothing but a record: that is taken as it is.
func buildOf(f *format.File) (build, error) {
	var b build
	if len(f.Metadata) == 0 {
		return b, nil
	}
	if record, ok := bytes.CutPrefix(f.Metadata, recordAlone); ok {
		b.Record = record[:len(record)-1]
		return b, nil
	}
	o, err := ordered.ParseObject(f.Metadata)
	b.Record, _ = o.Lookup("record")
	b.RunExports, _ = o.Lookup("run_exports")
	traits, _ := o.Lookup("traits")
	b.Traits = strings.Fields(strings.Trim(string(traits), `"`)) // they need no escapes
	return b, err
}

// about is what is kept about a version, from info/about.json of its first build.
type about struct {
	Licence     string   `json:"license,omitempty"`
	Summary     string   `json:"summary,omitempty"`
	Home        string   `json:"home,omitempty"`
	Development string   `json:"dev_url,omitempty"`
	Docs        string   `json:"doc_url,omitempty"`
	Source      string   `json:"source_url,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
}

// aboutLimits bound info/about.json: conda-build lists the whole environment of
// the build there.
var aboutLimits = ordered.Limits{Bytes: 1 << 20, Depth: 64, Values: 100_000}

// parseAbout reads info/about.json (CEP 34), of which only some is kept, and the
// longer text apart. Values of a kind that a page cannot show are passed over:
// nothing depends on them.
func parseAbout(raw []byte) (a about, description string, err error) {
	v, err := parseObject(raw, aboutLimits, "info/about.json")
	if err != nil {
		return a, "", err
	}
	return about{
		Licence: single(v, "license"), Summary: single(v, "summary"), Home: single(v, "home"),
		Development: single(v, "dev_url"), Docs: single(v, "doc_url"), Source: single(v, "source_url"),
		Keywords: append(texts(v, "keywords"), texts(v, "tags")...),
	}, single(v, "description"), nil
}

// texts gives the texts of a key that holds one or several.
func texts(v ordered.Value, key string) []string {
	value, _ := v.Lookup(key)
	var out []string
	for _, item := range append(value.Items, value) {
		if item.Kind == ordered.String && strings.TrimSpace(item.Text) != "" {
			out = append(out, item.Text)
		}
	}
	return out
}

func single(v ordered.Value, key string) string {
	if all := texts(v, key); len(all) > 0 {
		return all[0]
	}
	return ""
}

// exportsLimits bound info/run_exports.json.
var exportsLimits = ordered.Limits{Bytes: 64 << 10, Depth: 8, Values: 5_000}

// parseRunExports reads info/run_exports.json (CEP 12, 34): dependencies by
// strength, or a list of the weak ones.
func parseRunExports(raw []byte) (json.RawMessage, error) {
	v, err := ordered.Parse(raw, exportsLimits)
	if err == nil && v.Kind == ordered.Array {
		v = ordered.Value{Kind: ordered.Map, Members: []ordered.Member{{Key: "weak", Value: v}}}
		raw = v.AppendJSON(nil)
	}
	if v, err = parseObject(raw, exportsLimits, "info/run_exports.json"); err != nil {
		return nil, err
	}
	out := ordered.Value{Kind: ordered.Map}
	for _, m := range v.Members {
		if m.Key == "schema_version" || m.Value.Kind == ordered.Null {
			continue
		}
		if why := specs.fault(m.Value); why != "" {
			return nil, fault.New(fault.Invalid, "info/run_exports.json: %.110s %s", m.Key, why)
		}
		if len(m.Value.Items) > 0 {
			out.Members = append(out.Members, m)
		}
	}
	if len(out.Members) == 0 {
		return nil, nil
	}
	return out.AppendJSON(nil), nil
}

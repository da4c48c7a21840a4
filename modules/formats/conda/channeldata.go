package conda

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// channelPackage is what channeldata.json tells of a package (CEP 38).
type channelPackage struct {
	Activates    bool                       `json:"activate.d"`
	BinaryPrefix bool                       `json:"binary_prefix"`
	Deactivates  bool                       `json:"deactivate.d"`
	Development  string                     `json:"dev_url,omitempty"`
	Docs         string                     `json:"doc_url,omitempty"`
	Home         string                     `json:"home,omitempty"`
	Licence      string                     `json:"license,omitempty"`
	PostLink     bool                       `json:"post_link"`
	PreLink      bool                       `json:"pre_link"`
	PreUnlink    bool                       `json:"pre_unlink"`
	RunExports   map[string]json.RawMessage `json:"run_exports"`
	Source       string                     `json:"source_url,omitempty"`
	Subdirs      []string                   `json:"subdirs"`
	Summary      string                     `json:"summary,omitempty"`
	TextPrefix   bool                       `json:"text_prefix"`
	Timestamp    int64                      `json:"timestamp"` // seconds
	Version      string                     `json:"version"`
}

// buildChanneldata writes channeldata.json: of the newest version what it is, of
// all what clients do with them.
func buildChanneldata(ctx context.Context, b format.Build, w io.Writer) error {
	prefix := ""
	if b.Key != "" {
		prefix = b.Key + "/"
	}
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	_, _ = out.WriteString(`{"channeldata_version":1,"packages":{`) // Flush gives the error
	subdirs := map[string]bool{noarch: true}
	some := false
	for versions, err := range b.Reg.Each(ctx, format.Filter{Files: prefix}) {
		if err != nil {
			return err
		}
		p, err := inChannel(versions, b.Key)
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		if some {
			_ = out.WriteByte(',')
		}
		some = true
		for _, s := range p.Subdirs {
			subdirs[s] = true
		}
		_, _ = out.WriteString(`"` + versions[0].Package + `":`) // names need no escapes
		if err := enc.Encode(p); err != nil {
			return err
		}
	}
	if !some && b.Key != "" {
		return fault.New(fault.NotFound, "there is no channel %.110q here", b.Key)
	}
	_, _ = out.WriteString(`},"subdirs":`)
	if err := enc.Encode(slices.Sorted(maps.Keys(subdirs))); err != nil {
		return err
	}
	_, _ = out.WriteString("}\n")
	return out.Flush()
}

// inChannel gathers what a channel has of a package; nil where it has nothing.
func inChannel(versions []*format.Version, channel string) (*channelPackage, error) {
	p := &channelPackage{RunExports: map[string]json.RawMessage{}}
	subdirs, found := map[string]bool{}, map[string]bool{}
	for _, v := range versions {
		here := false
		for _, f := range v.Files {
			in, subdir := path.Split(path.Dir(f.Name))
			if strings.TrimSuffix(in, "/") != channel {
				continue
			}
			known, err := buildOf(f)
			if err != nil {
				return nil, err
			}
			if len(known.Record) == 0 {
				continue
			}
			here, subdirs[subdir] = true, true
			for _, t := range known.Traits {
				found[t] = true
			}
			if len(known.RunExports) > 0 {
				p.RunExports[v.Name] = known.RunExports
			}
			stamp, err := timestamp(known.Record)
			if err != nil {
				return nil, err
			}
			p.Timestamp = max(p.Timestamp, stamp)
		}
		if !here || p.Version != "" {
			continue
		}
		p.Version = v.Name
		var a about
		if len(v.Metadata) > 0 {
			if err := json.Unmarshal(v.Metadata, &a); err != nil {
				return nil, err
			}
		}
		p.Development, p.Docs, p.Home, p.Licence, p.Source, p.Summary = a.Development, a.Docs, a.Home, a.Licence, a.Source, a.Summary
	}
	if p.Version == "" {
		return nil, nil
	}
	p.Activates, p.Deactivates = found[activates], found[deactivates]
	p.BinaryPrefix, p.TextPrefix = found[binaryPrefix], found[textPrefix]
	p.PostLink, p.PreLink, p.PreUnlink = found[postLink], found[preLink], found[preUnlink]
	p.Subdirs = slices.Sorted(maps.Keys(subdirs))
	return p, nil
}

// timestamp gives the time of a build in seconds.
func timestamp(record json.RawMessage) (int64, error) {
	var r struct {
		Timestamp int64 `json:"timestamp"`
	}
	err := json.Unmarshal(record, &r)
	if r.Timestamp > lastMillisecond/1000 { // older builders wrote seconds
		r.Timestamp /= 1000
	}
	return r.Timestamp, err
}

package tags

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/git"
	"ingot.dev/modules/scope"
	"ingot.dev/services/outbox"
)

// Rule says whether pushed tags of a project are published by themselves.
type Rule struct {
	Enabled bool
	Pattern string // of path.Match, over the tag's name
}

// DefaultPattern takes the tags that people use for versions.
const DefaultPattern = "v*"

// Rule reads a project's rule.
func (s *Service) Rule(ctx context.Context, sc scope.Ref) (Rule, error) {
	r := Rule{Pattern: DefaultPattern}
	_, err := s.db.Row(ctx, []any{&r.Enabled, &r.Pattern},
		"SELECT enabled, pattern FROM push_rule WHERE scope_kind = ? AND scope_id = ?", sc.Kind, sc.ID)
	return r, err
}

// SetRule writes a project's rule. fault.Invalid for a malformed pattern.
func (s *Service) SetRule(ctx context.Context, sc scope.Ref, r Rule) error {
	if _, err := path.Match(r.Pattern, ""); err != nil || r.Pattern == "" || len(r.Pattern) > 200 {
		return fault.New(fault.Invalid, "the pattern %q is malformed: write for example v* or v[0-9]*", r.Pattern)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO push_rule (scope_kind, scope_id, enabled, pattern) VALUES (?,?,?,?)
			ON CONFLICT (scope_kind, scope_id) DO UPDATE SET enabled = excluded.enabled, pattern = excluded.pattern`,
			sc.Kind, sc.ID, r.Enabled, r.Pattern)
		return err
	})
}

const pushTopic = "push"

// push is the job of a push: which tags there were before it.
type push struct {
	Scope  scope.Ref         `json:"scope"`
	Actor  int64             `json:"actor"`
	Before map[string]string `json:"before"`
}

// Watch is called before a push into a project with the repository dir begins.
// Where the project publishes on push it writes a job down first, so that tags
// are published even if the process dies between git's success and ours. The
// function it gives must be called when the push has ended.
func (s *Service) Watch(ctx context.Context, sc scope.Scope, a forge.Actor, dir string) (ended func(context.Context) error, err error) {
	rule, err := s.Rule(ctx, sc.Ref)
	if err != nil || !rule.Enabled {
		return func(context.Context) error { return nil }, err
	}
	before, err := git.Refs(dir)
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(push{sc.Ref, a.ID, before})
	if err != nil {
		return nil, err
	}
	return s.jobs.Hold(ctx, pushTopic, string(payload))
}

// pushed is the job: it publishes what the push brought. The project's rule
// was set by its administrator and stands for the right to publish.
func (s *Service) pushed(ctx context.Context, payload string) error {
	var p push
	if err := json.Unmarshal([]byte(payload), &p); err != nil {
		return fault.Wrap(fault.Invalid, err, "the job of a push is malformed")
	}
	found, err := s.forge.Scopes(ctx, []scope.Ref{p.Scope})
	if err != nil {
		return err
	}
	sc, ok := found[p.Scope]
	if !ok {
		return nil // deleted since
	}
	rule, err := s.Rule(ctx, sc.Ref)
	if err != nil || !rule.Enabled {
		return err
	}
	dir, err := s.repos.Repository(ctx, sc)
	if err != nil {
		return err
	}
	after, err := git.Refs(dir)
	if err != nil {
		return err
	}
	actors, err := s.forge.Actors(ctx, []int64{p.Actor})
	if err != nil {
		return err
	}
	added, _, _ := git.Diff(p.Before, after)
	var trouble []error
	for _, tag := range added {
		if ok, err := path.Match(rule.Pattern, tag); err != nil || !ok {
			continue
		}
		trouble = append(trouble, s.publishAll(ctx, sc, actors[p.Actor], tag))
	}
	return errors.Join(trouble...)
}

// publishAll publishes a tag in every format that finds something of its own
// in it. What the author has to mend is no trouble of the job: the tags page
// says it.
func (s *Service) publishAll(ctx context.Context, sc scope.Scope, a forge.Actor, tag string) error {
	for _, k := range s.reg.Kinds() {
		if k.Tagged == nil {
			continue
		}
		reg := s.reg.Bind(k, sc, a, forge.PublishPackages, format.Transport)
		if _, err := s.Publish(ctx, sc, reg, k, tag); err != nil && outbox.Passing(err) {
			return err
		}
	}
	return nil
}

func containing(names []string, part string) []string {
	if part == "" {
		return names
	}
	var out []string
	for _, n := range names {
		if strings.Contains(strings.ToLower(n), strings.ToLower(part)) {
			out = append(out, n)
		}
	}
	return out
}

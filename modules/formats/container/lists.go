package container

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Bounds of a page of a list.
const (
	perCatalog   = 100
	maxCatalog   = 1000
	maxReferrers = 1000
	maxListBytes = 4 << 20

	// Referrers are read perRead at a time, each with a record of up to about
	// maxRecord bytes. A page ends after maxRead bytes of records, though few of
	// them may have been of the type that is asked for.
	perRead = 25
	maxRead = 64 << 20
)

// tags lists the tags of a repository ("Listing Tags"), in the order of their
// bytes: all of them where the client does not bound them.
func (c *Container) tags(q *format.Request) error {
	n, bounded, err := limit(q)
	if err != nil {
		return err
	}
	found, err := q.Reg.Tags(q.Context(), q.Param("name"))
	if err != nil {
		return err
	}
	names := after(sorted(found), q.Query("last"))
	if bounded && n < len(names) {
		names = names[:n]
		if n > 0 {
			next(q, place(q, q.Param("name"))+"/tags/list", url.Values{"n": {strconv.Itoa(n)}, "last": {names[n-1]}})
		}
	}
	name := q.Subject
	if name == "" {
		name = q.Param("name")
	}
	return q.JSON(http.StatusOK, struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}{name, names})
}

// after gives those of an ordered list that come after last; never nil.
func after(names []string, last string) []string {
	i, found := slices.BinarySearch(names, last)
	if found {
		i++
	}
	return append([]string{}, names[i:]...)
}

// limit reads the parameter n.
func limit(q *format.Request) (n int, bounded bool, err error) {
	text := q.Query("n")
	if text == "" {
		return 0, false, nil
	}
	many, bad := position(text)
	if bad {
		return 0, false, fault.New(fault.Invalid, "n is %.100q, and must be a number of entries", text)
	}
	return int(min(many, 1<<30)), true, nil
}

// next says where a list goes on (RFC 8288).
func next(q *format.Request, path string, query url.Values) {
	q.W.Header().Set("Link", "<"+path+"?"+query.Encode()+`>; rel="next"`)
}

// catalog lists the repositories of all scopes that the client may read
// (Docker). Who brought nothing is asked for a token first: clients send what
// they have only when they are asked. A token has to be for the list, which it
// can be below root alone.
func (c *Container) catalog(q *format.Request) error {
	if q.Pass && q.Subject != catalog || q.Actor.Anonymous() && !q.Pass {
		return signIn()
	}
	n, bounded, err := limit(q)
	if err != nil {
		return err
	}
	if !bounded {
		n = perCatalog
	}
	n = min(n, maxCatalog)
	names, err := q.Server.Catalog(q, subjectOf, q.Query("last"), n+1)
	if err != nil {
		return err
	}
	if len(names) > n {
		if names = names[:n]; n > 0 {
			next(q, "/"+root+"/_catalog", url.Values{"n": {strconv.Itoa(n)}, "last": {names[n-1]}})
		}
	}
	return q.JSON(http.StatusOK, struct {
		Repositories []string `json:"repositories"`
	}{append([]string{}, names...)})
}

// referrer is an entry of a list of referrers.
type referrer struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// referrers lists the manifests about a subject, which need not exist, as an
// index ("Listing Referrers").
func (c *Container) referrers(q *format.Request) error {
	subject, only := q.Param("digest"), q.Query("artifactType")
	if err := checkDigest(subject); err != nil {
		return err
	}
	list, last, err := referrersPage(q.Context(), q.Reg, q.Param("name"), subject, q.Query("last"), only)
	if err != nil {
		return err
	}
	if last != "" {
		query := url.Values{"last": {last}}
		if only != "" {
			query.Set("artifactType", only)
		}
		next(q, place(q, q.Param("name"))+"/referrers/"+subject, query)
	}
	if only != "" {
		q.W.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	body, err := json.Marshal(struct {
		SchemaVersion int        `json:"schemaVersion"`
		MediaType     string     `json:"mediaType"`
		Manifests     []referrer `json:"manifests"`
	}{2, ociIndex, list})
	if err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, ociIndex, body)
}

// referrersPage reads a page of the list of referrers: those after the manifest
// last, of one artifact type alone where only is not empty. Where there may be
// more it gives the manifest to go on after. If last is gone, the list begins
// anew; no page has a manifest twice for that.
func referrersPage(ctx context.Context, reg format.Reader, name, subject, last, only string) (list []referrer, more string, err error) {
	list = []referrer{}
	listed := map[string]bool{}
	for size, read := 0, 0; read < maxRead; {
		found, err := reg.Referrers(ctx, name, subject, last, perRead)
		if err != nil {
			return nil, "", err
		}
		for _, v := range found {
			read += len(v.Metadata)
			e := entry(v)
			if listed[e.Digest] || only != "" && e.ArtifactType != only {
				last = v.Name
				continue
			}
			raw, err := json.Marshal(e)
			if err != nil {
				return nil, "", err
			}
			if size += len(raw); len(list) > 0 && (size > maxListBytes || len(list) == maxReferrers) {
				return list, last, nil
			}
			list, listed[e.Digest], last = append(list, e), true, v.Name
		}
		if len(found) < perRead {
			return list, "", nil
		}
	}
	return list, last, nil
}

// entry describes a version for a list of referrers.
func entry(v *format.Version) referrer {
	r := readRecord(v.Metadata)
	return referrer{r.MediaType, v.Canon, r.Size, r.referrerType(), r.Annotations}
}

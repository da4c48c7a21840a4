// Package oci asks a whole Ingot what container clients ask, request by
// request: the table of endpoints of the OCI Distribution Specification, with
// the ways that real clients go and those that hostile ones try.
package oci

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	host "ingot.dev/services/forge"
)

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	indexType    = "application/vnd.oci.image.index.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
	emptyType    = "application/vnd.oci.empty.v1+json"
)

// world is a house with some people in it.
type world struct {
	*house.House
	ann, eve host.User
	owner    house.Proof // of the projects below
	stranger house.Proof
}

// project is a public one, vault a private one; both are Ann's.
const (
	project = "/v2/project/ann/shop"
	vault   = "/v2/project/ann/vault"
)

func newWorld(t *testing.T, settings ...string) *world {
	t.Helper()
	w := &world{House: house.Serve(t, settings...)}
	w.ann, w.eve = w.Admin(t, "ann"), w.User(t, "eve")
	w.owner = house.Basic("ann", w.House.Token(t, w.ann, forge.AllGrants, nil))
	w.stranger = house.Basic("eve", w.House.Token(t, w.eve, forge.AllGrants, nil))
	w.Project(t, w.ann.Ref(), "shop", false, "")
	w.Project(t, w.ann.Ref(), "vault", true, "")
	return w
}

func (w *world) scope(t *testing.T, alias string) *scope.Ref {
	t.Helper()
	s, err := w.Forge.Resolve(t.Context(), scope.Path{Kind: scope.Project, Owner: "ann", Name: alias})
	if err != nil {
		t.Fatal(err)
	}
	return &s.Ref
}

func of256(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func of512(b []byte) string {
	sum := sha512.Sum512(b)
	return "sha512:" + hex.EncodeToString(sum[:])
}

// call is a request as the owner; headers are names and values in turn.
func (w *world) call(method, path string, body []byte, headers ...string) house.Call {
	c := house.Call{Method: method, Path: path, As: w.owner, Body: body, Header: http.Header{}}
	for i := 0; i < len(headers); i += 2 {
		c.Header.Set(headers[i], headers[i+1])
	}
	return c
}

func (w *world) get(t *testing.T, path string, headers ...string) house.Reply {
	t.Helper()
	return w.Do(t, w.call("GET", path, nil, headers...))
}

// push puts a blob into a repository by one request.
func (w *world) push(t *testing.T, repo string, b []byte) string {
	t.Helper()
	digest := of256(b)
	w.Want(t, 201, w.call("POST", repo+"/blobs/uploads/?digest="+digest, b))
	return digest
}

// descriptor refers to bytes.
type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int               `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	URLs         []string          `json:"urls,omitempty"`
	Platform     *platform         `json:"platform,omitempty"`
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
}

func refer(mediaType string, b []byte) descriptor {
	return descriptor{MediaType: mediaType, Digest: of256(b), Size: len(b)}
}

// manifest is an image's or an index's.
type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType,omitempty"`
	ArtifactType  string            `json:"artifactType,omitempty"`
	Config        *descriptor       `json:"config,omitempty"`
	Layers        []descriptor      `json:"layers,omitempty"`
	Manifests     *[]descriptor     `json:"manifests,omitempty"`
	Subject       *descriptor       `json:"subject,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

func (m manifest) bytes(t *testing.T) []byte {
	t.Helper()
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// image is the manifest of an image whose config and one layer were pushed.
func (w *world) image(t *testing.T, repo, text string) manifest {
	t.Helper()
	config, layer := []byte(fmt.Sprintf(`{"os": "linux", "architecture": "amd64", "author": %q}`, text)), []byte("layer of "+text)
	w.push(t, repo, config)
	w.push(t, repo, layer)
	c := refer(configType, config)
	return manifest{SchemaVersion: 2, MediaType: manifestType, Config: &c, Layers: []descriptor{refer(layerType, layer)}}
}

// put pushes a manifest under a reference and gives its bytes.
func (w *world) put(t *testing.T, repo, reference string, m manifest) []byte {
	t.Helper()
	b := m.bytes(t)
	w.Want(t, 201, w.call("PUT", repo+"/manifests/"+reference, b, "Content-Type", m.MediaType))
	return b
}

func index(list ...descriptor) manifest {
	if list == nil {
		list = []descriptor{}
	}
	return manifest{SchemaVersion: 2, MediaType: indexType, Manifests: &list}
}

// fails checks the status and code of an error, and its shape.
func (w *world) fails(t *testing.T, status int, code string, c house.Call) house.Reply {
	t.Helper()
	reply := w.Want(t, status, c)
	if c.Method == "HEAD" {
		if len(reply.Body) > 0 {
			t.Errorf("HEAD %s has a body", c.Path)
		}
		return reply
	}
	var body struct {
		Errors []struct{ Code, Message string }
	}
	err := json.Unmarshal(reply.Body, &body)
	if err != nil || len(body.Errors) != 1 || body.Errors[0].Code != code || body.Errors[0].Message == "" || reply.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s: %s of the type %s, want the code %s", c.Method, c.Path, reply, reply.Header.Get("Content-Type"), code)
	}
	return reply
}

// answer is that of the token endpoint.
type answer struct {
	Token       string
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
	IssuedAt    string `json:"issued_at"`
}

// fetch asks the token endpoint for a token for some scopes.
func (w *world) fetch(t *testing.T, as house.Proof, scopes ...string) house.Proof {
	t.Helper()
	reply := w.Want(t, 200, house.Call{Path: "/v2/token?" + url.Values{"service": {"service"}, "scope": scopes}.Encode(), As: as})
	var a answer
	if err := json.Unmarshal(reply.Body, &a); err != nil || a.Token == "" || a.Token != a.AccessToken || a.ExpiresIn < 60 || a.IssuedAt == "" {
		t.Fatalf("the token is %s, %v", reply, err)
	}
	return house.Bearer(a.Token)
}

// empty is "nothing" as some clients send it.
func empty(r *http.Request) {
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(":")))
}

// list decodes a JSON answer.
func decode[T any](t *testing.T, reply house.Reply) (v T) {
	t.Helper()
	if err := json.Unmarshal(reply.Body, &v); err != nil {
		t.Errorf("%s: %v", reply, err)
	}
	return v
}

type tagList struct {
	Name string
	Tags []string
}

// follow gives the address of the next page of a list.
func follow(t *testing.T, reply house.Reply) string {
	t.Helper()
	link := reply.Header.Get("Link")
	if link == "" {
		return ""
	}
	target, rel, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">; ")
	if !ok || rel != `rel="next"` {
		t.Errorf("the link is %q", link)
	}
	return target
}

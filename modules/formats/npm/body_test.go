package npm

import (
	"io"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestTarballOfBody(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ data, want string }{
		"plain":          {`QUJDRA==`, "ABCD"},
		"slashes":        {`Pz8\/Pz8\/`, "???\x3f??"},
		"nothing":        {``, ""},
		"another escape": {`QUJ\u0044`, "refused"},
		"no base64":      {`QU!J`, "refused"},
		"half a group":   {`QUJDR`, "refused"},
	} {
		text := `{"name":"a","_attachments":{"a-1.0.0.tgz":{"data":"` + c.data + `"}}}`
		b, err := readBody(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b.tarball(b.Attachments[0]))
		switch {
		case c.want == "refused" && !fault.Is(err, fault.Invalid):
			t.Errorf("%s: %q, %v", what, got, err)
		case c.want != "refused" && (err != nil || string(got) != c.want):
			t.Errorf("%s: %q, %v, want %q", what, got, err, c.want)
		}
	}
}

func TestReadBodyRefuses(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"a list":              `[]`,
		"two names":           `{"_id":"a","name":"b"}`,
		"a name twice":        `{"name":"a","name":"b"}`,
		"attachments in list": `{"name":"a","_attachments":[{"data":"QUJD"}]}`,
		"no data":             `{"name":"a","_attachments":{"a.tgz":{"stub":true}}}`,
		"data that is none":   `{"name":"a","_attachments":{"a.tgz":{"data":{"x":1}}}}`,
	} {
		if _, err := readBody(strings.NewReader(text), int64(len(text))); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

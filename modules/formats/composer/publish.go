package composer

import (
	"context"
	"net/http"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// put takes a zip as Gitea does: PUT {base}?version=1.0.0, the version only
// where the composer.json has none.
func (c Composer) put(q *format.Request) error {
	body, err := q.Receive(0)
	if err != nil {
		return err
	}
	if _, err := c.publish(q, format.Incoming{Body: body}, q.Query("version")); err != nil {
		return err
	}
	return q.Empty(http.StatusCreated)
}

// Upload implements format.Uploading.
func (c Composer) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{version}"},
		Get:    []string{"{group}/{artifact}/{version...}"},
		Accept: ".zip",
		Fields: []format.Field{{
			Name:  "version",
			Label: format.Text{En: "Version", Ru: "Версия"},
			Hint:  format.Text{En: "Only where the composer.json in the zip has none", Ru: "Только если её нет в composer.json внутри архива"},
		}},
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			return c.publish(q, in, q.Param("version"))
		},
		Locate: locate,
	}
}

func locate(q *format.Request) (*format.File, error) {
	v, err := q.Reg.Version(q.Context(), q.Param("group")+"/"+q.Param("artifact"), q.Param("version"))
	if err != nil {
		return nil, err
	}
	if len(v.Files) == 0 {
		return nil, fault.New(fault.NotFound, "%s %s has no file", v.Package, v.Name)
	}
	return v.Files[0], nil
}

// publish reads what the zip says of itself. A version that was asked for has
// to agree with the one inside, where there is one.
func (Composer) publish(q *format.Request, in format.Incoming, asked string) (*format.Version, error) {
	rel, err := fromZip(q.Context(), in, asked)
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	return q.Reg.Publish(q.Context(), rel)
}

func fromZip(ctx context.Context, in format.Incoming, asked string) (format.Release, error) {
	p, err := OpenPackage(ctx, in.Body, in.Body.Size())
	if err != nil {
		return format.Release{}, err
	}
	version := p.Manifest.Version
	if version == "" {
		version = asked
	}
	if version == "" {
		return format.Release{}, fault.New(fault.Invalid, "say which version it is: the composer.json in the zip has none; add ?version=1.0.0")
	}
	normal, err := Normalize(version)
	if err != nil {
		return format.Release{}, err
	}
	if asked != "" {
		other, err := Normalize(asked)
		if err != nil {
			return format.Release{}, err
		}
		if other != normal {
			return format.Release{}, fault.New(fault.Invalid, "the composer.json in the zip is of version %s, not %s", version, asked)
		}
	}
	version = pretty(version)
	rel := release(p.Manifest, version, normal)
	rel.Readme = format.Readme{Name: p.ReadmeName, Text: p.Readme}
	rel.Files = []format.NewFile{{Name: fileName(p.Manifest.Name, version), MediaType: "application/zip", Body: in.Body}}
	return rel, nil
}

// release is what a manifest makes of itself, files aside.
func release(m *Manifest, version, normal string) format.Release {
	return format.Release{
		Package:     m.Name,
		Version:     version,
		Description: m.Description,
		Metadata:    m.Raw,
		Prerelease:  Stability(normal) != "stable",
	}
}

// pretty drops a leading v before a digit.
func pretty(version string) string {
	if len(version) > 1 && (version[0] == 'v' || version[0] == 'V') && ascii.IsDigit(version[1]) {
		return version[1:]
	}
	return version
}

func fileName(name, version string) string {
	return strings.ReplaceAll(name+"-"+version, "/", "-") + ".zip"
}

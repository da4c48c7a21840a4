package maven

import (
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Upload implements format.Uploading.
func (m Maven) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{groupId}/{artifactId}/{version}/{fileName}"},
		Get:    []string{"{packageUuid}/{packageVersion}/{fileUuid}/download"},
		Accept: ".jar,.war,.ear,.aar,.zip,.pom,.module,.asc",
		Fields: []format.Field{
			{
				Name: "groupId", Required: true, Label: format.Text{En: "groupId", Ru: "groupId"},
				Hint: format.Text{En: "For example org.example", Ru: "Например, org.example"},
			},
			{
				Name: "artifactId", Required: true, Label: format.Text{En: "artifactId", Ru: "artifactId"},
				Hint: format.Text{En: "For example library", Ru: "Например, library"},
			},
			{
				Name: "version", Required: true, Label: format.Text{En: "Version", Ru: "Версия"},
				Hint: format.Text{En: "For example 1.0 or 1.1-SNAPSHOT. Upload the pom too, so that Maven knows the dependencies", Ru: "Например, 1.0 или 1.1-SNAPSHOT. Загрузите и pom, чтобы Maven знал зависимости"},
			},
		},
		Receive: receive,
		Locate:  byID,
	}
}

// receive takes a file by the REST API, or from the page's form, where a file
// of another name than Maven's gets that.
func receive(q *format.Request, in format.Incoming) (*format.Version, error) {
	p, err := uploadPath(q, in.Name)
	if err != nil {
		in.Body.Discard()
		return nil, err
	}
	return publish(q, p, in.Body)
}

func uploadPath(q *format.Request, name string) (Path, error) {
	p := Path{Kind: File, Group: q.Param("groupId"), Artifact: q.Param("artifactId"), Version: q.Param("version")}
	if err := checkGroup(p.Group); err != nil {
		return Path{}, err
	}
	if err := checkArtifact(p.Artifact); err != nil {
		return Path{}, err
	}
	if err := checkVersion(p.Version); err != nil {
		return Path{}, err
	}
	file := q.Param("fileName")
	if file == "" {
		file = name
		if own := p.Artifact + "-"; !strings.HasPrefix(file, own) {
			file = own + p.Version + file[max(strings.LastIndexByte(file, '.'), 0):]
		}
	}
	if file == metadataFile {
		return Path{}, fault.New(fault.Invalid, "%s is made here, from what is published", metadataFile)
	}
	var err error
	p.Name, err = ParseName(p.Artifact, p.Version, file)
	return p, err
}

// byID finds a file by the ids that the REST API gave out.
func byID(q *format.Request) (*format.File, error) {
	v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("packageVersion"))
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		if f.UUID == q.Param("fileUuid") {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s %s has no file of the id %q", v.Package, v.Name, q.Param("fileUuid"))
}

package generic

import (
	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (g *Generic) Present(v format.View) format.Presentation {
	name, version, file := "my-tool", "1.0.0", "my-tool.tar.gz"
	if v.Package != nil {
		name = v.Package.Name
	}
	if v.Version != nil {
		version = v.Version.Name
		if len(v.Version.Files) > 0 {
			file = v.Version.Files[0].Name
		}
	}
	address := v.Base + "/" + name + "/" + version + "/"
	credential := ""
	if v.Private {
		credential = "--user " + v.User + ":TOKEN "
	}
	return format.Presentation{Tasks: []format.Task{
		{
			Name: "download", Title: format.Text{En: "Download", Ru: "Скачать"},
			Steps: []format.Step{{
				Name: "download", Title: format.Text{En: "Download the file", Ru: "Скачайте файл"},
				Code: "curl --fail --remote-name " + credential + format.ShellWord(address+file),
			}},
		},
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: []format.Step{{
				Name: "publish", Title: format.Text{En: "Upload a file with a transport token", Ru: "Загрузите файл с транспортным токеном"},
				Code: "curl --fail --user " + v.User + ":TOKEN --upload-file " + format.ShellWord(file) + " " + format.ShellWord(address),
			}},
		},
	}}
}

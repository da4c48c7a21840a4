package nuget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Names of the settings of a version that say why it should not be used.
const (
	deprecatedSetting  = "deprecated"
	reasonSetting      = "deprecated-message"
	alternativeSetting = "deprecated-alternative"
)

// deprecation is what clients are told ("Package metadata", section package
// deprecation).
type deprecation struct {
	Reasons     []string     `json:"reasons"`
	Message     string       `json:"message,omitempty"`
	Alternative *alternative `json:"alternatePackage,omitempty"`
}

type alternative struct {
	ID    string `json:"id"`
	Range string `json:"range"`
}

func deprecationOf(v *format.Version) *deprecation {
	reason := v.Properties[deprecatedSetting]
	if reason == "" {
		return nil
	}
	d := &deprecation{Reasons: []string{reason}, Message: v.Properties[reasonSetting]}
	if id := v.Properties[alternativeSetting]; id != "" {
		d.Alternative = &alternative{id, "*"}
	}
	return d
}

// Settings implements format.Configured.
func (*NuGet) Settings() []format.Setting {
	return []format.Setting{
		{
			Name: deleteSetting, Of: format.OfRegistry,
			Label: format.Text{En: "What nuget delete does", Ru: "Что делает nuget delete"},
			Hint: format.Text{
				En: "Unlisted versions are found no more, and builds that name them go on working. Deleting needs the right to delete.",
				Ru: "Скрытые версии больше не находятся, но сборки, которые их называют, продолжают работать. Для удаления нужно право на удаление.",
			},
			Choices: []format.Choice{
				{Value: "unlist", Label: format.Text{En: "It unlists the version, as at nuget.org", Ru: "Скрывает версию, как на nuget.org"}},
				{Value: deletes, Label: format.Text{En: "It deletes the version", Ru: "Удаляет версию"}},
			},
		},
		{
			Name: deprecatedSetting, Of: format.OfVersion,
			Label: format.Text{En: "Deprecated", Ru: "Устарела"},
			Hint:  format.Text{En: "Clients warn of this version", Ru: "Клиенты предупреждают об этой версии"},
			Choices: []format.Choice{
				{Value: "Legacy", Label: format.Text{En: "It is no longer maintained", Ru: "Больше не поддерживается"}},
				{Value: "CriticalBugs", Label: format.Text{En: "It has critical bugs", Ru: "Содержит критические ошибки"}},
				{Value: "Other", Label: format.Text{En: "For another reason", Ru: "По другой причине"}},
			},
		},
		{
			Name: reasonSetting, Of: format.OfVersion,
			Label: format.Text{En: "Message of the deprecation", Ru: "Пояснение"},
			Check: checkReason,
		},
		{
			Name: alternativeSetting, Of: format.OfVersion,
			Label: format.Text{En: "Package to use instead", Ru: "Пакет взамен"},
			Check: func(id string) error { _, err := CanonicalName(id); return err },
		},
	}
}

func checkReason(text string) error {
	if len(text) > maxText || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return fault.New(fault.Invalid, "the message is one line of at most %d bytes", maxText)
	}
	return nil
}

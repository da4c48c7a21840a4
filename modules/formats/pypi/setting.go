package pypi

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Names of settings.
const (
	fallbackSetting = "fallback"
	statusSetting   = "status"
	reasonSetting   = "status-reason"
)

// States of a project ("Project status markers", PEP 792).
const (
	active      = "active"
	archived    = "archived"
	quarantined = "quarantined"
	deprecated  = "deprecated"
)

// status is a project's state, as indexes tell it.
type status struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

func statusOf(p *format.Package) status {
	s := status{p.Properties[statusSetting], p.Properties[reasonSetting]}
	if s.Status == "" || s.Status == active {
		return status{Status: active}
	}
	return s
}

// Settings implements format.Configured.
func (p *PyPI) Settings() []format.Setting {
	return []format.Setting{
		{
			Name: fallbackSetting, Of: format.OfRegistry,
			Label: format.Text{En: "Index for other projects", Ru: "Индекс для остальных проектов"},
			Hint: format.Text{
				En: "The address of a simple index, such as https://mirror.example/simple/. Whoever asks for a project whose name was never used here is sent there.",
				Ru: "Адрес простого индекса, например https://mirror.example/simple/. Туда отправляется тот, кто спрашивает проект, имя которого здесь никогда не использовалось.",
			},
			Check: checkFallback,
		},
		{
			Name: statusSetting, Of: format.OfPackage,
			Label: format.Text{En: "Status", Ru: "Состояние"},
			Hint:  format.Text{En: "What installers are told about the project", Ru: "Что сообщается установщикам о проекте"},
			Choices: []format.Choice{
				{Value: active, Label: format.Text{En: "Active", Ru: "Активен"}},
				{Value: archived, Label: format.Text{En: "Archived: no new versions to be expected", Ru: "В архиве: новых версий не будет"}},
				{Value: deprecated, Label: format.Text{En: "Deprecated: not to be used any more", Ru: "Устарел: больше не использовать"}},
				{Value: quarantined, Label: format.Text{En: "In quarantine: no file is given out", Ru: "На карантине: файлы не выдаются"}},
			},
		},
		{
			Name: reasonSetting, Of: format.OfPackage,
			Label: format.Text{En: "Reason of the status", Ru: "Причина состояния"},
			Check: checkReason,
		},
	}
}

// checkFallback takes the address of an index that cannot be listened in to.
func checkFallback(value string) error {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fault.New(fault.Invalid, "%.200q is no address of an index: write one like https://mirror.example/simple/, without credentials", value).At(fallbackSetting)
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func checkReason(value string) error {
	if len(value) > 500 || !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fault.New(fault.Invalid, "the reason is one line of at most 500 bytes").At(reasonSetting)
	}
	return nil
}

// elsewhere sends a client to the index for other projects. A name that is or
// was ours is never looked up there: whoever took it elsewhere would be
// installed in its place.
func (p *PyPI) elsewhere(q *format.Request, name string, absent error) error {
	index, err := q.Reg.Setting(q.Context(), fallbackSetting)
	if err != nil {
		return err
	}
	if index == "" || checkFallback(index) != nil {
		return absent
	}
	owned, err := q.Reg.Owned(q.Context(), name)
	if err != nil {
		return err
	}
	if owned {
		return absent
	}
	q.W.Header().Set("Cache-Control", "no-store") // the name may be ours tomorrow
	return redirect(q, http.StatusFound, strings.TrimSuffix(index, "/")+"/"+name+"/")
}

// redirect sends a client on. Its address may be relative to the one that was
// asked for, so that it leads to the same host by whatever name it goes.
func redirect(q *format.Request, status int, address string) error {
	q.W.Header().Set("Location", address)
	return q.Empty(status)
}

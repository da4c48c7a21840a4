package i18n

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ingot.dev/options"
)

func shipped(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load(options.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const minimal = "[format]\nmonths = 1 2 3 4 5 6 7 8 9 10 11 12\n"

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"no English":      {"locale_ru.ini", minimal, "locale_en.ini is missing"},
		"not a language":  {"locale_x!.ini", minimal, "is no language"},
		"a key twice":     {"locale_en.ini", minimal + "[a]\nb = 1\nb = 1\n", "a.b stands twice"},
		"an empty text":   {"locale_en.ini", minimal + "[a]\nb =\n", "a.b is empty"},
		"too few months":  {"locale_en.ini", "[format]\nmonths = Jan\n", "twelve"},
		"a line of prose": {"locale_en.ini", minimal + "hello\n", "delimiter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(fstest.MapFS{"locale/" + c.file: {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, tt := range []struct{ accept, setting, want string }{
		{"", "", "en"},
		{"ru", "", "ru"},
		{"ru-RU,ru;q=0.9,en-US;q=0.8", "", "ru"},
		{"en-GB;q=0.3, ru;q=0.2", "", "en"},
		{"fr", "", "en"},
		{"fr, ru;q=0.1", "", "ru"},
		{"ru", "en", "en"},
		{"", "ru", "ru"},
		{"ru", "xx", "ru"},
		{";;;q=,,", "", "en"},
		{strings.Repeat("-", 100_000), "", "en"},
	} {
		if got := c.Match(tt.accept, tt.setting).Code(); got != tt.want {
			t.Errorf("Match(%.40q, %q) = %s, want %s", tt.accept, tt.setting, got, tt.want)
		}
	}
}

func TestPlural(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, tt := range []struct {
		code string
		n    int64
		want string
	}{
		{"en", 0, "0 days ago"},
		{"en", 1, "1 day ago"},
		{"en", 2, "2 days ago"},
		{"en", 1_000_001, "1,000,001 days ago"},
		{"ru", 0, "0 дней назад"},
		{"ru", 1, "1 день назад"},
		{"ru", 3, "3 дня назад"},
		{"ru", 11, "11 дней назад"},
		{"ru", 21, "21 день назад"},
		{"ru", 112, "112 дней назад"},
		{"ru", 10_426, "10\u202f426 дней назад"},
		{"ru", 5_000_000_021, "5\u202f000\u202f000\u202f021 день назад"},
	} {
		if got := c.Match("", tt.code).TrN(tt.n, "time.ago.days"); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.code, tt.n, got, tt.want)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	c, err := Load(fstest.MapFS{"locale/locale_en.ini": {Data: []byte(minimal + `
[format]
group = ,
[a]
swap = {1} & {0}
odd = {x} {7} {0
by = {0} by <{1}>
count.one = {n} of {0}
count.other = {n} of {0}s
`)}})
	if err != nil {
		t.Fatal(err)
	}
	l := c.Match("", "")
	for got, want := range map[string]string{
		l.Tr("a.swap", "x", 12345):                "12,345 & x",
		l.Tr("a.swap", "{1}", "{0}"):              "{0} & {1}",
		l.Tr("a.odd", "x"):                        "{x} {7} {0",
		l.Tr("a.none", "x"):                       "a.none",
		l.TrN(1, "a.count", "tag"):                "1 of tag",
		l.TrN(2000, "a.count", "tag"):             "2,000 of tags",
		l.TrN(2, "a.none"):                        "a.none",
		string(l.HTML("a.by", "<i>", raw("<b>"))): "&lt;i&gt; by &lt;<b>&gt;",
		string(l.HTML("a.<none>", raw("<b>"))):    "a.&lt;none&gt;",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func raw(s string) template.HTML { return template.HTML(s) }

func TestFormat(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	en, ru := c.Match("", "en"), c.Match("", "ru")
	at := time.Date(2026, 11, 18, 1, 3, 59, 0, time.FixedZone("", 3*3600))
	for _, tt := range [][2]string{
		{en.Number(0), "0"},
		{en.Number(999), "999"},
		{en.Number(10426), "10,426"},
		{en.Number(-1234567), "−1,234,567"},
		{ru.Number(10426), "10\u202f426"},
		{en.Percent(0.123), "+12\u00a0%"},
		{en.Percent(-0.5), "−50\u00a0%"},
		{en.Percent(0), "0\u00a0%"},
		{en.Size(0), "0\u00a0B"},
		{en.Size(1023), "1023\u00a0B"},
		{en.Size(1024), "1\u00a0KiB"},
		{en.Size(49357), "48.2\u00a0KiB"},
		{ru.Size(49357), "48,2\u00a0КиБ"},
		{en.Size(1<<20 - 1), "1\u00a0MiB"},
		{en.Size(50 << 30), "50\u00a0GiB"},
		{en.Size(1<<63 - 1), "8\u00a0EiB"},
		{en.Date(at), "17 Nov 2026"},
		{ru.Date(at), "17 нояб. 2026"},
		{en.Exact(at), "17 Nov 2026, 22:03 UTC"},
	} {
		if tt[0] != tt[1] {
			t.Errorf("got %q, want %q", tt[0], tt[1])
		}
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	en, ru := c.Match("", "en"), c.Match("", "ru")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		before time.Duration
		en, ru string
	}{
		{0, "just now", "только что"},
		{time.Minute, "1 minute ago", "1 минуту назад"},
		{2 * time.Hour, "2 hours ago", "2 часа назад"},
		{30 * time.Hour, "yesterday", "вчера"},
		{3 * day, "3 days ago", "3 дня назад"},
		{8 * day, "last week", "неделю назад"},
		{14 * day, "2 weeks ago", "2 недели назад"},
		{30 * day, "4 weeks ago", "4 недели назад"},
		{31 * day, "1 month ago", "1 месяц назад"},
		{364 * day, "11 months ago", "11 месяцев назад"},
		{5 * year, "5 years ago", "5 лет назад"},
		{-30 * time.Second, "just now", "только что"},
		{-25 * time.Hour, "tomorrow", "завтра"},
		{-21 * day, "in 3 weeks", "через 3 недели"},
	} {
		if got := en.Ago(now.Add(-tt.before), now); got != tt.en {
			t.Errorf("%v: %q, want %q", tt.before, got, tt.en)
		}
		if got := ru.Ago(now.Add(-tt.before), now); got != tt.ru {
			t.Errorf("%v: %q, want %q", tt.before, got, tt.ru)
		}
	}
}

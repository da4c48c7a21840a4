package i18n

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Number writes n with its digits in groups of three: "10,426".
func (l *Locale) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + l.texts["format.group"] + digits[i:]
	}
	return sign + digits
}

// Percent writes a change with its sign, rounded to whole percents: "+12 %".
// The share 0.12 is twelve percent.
func (l *Locale) Percent(share float64) string {
	sign := ""
	if share > 0 {
		sign = "+"
	}
	return sign + l.Number(int64(math.Round(share*100))) + "\u00a0%"
}

// units are the keys of the units of Size, each 1024 times the one before.
var units = [...]string{"byte", "kib", "mib", "gib", "tib", "pib", "eib"}

// Size writes a number of bytes in the unit that suits it, with one decimal
// where that tells something: "48.2 KiB", "50 GiB", "312 B".
func (l *Locale) Size(bytes int64) string {
	value, unit := float64(bytes), 0
	// 1023.95 would be rounded to "1024.0".
	for math.Abs(value) >= 1023.95 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	digits := strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0")
	digits = strings.Replace(digits, ".", l.texts["format.decimal"], 1)
	return digits + "\u00a0" + l.Tr("size."+units[unit])
}

// Date writes the day of t in UTC: "18 Nov 2026".
func (l *Locale) Date(t time.Time) string {
	t = t.UTC()
	return fmt.Sprintf("%d %s %d", t.Day(), l.months[t.Month()-1], t.Year())
}

// Exact writes t to the minute, in UTC and saying so.
func (l *Locale) Exact(t time.Time) string {
	return l.Date(t) + t.UTC().Format(", 15:04") + " UTC"
}

const (
	day   = 24 * time.Hour
	year  = 365 * day
	month = year / 12
)

// Ago writes how long t is before now, or how far ahead of it: "3 days ago",
// "yesterday", "in 2 weeks". Less than a minute is "just now" either way.
func (l *Locale) Ago(t, now time.Time) string {
	direction, apart := "ago", now.Sub(t)
	if apart < 0 {
		direction, apart = "in", -apart
	}
	count := func(unit time.Duration) int64 { return int64(apart / unit) }
	switch {
	case apart < time.Minute:
		return l.Tr("time.now")
	case apart < time.Hour:
		return l.TrN(count(time.Minute), "time."+direction+".minutes")
	case apart < day:
		return l.TrN(count(time.Hour), "time."+direction+".hours")
	case apart < 2*day:
		return l.Tr("time." + direction + ".day")
	case apart < 7*day:
		return l.TrN(count(day), "time."+direction+".days")
	case apart < 14*day:
		return l.Tr("time." + direction + ".week")
	case apart < month:
		return l.TrN(count(7*day), "time."+direction+".weeks")
	case apart < year:
		return l.TrN(count(month), "time."+direction+".months")
	default:
		return l.TrN(count(year), "time."+direction+".years")
	}
}

package web

import (
	"html/template"
	"time"

	"ingot.dev/modules/chart"
	"ingot.dev/modules/format"
)

// downloads are those of the last days, of a version or of a whole package.
type downloads struct {
	Recent  int64
	Trend   float64 // against the days before; shown where there were any
	Compare bool
	Chart   template.HTML
	Days    []dayRow // newest first, days without any left out
	Total   int64    // since ever
	Package int64    // of all versions; 0 where that is Total
}

type dayRow struct {
	Date  time.Time
	Count int64
}

// chartDays is how far back the chart reaches.
const chartDays = 30

func (c *call) downloads(p *format.Package, v *format.Version, one bool) (downloads, error) {
	d := downloads{Total: p.Downloads}
	name := ""
	if one {
		name, d.Total, d.Package = v.Name, v.Downloads, p.Downloads
	}
	days, err := c.p.Registry.Downloads(c.r.Context(), c.scope.Ref, p.UUID, name, 2*chartDays)
	if err != nil {
		return d, err
	}
	var before int64
	for _, day := range days[:chartDays] {
		before += day.Count
	}
	points := make([]chart.Point, 0, chartDays)
	for _, day := range days[chartDays:] {
		d.Recent += day.Count
		points = append(points, chart.Point{Text: c.locale.Date(day.Date) + ": " + c.locale.Number(day.Count), Value: day.Count})
	}
	for i := len(days) - 1; i >= chartDays; i-- {
		if days[i].Count > 0 {
			d.Days = append(d.Days, dayRow{days[i].Date, days[i].Count})
		}
	}
	if before > 0 {
		d.Compare, d.Trend = true, float64(d.Recent-before)/float64(before)
	}
	d.Chart = chart.Bars(points, chart.Options{
		Title: c.locale.TrN(d.Recent, "package.downloads_chart"), Width: 280, Height: 52, Recent: 3,
	})
	return d, nil
}

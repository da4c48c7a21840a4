package web

import "ingot.dev/modules/format"

// section is a table that a format adds to the page.
type section struct {
	Name, Title string
	Columns     []column
	Rows        [][]cell
}

type column struct {
	Title string
	Num   bool // of sizes
}

type cell struct {
	format.Cell
	URL string // of the version that it names
}

// sections puts the tables of a format into the reader's language.
func (c *call) sections(at string, list []format.Section) []section {
	var out []section
	lang := c.locale.Code()
	for _, s := range list {
		if len(s.Rows) == 0 {
			continue
		}
		one := section{Name: s.Name, Title: s.Title.In(lang)}
		for _, t := range s.Columns {
			one.Columns = append(one.Columns, column{Title: t.In(lang)})
		}
		for _, row := range s.Rows {
			cells := make([]cell, len(row))
			for i, x := range row {
				cells[i].Cell = x
				one.Columns[i].Num = one.Columns[i].Num || x.Size > 0
				if x.Version != "" {
					cells[i].URL = versionURL(at, x.Version)
				}
			}
			one.Rows = append(one.Rows, cells)
		}
		out = append(out, one)
	}
	return out
}

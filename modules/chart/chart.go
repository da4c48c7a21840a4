// Package chart draws small charts as SVG on the server. The drawings carry
// no style, only the classes "chart" and "now", so that they obey the page's
// theme and a content security policy without inline style.
package chart

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Point is one bar: what it stands for, in words with the value in them
// ("18 Nov: 1,204"), and how high it is. A negative value counts as 0.
type Point struct {
	Text  string
	Value int64
}

// Options of a chart.
type Options struct {
	Title  string // what the whole shows; read out in place of the picture
	Width  int    // in pixels of the drawing; it scales with the page
	Height int
	Recent int // the last bars that are accented
}

// gap is the space between two bars, in pixels.
const gap = 3

// Bars draws one bar for each point, the first one leftmost. The highest
// takes the full height; what is not zero can always be seen. Equal input
// makes equal bytes.
func Bars(points []Point, o Options) template.HTML {
	var top int64 = 1
	for _, p := range points {
		top = max(top, p.Value)
	}
	step := float64(o.Width+gap) / float64(max(1, len(points)))

	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" role="img" viewBox="0 0 %d %d" width="%d" height="%d" aria-label="%s">`,
		o.Width, o.Height, o.Width, o.Height, template.HTMLEscapeString(o.Title))
	fmt.Fprintf(&b, "<title>%s</title>", template.HTMLEscapeString(o.Title))
	for i, p := range points {
		height := float64(max(0, p.Value)) / float64(top) * float64(o.Height)
		if p.Value > 0 {
			height = max(height, 2)
		}
		class := ""
		if i >= len(points)-o.Recent {
			class = ` class="now"`
		}
		x, width := number(float64(i)*step), number(max(1, step-gap))
		// The first, full-height rectangle is for the pointer: a low bar is
		// hard to hit, and its title should show all the same.
		fmt.Fprintf(&b, `<g%s><title>%s</title><rect x="%s" width="%s" height="%d" fill-opacity="0"/>`,
			class, template.HTMLEscapeString(p.Text), x, width, o.Height)
		if height > 0 {
			fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" rx="1"/>`,
				x, number(float64(o.Height)-height), width, number(height))
		}
		b.WriteString("</g>")
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// number writes a length with at most one decimal.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"ingot.dev/modules/golden"
)

func TestBars(t *testing.T) {
	t.Parallel()
	o := Options{Title: "Downloads & <more>", Width: 280, Height: 52, Recent: 3}
	for name, points := range map[string][]Point{
		"none":    nil,
		"zero":    {{"18 Nov: 0", 0}, {"19 Nov: 0", 0}},
		"week":    {{"a", 3}, {"b", 0}, {"c", 12}, {"<d>", 100_000}, {"e", 50_000}, {"f", -4}, {"g", 99_999}},
		"extreme": {{"a", math.MaxInt64}, {"b", math.MinInt64}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(Bars(points, o))
			wellFormed(t, got)
			golden.Equal(t, name+".svg", got)
		})
	}
}

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

// Thirty bars fill the width, and none leaves the picture.
func TestBarsFillThePicture(t *testing.T) {
	t.Parallel()
	points := make([]Point, 30)
	for i := range points {
		points[i].Value = int64(i)
	}
	var drawing struct {
		Bars []struct {
			Rects []struct {
				X      float64 `xml:"x,attr"`
				Y      float64 `xml:"y,attr"`
				Width  float64 `xml:"width,attr"`
				Height float64 `xml:"height,attr"`
			} `xml:"rect"`
		} `xml:"g"`
	}
	if err := xml.Unmarshal([]byte(Bars(points, Options{Width: 280, Height: 52})), &drawing); err != nil {
		t.Fatal(err)
	}
	if len(drawing.Bars) != 30 {
		t.Fatalf("%d bars, want 30", len(drawing.Bars))
	}
	right := 0.0
	for _, bar := range drawing.Bars {
		for _, r := range bar.Rects {
			right = max(right, r.X+r.Width)
			if r.X < 0 || r.Y < 0 || r.Y+r.Height > 52 {
				t.Errorf("%+v leaves the picture", r)
			}
		}
	}
	if math.Abs(right-280) > 0.2 {
		t.Errorf("the last bar ends at %v, want 280", right)
	}
}

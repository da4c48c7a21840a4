package templates

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every pair of colours that meet on a page keeps WCAG 2.2 AA in both themes:
// 4.5 for text (1.4.3), 3 for what bounds a control or is a mark (1.4.11).
func TestContrast(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("assets/src/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`).FindAllSubmatch(src, -1) {
		colours[string(m[1])] = [2]string{string(m[2]), string(m[3])}
	}
	for _, p := range []struct {
		fronts, backs string
		least         float64
	}{
		{"ink muted link", "ground raised sunken mark", 4.5},
		{"good warn bad", "ground", 4.5},
		{"code-key code-text code-number code-name code-note", "ground sunken mark", 4.5},
		{"on-accent", "accent", 4.5},
		{"accent", "ground raised", 3},
		{"edge", "ground", 3},
	} {
		for _, front := range strings.Fields(p.fronts) {
			for _, back := range strings.Fields(p.backs) {
				for i, theme := range []string{"light", "dark"} {
					if colours[front][i] == "" || colours[back][i] == "" {
						t.Fatalf("there is no colour %s or %s", front, back)
					}
					if got := contrast(t, colours[front][i], colours[back][i]); got < p.least {
						t.Errorf("%s: %s on %s has %.2f, wants %.1f", theme, front, back, got, p.least)
					}
				}
			}
		}
	}
}

// contrast is the contrast ratio of two colours, as WCAG 2.2 defines it.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		t.Fatalf("%s: %v", colour, err)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb>>(16-8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

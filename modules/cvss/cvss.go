// Package cvss computes the base score of a vector of the Common Vulnerability
// Scoring System, versions 3.0 and 3.1 (https://www.first.org/cvss/v3-1/specification-document).
// Vectors of other versions have no score here: version 2 is no longer given,
// and version 4 needs a table of its own.
package cvss

import (
	"math"
	"strings"
)

// metrics are the base metrics with the weights of their values (section 7.4).
var metrics = map[string]map[string]float64{
	"AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
	"AC": {"L": 0.77, "H": 0.44},
	"PR": {"N": 0.85, "L": 0.62, "H": 0.27},
	"UI": {"N": 0.85, "R": 0.62},
	"S":  {"U": 0, "C": 1},
	"C":  {"H": 0.56, "L": 0.22, "N": 0},
	"I":  {"H": 0.56, "L": 0.22, "N": 0},
	"A":  {"H": 0.56, "L": 0.22, "N": 0},
}

// privileges are the weights of PR where the scope changes.
var privileges = map[float64]float64{0.85: 0.85, 0.62: 0.68, 0.27: 0.5}

// Score gives the base score of a vector, from 0 to 10. It is false where the
// vector is of another version, lacks a base metric, or has one twice or with
// an unknown value. Temporal and environmental metrics are passed over.
func Score(vector string) (float64, bool) {
	parts := strings.Split(vector, "/")
	if parts[0] != "CVSS:3.0" && parts[0] != "CVSS:3.1" || len(parts) > 64 {
		return 0, false
	}
	m := make(map[string]float64, len(metrics))
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, ":")
		weights, base := metrics[name]
		if !base {
			continue
		}
		weight, known := weights[value]
		if _, twice := m[name]; twice || !known {
			return 0, false
		}
		m[name] = weight
	}
	if len(m) < len(metrics) {
		return 0, false
	}
	changed := m["S"] == 1
	base := 1 - (1-m["C"])*(1-m["I"])*(1-m["A"])
	impact := 6.42 * base
	if changed {
		impact = 7.52*(base-0.029) - 3.25*math.Pow(base-0.02, 15)
		m["PR"] = privileges[m["PR"]]
	}
	if impact <= 0 {
		return 0, true
	}
	sum := impact + 8.22*m["AV"]*m["AC"]*m["PR"]*m["UI"]
	if changed {
		sum *= 1.08
	}
	return roundUp(min(sum, 10)), true
}

// roundUp gives the smallest number of one decimal that is not smaller than x,
// as appendix A does it: what floating point is off by is no reason to go up.
func roundUp(x float64) float64 {
	n := int64(math.Round(x * 100_000))
	if n%10_000 == 0 {
		return float64(n) / 100_000
	}
	return float64(n/10_000+1) / 10
}

// Severity gives the word of a score (section 5) as package clients write it:
// "low", "moderate", "high" or "critical", and nothing for a score of 0.
func Severity(score float64) string {
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "moderate"
	case score > 0:
		return "low"
	}
	return ""
}

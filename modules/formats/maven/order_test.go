package maven

import (
	"testing"
)

// The rows are the vectors of Maven's own tests of its ComparableVersion, each
// in ascending order.
func TestCompareAscending(t *testing.T) {
	t.Parallel()
	for _, row := range [][]string{
		{
			"1-alpha2snapshot", "1-alpha2", "1-alpha-123", "1-beta-2", "1-beta123", "1-m2", "1-m11", "1-rc", "1-cr2", "1-rc123",
			"1-SNAPSHOT", "1", "1-sp", "1-sp2", "1-sp123", "1-abc", "1-def", "1-pom-1", "1-1-snapshot", "1-1", "1-2", "1-123",
		},
		{
			"11.a2", "11.a11", "11.b2", "11.b11", "11.m2", "11.m11", "11", "11.a", "11b", "11c", "11m",
		},
		{
			"2.0", "2.0.a", "2-1", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1", "2.1.0.1", "2.2", "2.123",
		},
		{"1", "1.5", "2", "2.5"},
		{"1.0", "1.0.1", "1.1", "1.2.0"},
		{"1.0-alpha-1-SNAPSHOT", "1.0-alpha-1", "1.0-alpha-2", "1.0-beta-1", "1.0-SNAPSHOT", "1.0", "1.0-1", "1.0-2"},
		{"2.0.1", "2.0.1-klm", "2.0.1-lmn", "2.0.1-xyz", "2.0.1-123"},
		{"2.0-1", "2.0.1"},
		{"0.2", "0.7", "1.0.7", "2"},
		{"aardvark", "zebra", "7"},
		{"6.1.0rc3", "6.1.0", "6.1H.5-beta"},
		{"20190126.230843", "1234567890.12345", "123456789012345.1H.5-beta", "12345678901234567890.1H.5-beta"},
		{"1-0.alpha", "1-0.beta", "1"},
		{"1.0.0.RC1", "1.0.0-RC2"},
		{"1.0.0.m1", "1.0.0-m2"},
		{"1.0.0.def1", "1.0.0-def2"},
		{"1.0.final-redhat", "1.0-sp1-redhat"},
		{"1.0.final-redhat", "1.0-sp-1-redhat"},
		{"1.0.final-redhat", "1.0-sp.1-redhat"},
		{"1-snapshot", "1", "1-sp"},
		{"1-foo2", "1-foo10"},
		{"1.foo", "1-1", "1.1"},
		{"1-ga", "1-sp"},
		{"1-ga.1", "1-sp.1"},
	} {
		for i, low := range row {
			for _, high := range row[i+1:] {
				if Compare(low, high) >= 0 || Compare(high, low) <= 0 {
					t.Errorf("%s is not before %s", low, high)
				}
			}
		}
	}
}

// What Maven holds for equal stays apart.
func TestCompareEqual(t *testing.T) {
	t.Parallel()
	for _, row := range [][]string{
		{"1", "1.0", "1.0.0", "1-0", "1.0-0", "1.ga", "1-ga", "1ga", "1final", "1RELEASE", "1FinaL", "1-", "1.", "01", "0000000000000000001"},
		{"1a", "1-a", "1.0-a", "1.0.0-a", "1.0a", "1.0.0a", "1A"},
		{"1cr", "1rc", "1Cr", "1rC"},
		{"1a1", "1-alpha-1"},
		{"1b2", "1-beta-2"},
		{"1m3", "1-milestone-3", "1MileStone3"},
		{"2-abc", "2.0.abc", "2.0.0.abc"},
		{"1.0.0-foo.0.0", "1-foo"},
		{"0", "0.0", "000"},
	} {
		for _, a := range row {
			for _, b := range row {
				if order := Compare(a, b); (order == 0) != (a == b) {
					t.Errorf("Compare(%s, %s) = %d", a, b, order)
				}
				if order(a, b) != 0 {
					t.Errorf("%s and %s are not equal to Maven", a, b)
				}
			}
		}
	}
}

func TestPrerelease(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"1.0": false, "1.0.1": false, "1.0-SNAPSHOT": true, "SNAPSHOT": true, "1.0-alpha-1": true, "1.0-b2": true, "2.0-M3": true,
		"3.0.RC1": true, "3.0.CR1": true, "5.6.15.Final": false, "2.5.6.SEC03": false, "33.0.0-jre": false, "1.0-sp1": false,
		"1.0-b": false, "r09": false, "1.0-rc": true, "20040616": false, "xSNAPSHOT": true,
	} {
		if got := Prerelease(version); got != want {
			t.Errorf("Prerelease(%q) = %v", version, got)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Compare("33.4.17-RC2", "33.4.17-rc3")
	}
}

// FuzzCompare: the order of any three versions is one.
func FuzzCompare(f *testing.F) {
	for _, s := range [][3]string{
		{"1", "1.0", "1-0.alpha"},
		{"1-1", "1.0-1", "1-sp.1"},
		{"6.1.0rc3", "6.1.0", "6.1H.5-beta"},
		{"", "-", "."},
		{"1..2", "1-.2", "1.-2"},
		{"a1", "a-1", "a.1"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if Compare(a, a) != 0 || Compare(a, b) != -Compare(b, a) || (Compare(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q have no order", a, b)
		}
		if order(a, b) == 0 && order(b, c) == 0 && order(a, c) != 0 {
			t.Fatalf("%q, %q and %q are not all equal", a, b, c)
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%q, %q and %q have no order", a, b, c)
		}
	})
}

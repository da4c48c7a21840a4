package marshal

import (
	"bytes"
	"errors"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What Ruby 3.1 writes of the same values.
func TestBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		want  string
		write func(*Writer)
	}{
		{"integers", "[\x14i\x00i\x06i\x7fi\x01{i\x01\xffi\x02\x00\x01i\x02\xff\xffi\x03\x00\x00\x01i\xfai\x80i\xff\x84i\xff\x00i\xfe\xff\xfei\x04\xff\xff\xff\x3fi\xfc\x00\x00\x00\xc0i\x7e", func(m *Writer) {
			numbers := []int{0, 1, 122, 123, 255, 256, 65535, 65536, -1, -123, -124, -256, -257, 1<<30 - 1, -1 << 30}
			m.Array(len(numbers))
			for _, n := range numbers {
				m.Int(n)
			}
			m.Int(121)
		}},
		{"words", "TF0{\x00[\x00", func(m *Writer) { m.Bool(true); m.Bool(false); m.Nil(); m.Hash(0); m.Array(0) }},
		{"strings", "[\x07I\"\x00\x06:\x06ETI\"\x08\u00e9a\x06;\x00T", func(m *Writer) { m.Strings([]string{"", "\u00e9a"}) }},
		{"a long string", "I\"\x02,\x01" + strings.Repeat("x", 300) + "\x06:\x06ET", func(m *Writer) { m.String(strings.Repeat("x", 300)) }},
		{"a version", "U:\x11Gem::Version[\x06I\"\x081.0\x06:\x06ET", func(m *Writer) { m.UserMarshal("Gem::Version"); m.Strings([]string{"1.0"}) }},
		{"a time", "Iu:\x09Time\x0d@\x80\x1f\xc0\x00\x00\x00\x00\x06:\x09zoneI\"\x08UTC\x06:\x06EF", func(m *Writer) { m.Time(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) }},
		{"an object", "o:\x12Gem::Platform\x06:\x09@cpu0", func(m *Writer) { m.Object("Gem::Platform", 1); m.Symbol("@cpu"); m.Nil() }},
		{"a dump", "u:\x17Gem::Specification\x08abc", func(m *Writer) { m.UserDefined("Gem::Specification", []byte("abc")) }},
	} {
		var b bytes.Buffer
		m := NewWriter(&b)
		c.write(m)
		if err := m.Flush(); err != nil || b.String() != "\x04\x08"+c.want {
			t.Errorf("%s: %q, %v", c.name, b.String(), err)
		}
	}
}

func TestFailureIsKept(t *testing.T) {
	t.Parallel()
	m := NewWriter(broken{})
	for range 10_000 {
		m.Int(1)
	}
	if err := m.Flush(); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// value is a tree that is written and shown as Ruby shows it.
type value struct {
	write func(*Writer)
	shown string
}

func values(depth int) *rapid.Generator[value] {
	number := rapid.Map(rapid.OneOf(rapid.IntRange(-300, 300), rapid.IntRange(-70_000, 70_000), rapid.IntRange(-1<<30, 1<<30-1)), func(n int) value {
		return value{func(m *Writer) { m.Int(n) }, strconv.Itoa(n)}
	})
	word := rapid.Map(rapid.StringMatching("[a-z]{1,300}"), func(s string) value {
		return value{func(m *Writer) { m.String(s) }, `"` + s + `"`}
	})
	symbol := rapid.Map(rapid.StringMatching("[a-d]"), func(s string) value {
		return value{func(m *Writer) { m.Symbol(s) }, ":" + s}
	})
	if depth == 0 {
		return rapid.OneOf(number, word, symbol)
	}
	list := rapid.Map(rapid.SliceOfN(values(depth-1), 0, 5), func(items []value) value {
		shown := make([]string, len(items))
		for i := range items {
			shown[i] = items[i].shown
		}
		return value{func(m *Writer) {
			m.Array(len(items))
			for _, item := range items {
				item.write(m)
			}
		}, "[" + strings.Join(shown, ", ") + "]"}
	})
	return rapid.OneOf(number, word, symbol, list)
}

// Ruby itself reads what was written.
func TestRubyReads(t *testing.T) {
	t.Parallel()
	ruby, err := exec.LookPath("ruby")
	if err != nil {
		t.Skip("there is no ruby here")
	}
	// All of them in one run, for to start Ruby takes longer.
	all := rapid.SliceOfN(values(3), 400, 400).Example(int(time.Now().UnixNano() & math.MaxInt32))
	var b bytes.Buffer
	m := NewWriter(&b)
	m.Array(len(all))
	var want strings.Builder
	for _, v := range all {
		v.write(m)
		want.WriteString(v.shown + "\n")
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	run := exec.Command(ruby, "--disable-gems", "-e", "$stdin.binmode; Marshal.load($stdin.read).each { |v| puts v.inspect }")
	run.Stdin = &b
	got, err := run.Output()
	if err != nil || string(got) != want.String() {
		t.Errorf("%v\n%s\n---\n%s", err, got, want.String())
	}
}

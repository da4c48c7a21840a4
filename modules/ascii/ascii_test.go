package ascii

import (
	"strings"
	"testing"
)

// The runes whose low byte, or whose other letter case, is one of ASCII's are
// none of ASCII.
func TestClasses(t *testing.T) {
	t.Parallel()
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for c := rune(-1); c < 0x3000; c++ {
		digit, letter := strings.ContainsRune(digits, c), strings.ContainsRune(letters, c)
		if IsDigit(c) != digit || IsLetter(c) != letter || IsAlphanumeric(c) != (digit || letter) {
			t.Errorf("%U", c)
		}
		if b := byte(c); rune(b) == c && (IsDigit(b) != digit || IsLetter(b) != letter || IsAlphanumeric(b) != (digit || letter)) {
			t.Errorf("the byte %#x", b)
		}
	}
}

// Package ascii knows the classes of characters in names and versions whose
// specifications have no other letters and digits than those of ASCII.
package ascii

// IsDigit tells whether c is one of 0 to 9.
func IsDigit[C byte | rune](c C) bool { return '0' <= c && c <= '9' }

// IsLetter tells whether c is one of a to z or A to Z.
func IsLetter[C byte | rune](c C) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// IsAlphanumeric tells whether c is a letter or a digit.
func IsAlphanumeric[C byte | rune](c C) bool { return IsLetter(c) || IsDigit(c) }

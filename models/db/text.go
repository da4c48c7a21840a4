package db

import (
	"strings"
	"unicode/utf8"
)

// IsText tells whether a column of text can hold s: PostgreSQL takes neither
// NUL nor what is no UTF-8.
func IsText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Text makes of s what a column of text can hold. It is for what people read,
// never for names.
func Text(s string) string {
	if IsText(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

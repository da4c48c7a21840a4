package archive

import "strings"

// Text makes a text of bytes that came in a package, in the form that every
// database and page takes: UTF-8, with U+FFFD for what is none, and without
// NUL.
func Text[T string | []byte](b T) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "")
}

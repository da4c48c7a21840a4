// Package options holds what ships inside the binary and is data, not code.
package options

import "embed"

// Files holds locale/locale_<code>.ini, the texts of the pages, and
// conf/app.example.ini, the documented configuration.
//
//go:embed locale conf
var Files embed.FS

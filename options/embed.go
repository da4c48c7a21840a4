// Package options holds what ships inside the binary and is data, not code.
package options

import "embed"

// Files holds locale/locale_<code>.ini, the texts of the pages,
// conf/app.example.ini, the documented configuration, and openapi/, the
// description of the REST API.
//
//go:embed locale conf openapi
var Files embed.FS

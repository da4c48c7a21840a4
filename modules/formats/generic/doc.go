// Package generic serves files as they are, by name, version and file name.
//
// There is no specification; the addresses and statuses are those of the
// documentation "Generic Packages Repository" of Gitea, with the wider
// character sets of its later editions:
//
//	PUT    {name}/{version}/{file}   201; further files join the version, an existing one is 409
//	GET    {name}/{version}/{file}   with HEAD, ranges and validators
//	DELETE {name}/{version}/{file}   204; the last file takes its version along
//	DELETE {name}/{version}          204
//	GET    {name}/latest/{file}      the file of the newest release
//	GET    {name}                    versions and files as JSON
//
// An upload may carry X-Checksum-Sha256 (hex) or Repr-Digest (RFC 9530); a
// body that does not match is refused. Proved with curl.
package generic

// Package opm is the format of OneScript packages as opm, their package
// manager, installs and pushes them.
//
// There is no specification of the hub; the client's source decides
// (https://github.com/oscript-library/opm, 1.6.5 of 2025), and OneScript's for
// the archives.
//
//	GET  list.txt                        names of packages, one a line
//	GET  {name}/{name}.ospx              the newest version
//	GET  {name}/{name}-{version}.ospx    that version
//	GET  dev-channel/...                 the same three, of the channel dev
//	POST "" and push                     a package as the body, its channel in CHANNEL
//	GET  api/packages                    names, versions and digests as JSON
//
// The channels are kept apart: what was pushed to dev is below dev-channel/,
// as on the public hub, and nowhere else; the same version may be in both, with
// other bytes. Names are told apart without letter case, as the client does,
// and composed by Unicode's form C.
//
// A package is a zip of opm-metadata.xml and content.zip; both are read through,
// and nothing is unpacked. OneScript 1 writes names of files in code page 866.
//
// The client's own errors are texts, and so are ours. It finds the digest of a
// file in its ETag. Not served: signing in by the hub's pages.
//
// Not proved with opm itself: a script replays its requests.
package opm

// Package npm is the registry of JavaScript packages as npm and its kin use it.
//
// Sources: the documents "Public registry API", "Package metadata" and
// "User authentication" of npm/registry, the sources of npm's own client
// (libnpmpublish, npm-profile, libnpmaccess, pacote), "package.json" of npm's
// documentation, Semantic Versioning 2.0.0, and "ECDSA registry signatures" of
// npm's documentation; all of 2026. Where they are silent, what the clients do
// decides.
//
// Proved with npm 11.19, pnpm 9.15, yarn 1.22, yarn 4.18, bun 1.4 and deno 2.9.
//
// What a version says of itself is read from the package.json in its tarball,
// never from the body that brings it; a body that disagrees is refused. Where
// a tarball lies, what its sums are and who signed them is told by the registry
// when it is asked.
//
// Not served: teams, organisations and second factors, whose place is the
// forge; staged publications; the feed of changes and the list of everything,
// which no client here reads; ranges in place of a version.
package npm

// Package cargo is the registry of Rust crates as cargo uses it.
//
// Sources: The Cargo Book of 2026, chapters "Running a Registry" (index format,
// web API, registry authentication), "The Manifest Format", "Specifying
// Dependencies" and "Features"; the source of cargo where it is silent, such as
// what cargo writes into the Cargo.toml of a package; Rust RFC 2789 (sparse index).
// Addresses beside those that cargo asks for are shaped as crates.io shapes them.
//
// Proved with cargo 1.95 and 1.96.
//
// The index is sparse: a document for each crate, one line of JSON for each
// version. What a line says is read from the Cargo.toml in the package, never
// from the body that brings it; a body that disagrees is refused. Which
// registry a dependency is of is told by both: in Cargo.toml nothing stands for
// crates.io and an address for all others, in the body nothing stands for this
// registry.
//
// Not served: the index in git, which cargo needs no more since 1.70; owners of
// single crates, whose place is the forge, so that they are only listed;
// trusted publishing, categories and badges, which are crates.io's own;
// artifact dependencies, which no stable cargo has.
package cargo

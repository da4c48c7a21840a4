// Package nuget is the format of .NET packages as NuGet, dotnet and their like
// publish and install them.
//
// Sources: Microsoft's documentation of NuGet, of 2026: "NuGet Server API"
// (service index, package content, package metadata, search, autocomplete,
// push and delete, push symbol packages, vulnerability info, README and
// details templates), ".nuspec File Reference", "Package versioning"; the
// client's own sources for what they leave open; for version 2 "OData Version
// 2.0: URI Conventions" and "AtomPub Format" with RFC 4287 and 5023; for symbols
// "SSQP key conventions" and "Portable PDB v1.0" (over ECMA-335, II.24.2).
//
//	GET  index.json, v3/index.json                  service index, all names of all resources
//	GET  v3/flatcontainer/{id}/...                  versions, packages, manifests, README, icon
//	GET  v3/registration/{id}/...                   what is told of versions: for all clients,
//	GET  v3/registration-semver2/{id}/...           and with those of SemVer 2.0.0
//	GET  v3/query, v3/autocomplete, v3/vulnerability/...
//	PUT, DELETE, POST                               push, unlist, list again; also below api/v2/package
//	PUT  v3/symbolpackage, GET v3/symbols/...       symbols, and a file by its signature
//	GET  Packages(), Search(), ..., $metadata       version 2 for old clients
//
// Both registrations are packed by gzip for who takes it, as all clients do, so
// those that are always packed have no addresses of their own. Metadata comes
// from the manifest in the package. Of symbols only portable PDBs are taken.
// Signed packages are kept as they are; signatures are not verified.
//
// Clients show the reason phrase of an error's status, which Go's server does
// not let anybody choose, and the header X-NuGet-Warning, which tells it here.
//
// Not served: the catalog, which mirrors of nuget.org read and which would need
// a log of all changes; repository signatures, owners' pages and reports of
// abuse, for there is nothing to tell; $batch, $select and $expand of OData.
//
// Proved with nuget.exe 5.8 under mono 6.8; requests of dotnet are replayed.
package nuget

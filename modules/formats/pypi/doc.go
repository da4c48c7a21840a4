// Package pypi is the format of Python packages as pip installs and twine
// uploads them.
//
// Sources: the specifications of packaging.python.org, of 2026: "Simple
// repository API" 1.4 (with PEP 503, 592, 629, 658, 691, 700, 714, 740, 792),
// "Names and normalization", "Version specifiers" (PEP 440), "Core metadata"
// 2.5, "Binary distribution format" 1.0, "Source distribution format" (PEP 625),
// "Recording installed projects", "Index hosted attestations"; and PyPI's
// documentation "Upload API", "JSON API", "Integrity API".
//
//	POST ""  and  "legacy/"                        upload, the form that twine sends
//	GET  simple/                                   projects, HTML or JSON by Accept
//	GET  simple/{project}/                         files
//	GET  files/{project}/{version}/{file}          a file; .metadata and .provenance behind it
//	GET  integrity/{project}/{version}/{file}/provenance
//	GET  pypi/{project}/json, pypi/{project}/{version}/json
//
// Metadata is read from the archive; what the form repeats of it is not looked
// at, except name, version and type, which have to be the same. Attestations
// are kept and served; their signatures are not verified.
//
// Not served: XML-RPC (pip search is dead), signatures (PyPI dropped them),
// eggs and other old kinds of files, uploads in sessions (PEP 694, a draft),
// alternate-locations and tracks (PEP 708).
//
// Proved with pip 23.0, twine 4.0, build 0.9 and flit 3.8, by hand with pip
// 18.1, 19.2 and 24.2.
package pypi

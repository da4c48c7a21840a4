// Package helm is the format of Helm's classic chart repositories: an index
// and the archives that it lists.
//
// Sources: Helm's documentation, "The Chart Repository Guide", "Charts" (the
// Chart.yaml file) and "Helm Provenance and Integrity", of 2026, and the README
// of ChartMuseum 0.16 ("API") for uploads and lists. Where they are silent, what
// Helm 3.22 does decides.
//
//	GET    index.yaml                        all charts, newest version first
//	GET    charts/{name}-{version}.tgz       a chart; {name}-{version}.tgz too
//	GET    charts/{name}-{version}.tgz.prov  its provenance, where one was sent
//	POST   api/charts                        a chart as the body, or a form of chart and prov
//	POST   api/prov                          a provenance as the body, or a form of prov
//	PUT    {name}-{version}.tgz              a chart; with .prov a provenance
//	DELETE api/charts/{name}/{version}
//	GET    api/charts, api/charts/{name}, api/charts/{name}/{version}
//
// The index is written as JSON, which is YAML too: Helm reads it without its
// YAML parser, and an older one, which parses it strictly, finds no key that it
// does not know. Addresses in it are relative, so that they lead to the host
// and by the prefix through which the client came.
//
// A provenance is held against its chart: it names the file with its sha256,
// and says the same name and version. Its signature is not verified; whom to
// trust is for those to say who install.
//
// Not served: ChartMuseum's search, health and tenants; import-values of
// dependencies, which nobody reads from an index. Charts pushed by OCI are in
// the container format.
//
// Proved with Helm 3.22 and curl.
package helm

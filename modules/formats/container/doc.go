// Package container is the format of container images, charts and other
// artifacts as OCI registries keep them.
//
// Sources: the OCI Distribution Specification 1.1 with the additions of its
// main branch of 2026 (tags as parameters of a push by digest, the parameter
// digest-algorithm, cancelled uploads), the OCI Image Specification 1.1, and
// of Docker's registry documentation "Token authentication", "OAuth2 token
// authentication", "Image Manifest V 2, Schema 2" and the catalog. Manifests of
// schema 1 are refused: no client of today makes them.
//
// # What is what
//
// A package is a repository of the specification, or rather what its name has
// after the scope:
//
//	project/{owner}/{project}/{image}    of a project
//	company/{company}/{image}            of a company
//	user/{user}/{image}                  of a user
//	{image}                              of the service
//
// An image's name may have several segments. In front of all this "helm/" may
// stand, as GitFlic writes references to charts: helm/company/c/chart and
// company/c/chart are one repository, and what is in it says that it is a chart.
//
// A version is a manifest, called by its digest; tags point at versions. The
// files of a version are the manifest, byte for byte as it came, and the blobs
// that it refers to, so that a blob lives as long as a manifest needs it. An
// index has only itself for a file: the manifests it lists are versions of
// their own.
//
// # Decisions where the specification leaves one
//
// A manifest is refused where a blob or manifest that it lists is absent, has
// another size, or is embedded with other bytes; layers that have addresses
// elsewhere, and the subject, may be absent. It is refused where readers could
// understand it in two ways: keys twice or in another case, layers and
// manifests in one, a media type that is not that of the request. A blob that
// a manifest refers to cannot be deleted. A parameter from may be missing from
// a mount: then the repository itself is looked into.
//
// Referrers are those manifests that name the subject themselves. That is all
// of those listed under the referrers tag schema too, because there is no
// manifest here from before the referrers API.
//
// Proved with the conformance suite of the specification, its tests of what is
// new included, and with skopeo 1.9, podman 4.3, buildah 1.28, crane 0.22,
// regctl 0.11, oras 1.3 and helm 3.22.
package container

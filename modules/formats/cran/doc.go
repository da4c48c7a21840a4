// Package cran is the format of R packages as install.packages reads a
// repository and R CMD build makes what is in it.
//
// Sources: "Writing R Extensions", sections "The DESCRIPTION file" and "Package
// Dependencies", and "R Installation and Administration", section "Setting up a
// package repository", of R 4.2; the help pages of available.packages,
// install.packages, tools::write_PACKAGES and read.dcf; "R Internals", section
// "Serialization Formats". Uploads are those of the documentation "CRAN Package
// Registry" of Gitea, and of GitFlic, where the file's name is in the path.
//
//	PUT src, src/{file}                          a source package
//	PUT bin?platform=&rversion=, bin/{file}?...  a built package, .zip or .tgz
//	PUT bin/{platform}/{rversion}/{file}
//	GET src/contrib/PACKAGES, .gz, .rds          the index: newest versions
//	GET src/contrib/{file}                       any version
//	GET src/contrib/Archive/{package}/{file}     the same
//	GET src/contrib/Meta/archive.rds             which older versions there are
//	GET src/contrib/Meta/current.rds             which newest ones
//	GET bin/windows/contrib/{x.y}/...            PACKAGES and files, as above
//	GET bin/macosx/[{build}/]contrib/{x.y}/...
//	GET web/packages/{package}/index.html        what a package says of itself
//
// Whatever in an index would keep R from reading all of it is refused when it
// comes: large numbers in versions, and requirements that R CMD build refuses
// too. R takes 1.0-1 for 1.0.1, and 1.0 for 1.0.0 when it chooses the newest, so
// that only one of them can be published.
//
// Packages for macOS that came without the name of a build of R, as the REST
// API has it, lie in bin/macosx/contrib/{x.y}, and are in the trees of all builds
// that can run them.
//
// Not served: built packages for Linux, for which R itself has no tree; daily
// snapshots; yanked versions, which R does not know.
//
// Proved with R 4.2.2, by hand with remotes 2.4.2.
package cran

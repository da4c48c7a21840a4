// Package maven is the format of Java packages as Maven, Gradle and their like
// publish and resolve them: paths that the client makes by itself, with
// checksums and indexes beside the files.
//
// Sources: Apache Maven's "Maven Repository Layout", "Repository Metadata"
// (model 1.1.0), "POM Reference" with its "Version Order Specification",
// "Introduction to Plugin Prefix Resolution" and "Plugin Descriptor"; Maven
// Resolver's "About Checksums" and "Expected Checksums" for the headers that
// spare a request. Where the order of versions is written in two ways, the test
// vectors of Maven's own ComparableVersion decide.
//
// Served are files with md5, sha1, sha256 and sha512 of each, the indexes
// maven-metadata.xml of artifacts, SNAPSHOT versions and groups of plugins with
// the same four checksums, archetype-catalog.xml, and a search that answers as
// Maven Central's does. Indexes and checksums are made here: those that a client
// uploads are accepted, checksums compared, and superseded.
//
// Not served are directory listings, the Lucene index below .index, which no
// build tool reads, and Maven Central's own upload of whole bundles. A version
// folder of a release has no maven-metadata.xml, as in Maven's own layout.
//
// Proved with Maven 3.8.7 and Gradle 4.4.
package maven

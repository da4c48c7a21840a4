// Package archive writes and reads the archives that packages are made of.
//
// What it writes depends on nothing but the content: the same tree makes the
// same bytes. What it reads is hostile until shown otherwise: sizes, counts,
// ratios and names are bounded, everything that two readers of an archive might
// understand differently is refused, and nothing is unpacked to disk.
package archive

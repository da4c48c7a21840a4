// Package composer is the format of PHP packages as Composer 2 installs them.
//
// Sources: Composer's documentation, "The composer.json schema"
// (https://getcomposer.org/doc/04-schema.md), "Repositories"
// (https://getcomposer.org/doc/05-repositories.md) and "Versions and
// constraints" (https://getcomposer.org/doc/articles/versions.md), all of
// 2026. Where they are silent - what is a version, how versions are ordered,
// how archive.exclude matches - the behaviour of Composer's own libraries
// decides, and tests hold this package against an installed Composer.
//
// Composer 1 metadata (provider-includes, providers-url) is not served: no
// supported client reads it.
package composer

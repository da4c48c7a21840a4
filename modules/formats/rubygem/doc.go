// Package rubygem is the format of gems as gem and Bundler push and install
// them.
//
// Sources, of 2026: RubyGems guides "Compact Index API", "RubyGems.org API",
// "Specification Reference", "Make your own gem"; the reference of Gem::Version,
// Gem::Platform, Gem::Package and Gem::Specification; "Marshal Format" of Ruby's
// documentation.
//
//	GET    ""                                  says that it is there
//	GET    versions, info/{gem}, names         compact index, with ranges
//	GET    specs.4.8, latest_specs.4.8, prerelease_specs.4.8, and with .gz
//	GET    quick/Marshal.4.8/{full}.gemspec.rz
//	GET    gems/{full}.gem
//	POST   api/v1/gems                         push
//	DELETE api/v1/gems/yank
//	GET    api/v1/gems/{gem}/owners.yaml, .json
//	GET    api/v1/api_key, POST                gem signin
//	GET    api/v1/dependencies, .json
//	GET    api/v1/search.json, gems/{gem}.json, versions/{gem}.json,
//	       versions/{gem}/latest.json, attestations/{full}.json
//
// A version is the number of a gem and its platform, "1.0-java"; each has one
// file. What indexes tell is read from the gem when it is pushed.
//
// Owners and the scopes of a key are told but not changed here: the forge
// decides who may push. Attestations are kept and served; their signatures are
// not verified, nor are those in gems (.sig). Not served: the index of before
// RubyGems 1.2 (yaml, Marshal.4.8), webhooks, unyank (which RubyGems.org dropped;
// the pages restore a version), WebAuthn and one-time passwords.
//
// Proved with gem 3.3 and Bundler 2.3.
package rubygem

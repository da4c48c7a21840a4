// Package conda is the format of packages as conda, mamba, pixi and rattler
// install them.
//
// Sources: the Conda Enhancement Proposals, as of 2026: CEP 12 (run_exports.json),
// 15 (base_url), 16 (sharded repodata), 26 (names), 33 (versions), 34 (contents of
// packages), 35 (.conda and .tar.bz2), 36 (repodata.json), 38 (channeldata.json)
// and 47 (indexed_timestamp); the documentation of quetz for its uploads; and what
// conda, conda-index and rattler do where these are silent.
//
// A registry is a channel, and holds further ones by name. Below, {channel} is
// nothing for the root, or parts such as "main" and "label/dev".
//
//	GET  {channel}/{subdir}/repodata.json[.zst]          records of all builds
//	GET  {channel}/{subdir}/current_repodata.json[.zst]  of the newest, and what they need
//	GET  {channel}/{subdir}/run_exports.json[.zst]
//	GET  {channel}/{subdir}/repodata_shards.msgpack.zst  and shards/{sha256}.msgpack.zst
//	GET  {channel}/channeldata.json
//	GET  {channel}/{subdir}/{file}                       a build
//	PUT  {channel}/{subdir}/{file}, {channel}/{file}, {file}?channel=
//	POST api/channels/{channel}/files/, api/channels/{channel}/upload/{file}   (quetz)
//	POST api/v1/upload/{channel}                         (rattler-build upload prefix)
//
// A package is a name, a version holds the builds of all channels. The record of a
// build is made once, when it is published: info/index.json as it is, with keys
// that this server does not know, without those that only a server may fill, and
// with values that would spoil a whole channel to its clients mended or refused. A
// .conda file hides the .tar.bz2 file of the same build.
//
// Shards are addressed by their digest and are not kept: the index of shards tells
// which package one is of, and it is built anew. A digest that is no longer in the
// index is looked for among the earlier states of the packages published last, so
// that whoever holds an older index is served; after a deletion it is gone. That
// search is bounded, and one runs at a time.
//
// Not served: repodata.json.bz2 (deprecated), repodata patches, signatures of
// repodata, attestations (CEP 27) and the third form of repodata (CEP 48, whose keys
// are kept).
//
// Proved with rattler's bindings for JavaScript 0.3.5 and curl.
package conda

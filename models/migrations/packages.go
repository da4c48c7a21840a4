package migrations

// packages is the schema of the registry. "canon" columns hold the name in
// the format's canonical form and carry the unique indexes that decide every
// race between publishers.
const packages = `
CREATE TABLE registry (
	id {id},
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	packages BIGINT NOT NULL DEFAULT 0,
	size BIGINT NOT NULL DEFAULT 0,
	generation BIGINT NOT NULL DEFAULT 1,
	modified BIGINT NOT NULL,
	UNIQUE (scope_kind, scope_id, format)
);
CREATE TABLE package (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	registry_id BIGINT NOT NULL REFERENCES registry (id) ON DELETE RESTRICT,
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	name TEXT NOT NULL,
	canon TEXT NOT NULL,
	description TEXT NOT NULL DEFAULT '',
	latest TEXT NOT NULL DEFAULT '',
	latest_pre TEXT NOT NULL DEFAULT '',
	versions BIGINT NOT NULL DEFAULT 0,
	downloads BIGINT NOT NULL DEFAULT 0,
	size BIGINT NOT NULL DEFAULT 0,
	generation BIGINT NOT NULL DEFAULT 1,
	modified BIGINT NOT NULL,
	created BIGINT NOT NULL,
	updated BIGINT NOT NULL,
	publisher_id BIGINT NOT NULL DEFAULT 0,
	UNIQUE (registry_id, canon)
);
CREATE INDEX package_scope ON package (scope_kind, scope_id, updated DESC, id DESC);
CREATE INDEX package_registry ON package (registry_id, updated DESC, id DESC);
CREATE INDEX package_updated ON package (updated DESC, id DESC);
CREATE TABLE version (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	package_id BIGINT NOT NULL REFERENCES package (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	canon TEXT NOT NULL,
	metadata {bytes} NOT NULL,
	upload SMALLINT NOT NULL,
	publisher_id BIGINT NOT NULL,
	prerelease BOOLEAN NOT NULL DEFAULT FALSE,
	yanked BOOLEAN NOT NULL DEFAULT FALSE,
	yank_reason TEXT NOT NULL DEFAULT '',
	source_tag TEXT NOT NULL DEFAULT '',
	source_commit TEXT NOT NULL DEFAULT '',
	source_tagger TEXT NOT NULL DEFAULT '',
	downloads BIGINT NOT NULL DEFAULT 0,
	size BIGINT NOT NULL DEFAULT 0,
	created BIGINT NOT NULL,
	UNIQUE (package_id, canon)
);
CREATE TABLE blob (
	id {id},
	sha256 TEXT NOT NULL UNIQUE,
	md5 TEXT NOT NULL,
	sha1 TEXT NOT NULL,
	sha512 TEXT NOT NULL,
	size BIGINT NOT NULL,
	present BOOLEAN NOT NULL DEFAULT FALSE,
	leased_until BIGINT NOT NULL,
	created BIGINT NOT NULL
);
CREATE TABLE file (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	version_id BIGINT NOT NULL REFERENCES version (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	canon TEXT NOT NULL,
	blob_id BIGINT NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
	media_type TEXT NOT NULL DEFAULT '',
	upload SMALLINT NOT NULL,
	publisher_id BIGINT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (version_id, canon)
);
CREATE INDEX file_blob ON file (blob_id);
CREATE TABLE property (
	owner TEXT NOT NULL,
	owner_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (owner, owner_id, name)
);
CREATE TABLE tag (
	package_id BIGINT NOT NULL REFERENCES package (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	version_id BIGINT NOT NULL REFERENCES version (id) ON DELETE CASCADE,
	updated BIGINT NOT NULL,
	PRIMARY KEY (package_id, name)
);
CREATE INDEX tag_version ON tag (version_id);
CREATE TABLE download (
	version_id BIGINT NOT NULL REFERENCES version (id) ON DELETE CASCADE,
	day BIGINT NOT NULL,
	count BIGINT NOT NULL,
	PRIMARY KEY (version_id, day)
);
CREATE TABLE trash (
	blob_id BIGINT PRIMARY KEY,
	sha256 TEXT NOT NULL,
	size BIGINT NOT NULL,
	since BIGINT NOT NULL
);
CREATE TABLE outbox (
	id {id},
	topic TEXT NOT NULL,
	payload TEXT NOT NULL,
	created BIGINT NOT NULL,
	due BIGINT NOT NULL,
	attempts BIGINT NOT NULL DEFAULT 0,
	trouble TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (due);
CREATE TABLE push_rule (
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	enabled BOOLEAN NOT NULL,
	pattern TEXT NOT NULL,
	PRIMARY KEY (scope_kind, scope_id)
);
`

// lists has an index for each order in which the packages of an owner, or
// those of one format, are listed. A name is in order of the unique index
// where the format is given.
const lists = `
CREATE INDEX package_name ON package (scope_kind, scope_id, canon, id);
CREATE INDEX package_downloads ON package (scope_kind, scope_id, downloads DESC, id DESC);
CREATE INDEX package_registry_downloads ON package (registry_id, downloads DESC, id DESC);
`

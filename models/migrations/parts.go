package migrations

// parts is what came with formats whose packages are more than versions with
// files: uploads in parts, bytes that are in a package before a version refers
// to them (held), versions that are about another one (subject), names that
// must not be looked up elsewhere (reserved), settings of a registry, keys that
// it signs with, sign-ins that a client began, and advisories. From here on
// the bytes that versions of a package share count once in it.
const parts = `
ALTER TABLE version ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX version_subject ON version (package_id, subject) WHERE subject <> '';
ALTER TABLE file ADD COLUMN metadata {bytes} NOT NULL DEFAULT '';
CREATE INDEX blob_sha512 ON blob (sha512);
CREATE INDEX blob_incomplete ON blob (id) WHERE md5 = '';
CREATE TABLE session (
	id {id},
	name TEXT NOT NULL UNIQUE,
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	package TEXT NOT NULL,
	account_id BIGINT NOT NULL,
	size BIGINT NOT NULL DEFAULT 0,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_account ON session (account_id);
CREATE TABLE session_part (
	session_id BIGINT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
	start BIGINT NOT NULL,
	size BIGINT NOT NULL,
	blob_id BIGINT NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
	PRIMARY KEY (session_id, start)
);
CREATE INDEX session_part_blob ON session_part (blob_id);
CREATE TABLE held (
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	package TEXT NOT NULL,
	blob_id BIGINT NOT NULL REFERENCES blob (id) ON DELETE RESTRICT,
	expires BIGINT NOT NULL,
	PRIMARY KEY (scope_kind, scope_id, format, package, blob_id)
);
CREATE INDEX held_blob ON held (blob_id);
CREATE INDEX held_expires ON held (expires);
CREATE TABLE reserved (
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	canon TEXT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (scope_kind, scope_id, format, canon)
);
CREATE TABLE setting (
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	name TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (scope_kind, scope_id, format, name)
);
CREATE TABLE signing_key (
	id {id},
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	format TEXT NOT NULL,
	purpose TEXT NOT NULL,
	algorithm TEXT NOT NULL,
	number BIGINT NOT NULL,
	key_id TEXT NOT NULL,
	public {bytes} NOT NULL,
	private TEXT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (scope_kind, scope_id, format, purpose, algorithm, number)
);
CREATE TABLE login (
	id {id},
	poll TEXT NOT NULL UNIQUE,
	code TEXT NOT NULL UNIQUE,
	client TEXT NOT NULL,
	addr TEXT NOT NULL,
	account_id BIGINT NOT NULL DEFAULT 0,
	refused BOOLEAN NOT NULL DEFAULT FALSE,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX login_expires ON login (expires);
CREATE TABLE advisory (
	ecosystem TEXT NOT NULL,
	package TEXT NOT NULL,
	name TEXT NOT NULL,
	body {bytes} NOT NULL,
	modified BIGINT NOT NULL,
	PRIMARY KEY (ecosystem, package, name)
);
CREATE INDEX advisory_name ON advisory (name);
UPDATE package SET size = (SELECT COALESCE(sum(b.size), 0) FROM blob b WHERE b.id IN
	(SELECT f.blob_id FROM version v JOIN file f ON f.version_id = v.id WHERE v.package_id = package.id));
UPDATE registry SET size = (SELECT COALESCE(sum(p.size), 0) FROM package p WHERE p.registry_id = registry.id);
`

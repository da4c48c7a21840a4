package migrations

// accounts is the schema of the embedded forge. The row 'access' of epoch is
// bumped by every transaction that changes who may do what, so that caches of
// such answers can be checked by one read. Users and companies share the
// names in alias. A search column holds in lower case what lists are searched
// by, because the dialects' own lower() differ beyond ASCII.
const accounts = `
CREATE TABLE epoch (
	name TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);
INSERT INTO epoch (name, value) VALUES ('access', 1);
CREATE TABLE account (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	alias TEXT NOT NULL,
	title TEXT NOT NULL DEFAULT '',
	email TEXT NOT NULL,
	email_key TEXT NOT NULL UNIQUE,
	password TEXT NOT NULL,
	admin BOOLEAN NOT NULL DEFAULT FALSE,
	blocked BOOLEAN NOT NULL DEFAULT FALSE,
	locale TEXT NOT NULL DEFAULT '',
	theme TEXT NOT NULL DEFAULT '',
	search TEXT NOT NULL,
	created BIGINT NOT NULL
);
CREATE TABLE company (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	alias TEXT NOT NULL,
	title TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	private BOOLEAN NOT NULL DEFAULT FALSE,
	search TEXT NOT NULL,
	created BIGINT NOT NULL
);
CREATE TABLE alias (
	alias_key TEXT PRIMARY KEY,
	kind SMALLINT NOT NULL,
	ref_id BIGINT NOT NULL,
	UNIQUE (kind, ref_id)
);
CREATE TABLE project (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	owner_kind SMALLINT NOT NULL,
	owner_id BIGINT NOT NULL,
	alias TEXT NOT NULL,
	alias_key TEXT NOT NULL,
	title TEXT NOT NULL DEFAULT '',
	description TEXT NOT NULL DEFAULT '',
	private BOOLEAN NOT NULL DEFAULT FALSE,
	search TEXT NOT NULL,
	created BIGINT NOT NULL,
	pushed BIGINT NOT NULL DEFAULT 0,
	UNIQUE (owner_kind, owner_id, alias_key)
);
CREATE TABLE member (
	scope_kind SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	role SMALLINT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (scope_kind, scope_id, account_id)
);
CREATE INDEX member_account ON member (account_id);
CREATE TABLE token (
	id {id},
	uuid TEXT NOT NULL UNIQUE,
	account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	hash TEXT NOT NULL UNIQUE,
	hint TEXT NOT NULL,
	grants BIGINT NOT NULL,
	within_kind SMALLINT NOT NULL DEFAULT 0,
	within_id BIGINT NOT NULL DEFAULT 0,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL DEFAULT 0,
	used BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX token_account ON token (account_id);
CREATE TABLE web_session (
	id {id},
	hash TEXT NOT NULL UNIQUE,
	account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	agent TEXT NOT NULL DEFAULT '',
	addr TEXT NOT NULL DEFAULT ''
);
CREATE INDEX web_session_account ON web_session (account_id);
`

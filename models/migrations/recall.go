package migrations

// recall is what came with formats whose indexes tell when a version was taken
// back, and of which version of a language it needs.
const recall = `
ALTER TABLE version ADD COLUMN yanked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE version ADD COLUMN language TEXT NOT NULL DEFAULT '';
CREATE INDEX file_canon ON file (canon);
UPDATE version SET yanked_at = created WHERE yanked;
`

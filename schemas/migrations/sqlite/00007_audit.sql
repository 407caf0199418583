-- +goose Up
ALTER TABLE audit_entries ADD COLUMN mark text NOT NULL DEFAULT '';

CREATE TABLE audit_woven (
  name text NOT NULL PRIMARY KEY,
  size integer NOT NULL,
  root text NOT NULL,
  revision integer NOT NULL
);
INSERT INTO audit_woven (name, size, root, revision) VALUES ('tree', 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 0);

CREATE TABLE audit_tiles (
  level integer NOT NULL,
  number integer NOT NULL,
  hashes blob NOT NULL,
  PRIMARY KEY (level, number)
);

CREATE TABLE audit_checkpoints (
  size integer NOT NULL PRIMARY KEY,
  root text NOT NULL,
  note text NOT NULL,
  at datetime NOT NULL
);

CREATE INDEX audit_entries_event ON audit_entries (event, at, id);
CREATE INDEX audit_entries_role ON audit_entries (role, at, id);
CREATE INDEX audit_entries_purpose ON audit_entries (purpose, at, id);
CREATE INDEX audit_entries_study ON audit_entries (study_id, at, id) WHERE study_id IS NOT NULL;
CREATE INDEX audit_entries_outcome ON audit_entries (outcome, at, id) WHERE outcome <> 'ok';

-- An entry is appended and, once, numbered. Nothing else ever happens to it.
-- engine: triggers are spelled differently
-- +goose StatementBegin
CREATE TRIGGER audit_entries_fixed BEFORE UPDATE OF id, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_numbered BEFORE UPDATE OF seq ON audit_entries WHEN OLD.seq IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_subjects_fixed BEFORE UPDATE ON audit_subjects
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_subjects_kept BEFORE DELETE ON audit_subjects
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- same

-- +goose Down
-- engine: triggers are spelled differently
DROP TRIGGER audit_subjects_kept;
DROP TRIGGER audit_subjects_fixed;
DROP TRIGGER audit_entries_kept;
DROP TRIGGER audit_entries_numbered;
DROP TRIGGER audit_entries_fixed;
-- same
DROP INDEX audit_entries_outcome;
DROP INDEX audit_entries_study;
DROP INDEX audit_entries_purpose;
DROP INDEX audit_entries_role;
DROP INDEX audit_entries_event;
DROP TABLE audit_checkpoints;
DROP TABLE audit_tiles;
DROP TABLE audit_woven;
ALTER TABLE audit_entries DROP COLUMN mark;

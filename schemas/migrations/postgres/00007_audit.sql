-- +goose Up
ALTER TABLE audit_entries ADD COLUMN mark text NOT NULL DEFAULT '';

CREATE TABLE audit_woven (
  name text NOT NULL PRIMARY KEY,
  size bigint NOT NULL,
  root text NOT NULL,
  revision bigint NOT NULL
);
INSERT INTO audit_woven (name, size, root, revision) VALUES ('tree', 0, '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 0);

CREATE TABLE audit_tiles (
  level bigint NOT NULL,
  number bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, number)
);

CREATE TABLE audit_checkpoints (
  size bigint NOT NULL PRIMARY KEY,
  root text NOT NULL,
  note text NOT NULL,
  at timestamptz NOT NULL
);

CREATE INDEX audit_entries_event ON audit_entries (event, at, id);
CREATE INDEX audit_entries_role ON audit_entries (role, at, id);
CREATE INDEX audit_entries_purpose ON audit_entries (purpose, at, id);
CREATE INDEX audit_entries_study ON audit_entries (study_id, at, id) WHERE study_id IS NOT NULL;
CREATE INDEX audit_entries_outcome ON audit_entries (outcome, at, id) WHERE outcome <> 'ok';

-- An entry is appended and, once, numbered. Nothing else ever happens to it.
-- engine: triggers are spelled differently
-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_fixed BEFORE UPDATE OF id, at, event, account_id, role, purpose, act, object, rule, study_id, subject, subjects, outcome, request_id, detail, mark ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entries_numbered BEFORE UPDATE OF seq ON audit_entries
  FOR EACH ROW WHEN (OLD.seq IS NOT NULL) EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entries_emptied BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_subjects_fixed BEFORE UPDATE ON audit_subjects FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_subjects_kept BEFORE DELETE ON audit_subjects FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_subjects_emptied BEFORE TRUNCATE ON audit_subjects FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
-- same

-- +goose Down
-- engine: triggers are spelled differently
DROP TRIGGER audit_subjects_emptied ON audit_subjects;
DROP TRIGGER audit_subjects_kept ON audit_subjects;
DROP TRIGGER audit_subjects_fixed ON audit_subjects;
DROP TRIGGER audit_entries_emptied ON audit_entries;
DROP TRIGGER audit_entries_kept ON audit_entries;
DROP TRIGGER audit_entries_numbered ON audit_entries;
DROP TRIGGER audit_entries_fixed ON audit_entries;
DROP FUNCTION audit_refuse();
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

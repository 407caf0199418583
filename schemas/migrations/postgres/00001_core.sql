-- +goose Up
CREATE TABLE counters (
  name text NOT NULL PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO counters (name, value) VALUES ('consent', 0);

CREATE TABLE audit_entries (
  id text NOT NULL PRIMARY KEY,
  seq bigint,
  at timestamptz NOT NULL,
  event text NOT NULL,
  account_id text,
  role text NOT NULL,
  purpose text NOT NULL,
  act text NOT NULL,
  object text NOT NULL,
  rule text NOT NULL,
  study_id text,
  subject text,
  subjects bigint NOT NULL,
  outcome text NOT NULL,
  request_id text,
  detail text NOT NULL
);
CREATE UNIQUE INDEX audit_entries_seq ON audit_entries (seq);
CREATE INDEX audit_entries_pending ON audit_entries (id) WHERE seq IS NULL;
CREATE INDEX audit_entries_subject ON audit_entries (subject, at);
CREATE INDEX audit_entries_account ON audit_entries (account_id, at);
CREATE INDEX audit_entries_at ON audit_entries (at);

CREATE TABLE audit_subjects (
  entry_id text NOT NULL,
  alias text NOT NULL,
  PRIMARY KEY (entry_id, alias)
);
CREATE INDEX audit_subjects_alias ON audit_subjects (alias, entry_id);

CREATE TABLE representations (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  account_id text NOT NULL,
  relation text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE INDEX representations_account ON representations (account_id, participant_id);
CREATE INDEX representations_participant ON representations (participant_id);

CREATE TABLE consent_facts (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  scope text NOT NULL,
  document text NOT NULL,
  version bigint NOT NULL,
  signature_id text NOT NULL,
  from_seq bigint NOT NULL,
  from_at timestamptz NOT NULL,
  until_seq bigint,
  until_at timestamptz,
  lapses_at timestamptz
);
CREATE INDEX consent_facts_scope ON consent_facts (scope, participant_id);
CREATE INDEX consent_facts_participant ON consent_facts (participant_id);

-- +goose Down
DROP TABLE consent_facts;
DROP TABLE representations;
DROP TABLE audit_subjects;
DROP TABLE audit_entries;
DROP TABLE counters;

-- +goose Up
CREATE TABLE participants (
  id text NOT NULL PRIMARY KEY,
  revision bigint NOT NULL,
  relation text NOT NULL,
  self_index text,
  name bytea NOT NULL,
  birth bytea,
  birth_index text,
  birth_year bigint,
  sex text NOT NULL,
  country text NOT NULL,
  dot bigint NOT NULL,
  step text NOT NULL,
  enrolled_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX participants_self ON participants (self_index);
CREATE INDEX participants_birth ON participants (birth_index);

CREATE TABLE diagnoses (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  revision bigint NOT NULL,
  code text NOT NULL,
  undiagnosed boolean NOT NULL,
  status text NOT NULL,
  onset text NOT NULL,
  onset_date text NOT NULL,
  diagnosed text NOT NULL,
  diagnosed_date text NOT NULL,
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX diagnoses_participant ON diagnoses (participant_id, code, undiagnosed);
CREATE INDEX diagnoses_code ON diagnoses (code, participant_id);

CREATE TABLE symptoms (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  revision bigint NOT NULL,
  term text NOT NULL,
  presence text NOT NULL,
  onset_class text NOT NULL,
  onset_date text NOT NULL,
  course text NOT NULL,
  severity text NOT NULL,
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX symptoms_participant ON symptoms (participant_id, term);
CREATE INDEX symptoms_term ON symptoms (term, participant_id);

CREATE TABLE data_elements (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  revision bigint NOT NULL,
  element text NOT NULL,
  value text NOT NULL,
  sealed bytea,
  missing text NOT NULL,
  source text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX data_elements_participant ON data_elements (participant_id, element);

CREATE TABLE evidence (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  revision bigint NOT NULL,
  diagnosis_id text NOT NULL,
  blob_id text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  pages bigint NOT NULL,
  state text NOT NULL,
  reason bytea,
  replaces text,
  submitted_by text NOT NULL,
  submitted_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz
);
CREATE INDEX evidence_participant ON evidence (participant_id);
CREATE INDEX evidence_state ON evidence (state, id);

CREATE TABLE registry_changes (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  kind text NOT NULL,
  row_id text NOT NULL,
  act text NOT NULL,
  was bytea,
  source text NOT NULL,
  account_id text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX registry_changes_participant ON registry_changes (participant_id, id);

CREATE TABLE blobs (
  id text NOT NULL PRIMARY KEY,
  size bigint NOT NULL,
  sha256 text NOT NULL,
  created_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE blobs;
DROP TABLE registry_changes;
DROP TABLE evidence;
DROP TABLE data_elements;
DROP TABLE symptoms;
DROP TABLE diagnoses;
DROP TABLE participants;

-- +goose Up
CREATE TABLE studies (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  state text NOT NULL,
  title text NOT NULL,
  protocol bigint NOT NULL,
  proposal text NOT NULL,
  valid_until timestamptz,
  decided_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  revision bigint NOT NULL
);
CREATE INDEX studies_account ON studies (account_id, id);
CREATE INDEX studies_state ON studies (state, id);

CREATE TABLE study_decisions (
  id text NOT NULL PRIMARY KEY,
  study_id text NOT NULL,
  protocol bigint NOT NULL,
  verdict text NOT NULL,
  reason text NOT NULL,
  account_id text NOT NULL,
  proposal text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX study_decisions_protocol ON study_decisions (study_id, protocol);

CREATE TABLE study_counts (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  study_id text NOT NULL,
  shown bigint,
  created_at timestamptz NOT NULL
);
CREATE INDEX study_counts_account ON study_counts (account_id, created_at);

CREATE TABLE releases (
  id text NOT NULL PRIMARY KEY,
  study_id text NOT NULL,
  account_id text NOT NULL,
  state text NOT NULL,
  formats text NOT NULL,
  protocol bigint NOT NULL,
  done bigint NOT NULL,
  total bigint NOT NULL,
  people bigint NOT NULL,
  snapshot bigint NOT NULL,
  manifest text,
  signature text,
  folder boolean NOT NULL,
  fault text,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  withdrawn_at timestamptz
);
CREATE INDEX releases_study ON releases (study_id, id);
CREATE INDEX releases_state ON releases (state, id);

CREATE TABLE release_files (
  release_id text NOT NULL,
  name text NOT NULL,
  position bigint NOT NULL,
  format text NOT NULL,
  resource text NOT NULL,
  row_count bigint NOT NULL,
  bytes bigint NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (release_id, name)
);

CREATE TABLE release_subjects (
  release_id text NOT NULL,
  participant_id text NOT NULL,
  PRIMARY KEY (release_id, participant_id)
);
CREATE INDEX release_subjects_participant ON release_subjects (participant_id, release_id);

CREATE TABLE release_downloads (
  id text NOT NULL PRIMARY KEY,
  release_id text NOT NULL,
  name text NOT NULL,
  account_id text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX release_downloads_release ON release_downloads (release_id, created_at);

-- +goose Down
DROP TABLE release_downloads;
DROP TABLE release_subjects;
DROP TABLE release_files;
DROP TABLE releases;
DROP TABLE study_counts;
DROP TABLE study_decisions;
DROP TABLE studies;

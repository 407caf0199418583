-- +goose Up
CREATE TABLE consent_documents (
  document text NOT NULL,
  version bigint NOT NULL,
  language text NOT NULL,
  hash text NOT NULL,
  body bytea NOT NULL,
  published_by text,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (document, version, language)
);

CREATE TABLE consent_signatures (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  seq bigint NOT NULL,
  account_id text NOT NULL,
  relation text NOT NULL,
  document text NOT NULL,
  version bigint NOT NULL,
  language text NOT NULL,
  hash text NOT NULL,
  method text NOT NULL,
  name bytea NOT NULL,
  signed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX consent_signatures_seq ON consent_signatures (seq);
CREATE INDEX consent_signatures_participant ON consent_signatures (participant_id, seq);

CREATE TABLE consent_decisions (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  seq bigint NOT NULL,
  scope text NOT NULL,
  decision text NOT NULL,
  document text NOT NULL,
  version bigint NOT NULL,
  signature_id text,
  account_id text NOT NULL,
  relation text NOT NULL,
  decided_at timestamptz NOT NULL,
  lapses_at timestamptz
);
CREATE UNIQUE INDEX consent_decisions_seq ON consent_decisions (seq, scope);
CREATE INDEX consent_decisions_participant ON consent_decisions (participant_id, seq);

-- +goose Down
DROP TABLE consent_decisions;
DROP TABLE consent_signatures;
DROP TABLE consent_documents;

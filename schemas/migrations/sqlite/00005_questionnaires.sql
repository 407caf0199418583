-- +goose Up
CREATE TABLE questionnaires (
  id text NOT NULL PRIMARY KEY,
  url text NOT NULL,
  created_at datetime NOT NULL
);
CREATE UNIQUE INDEX questionnaires_url ON questionnaires (url);

CREATE TABLE questionnaire_versions (
  id text NOT NULL PRIMARY KEY,
  questionnaire_id text NOT NULL,
  version text NOT NULL,
  status text NOT NULL,
  title text NOT NULL,
  sha256 text NOT NULL,
  body blob NOT NULL,
  number integer NOT NULL,
  published_by text NOT NULL,
  published_at datetime NOT NULL
);
CREATE UNIQUE INDEX questionnaire_versions_version ON questionnaire_versions (questionnaire_id, version);
CREATE UNIQUE INDEX questionnaire_versions_number ON questionnaire_versions (questionnaire_id, number);

CREATE TABLE responses (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  questionnaire_id text NOT NULL,
  version_id text NOT NULL,
  status text NOT NULL,
  editing boolean NOT NULL,
  revision integer NOT NULL,
  journal_seq integer NOT NULL,
  documents integer NOT NULL,
  state blob NOT NULL,
  language text NOT NULL,
  account_id text NOT NULL,
  request_key text,
  request_hash text,
  started_at datetime NOT NULL,
  updated_at datetime NOT NULL,
  submitted_at datetime
);
CREATE INDEX responses_participant ON responses (participant_id, questionnaire_id);
CREATE INDEX responses_version ON responses (version_id, status);
CREATE UNIQUE INDEX responses_draft ON responses (participant_id, questionnaire_id) WHERE status = 'in-progress';
CREATE UNIQUE INDEX responses_request ON responses (participant_id, request_key) WHERE request_key IS NOT NULL;

CREATE TABLE response_journal (
  response_id text NOT NULL,
  seq integer NOT NULL,
  participant_id text NOT NULL,
  revision integer NOT NULL,
  op text NOT NULL,
  path text NOT NULL,
  value blob NOT NULL,
  accepted boolean NOT NULL,
  request_key text,
  request_hash text,
  account_id text NOT NULL,
  device text NOT NULL,
  language text NOT NULL,
  at datetime NOT NULL,
  PRIMARY KEY (response_id, seq)
);
CREATE UNIQUE INDEX response_journal_request ON response_journal (response_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX response_journal_participant ON response_journal (participant_id);

CREATE TABLE response_documents (
  response_id text NOT NULL,
  number integer NOT NULL,
  participant_id text NOT NULL,
  version_id text NOT NULL,
  status text NOT NULL,
  language text NOT NULL,
  account_id text NOT NULL,
  sha256 text NOT NULL,
  body blob NOT NULL,
  at datetime NOT NULL,
  PRIMARY KEY (response_id, number)
);
CREATE INDEX response_documents_participant ON response_documents (participant_id);

CREATE TABLE answers (
  response_id text NOT NULL,
  seq integer NOT NULL,
  participant_id text NOT NULL,
  version_id text NOT NULL,
  link_id text NOT NULL,
  instance text NOT NULL,
  value_type text NOT NULL,
  value_text text,
  value_number double precision,
  value_system text,
  value_code text,
  value_date text,
  unit text,
  PRIMARY KEY (response_id, seq)
);
CREATE INDEX answers_participant ON answers (participant_id);
CREATE INDEX answers_item ON answers (version_id, link_id);

-- +goose Down
DROP TABLE answers;
DROP TABLE response_documents;
DROP TABLE response_journal;
DROP TABLE responses;
DROP TABLE questionnaire_versions;
DROP TABLE questionnaires;

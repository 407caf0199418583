-- +goose Up
-- Files that answer questions. The id is the blob's: a file is kept once, for one response.
CREATE TABLE response_files (
  id text NOT NULL PRIMARY KEY,
  participant_id text NOT NULL,
  response_id text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  title bytea,
  kept boolean NOT NULL,
  account_id text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX response_files_participant ON response_files (participant_id);
CREATE INDEX response_files_response ON response_files (response_id);

-- +goose Down
DROP TABLE response_files;

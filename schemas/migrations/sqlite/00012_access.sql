-- +goose Up
-- Codes with which the owner of an account sets a new password, given out by whoever runs the program.
CREATE TABLE account_resets (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  fingerprint text NOT NULL,
  created_at datetime NOT NULL,
  expires_at datetime NOT NULL
);
CREATE UNIQUE INDEX account_resets_fingerprint ON account_resets (fingerprint);
CREATE INDEX account_resets_account ON account_resets (account_id);

-- Which account let this one act for the person; NULL for who enrolled them.
ALTER TABLE representations ADD COLUMN granted_by text;

-- +goose Down
ALTER TABLE representations DROP COLUMN granted_by;
DROP TABLE account_resets;

-- +goose Up
CREATE TABLE accounts (
  id text NOT NULL PRIMARY KEY,
  name_index text NOT NULL,
  name bytea NOT NULL,
  mail bytea,
  language text NOT NULL,
  password text NOT NULL,
  password_at timestamptz NOT NULL,
  disabled_at timestamptz,
  created_at timestamptz NOT NULL,
  revision bigint NOT NULL
);
CREATE UNIQUE INDEX accounts_name ON accounts (name_index);

CREATE TABLE account_roles (
  account_id text NOT NULL,
  role text NOT NULL,
  granted_by text,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, role)
);
CREATE INDEX account_roles_role ON account_roles (role);

CREATE TABLE account_sessions (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  fingerprint text NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_sessions_fingerprint ON account_sessions (fingerprint);
CREATE INDEX account_sessions_account ON account_sessions (account_id);
CREATE INDEX account_sessions_expires ON account_sessions (expires_at);

CREATE TABLE account_tokens (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  fingerprint text NOT NULL,
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX account_tokens_fingerprint ON account_tokens (fingerprint);
CREATE INDEX account_tokens_account ON account_tokens (account_id);

CREATE TABLE account_throttles (
  key text NOT NULL PRIMARY KEY,
  failures bigint NOT NULL,
  last_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL
);
CREATE INDEX account_throttles_last ON account_throttles (last_at);

CREATE TABLE account_networks (
  account_id text NOT NULL,
  network text NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, network)
);

-- +goose Down
DROP TABLE account_networks;
DROP TABLE account_throttles;
DROP TABLE account_tokens;
DROP TABLE account_sessions;
DROP TABLE account_roles;
DROP TABLE accounts;

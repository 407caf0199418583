-- +goose Up
-- What members propose for the next version of a questionnaire, who supports it, and what was said about it.
CREATE TABLE proposals (
  id text NOT NULL PRIMARY KEY,
  questionnaire_id text NOT NULL,
  account_id text NOT NULL,
  kind text NOT NULL,
  link_id text NOT NULL,
  body bytea NOT NULL,
  state text NOT NULL,
  verdict bytea,
  decided_by text,
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  revision bigint NOT NULL
);
CREATE INDEX proposals_questionnaire ON proposals (questionnaire_id, created_at);
CREATE INDEX proposals_account ON proposals (account_id, state);

CREATE TABLE proposal_votes (
  proposal_id text NOT NULL,
  account_id text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (proposal_id, account_id)
);

CREATE TABLE proposal_comments (
  id text NOT NULL PRIMARY KEY,
  proposal_id text NOT NULL,
  account_id text NOT NULL,
  editor boolean NOT NULL,
  body bytea NOT NULL,
  hidden boolean NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX proposal_comments_proposal ON proposal_comments (proposal_id, created_at);

-- +goose Down
DROP TABLE proposal_comments;
DROP TABLE proposal_votes;
DROP TABLE proposals;

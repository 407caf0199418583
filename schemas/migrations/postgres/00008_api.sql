-- +goose Up
-- What was answered to a request that carried an Idempotency-Key: the same request again gets the same answer.
CREATE TABLE idempotency_keys (
    account_id text NOT NULL,
    key_hash text NOT NULL,
    request_hash text NOT NULL,
    finished boolean NOT NULL,
    status bigint NOT NULL,
    answer bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, key_hash)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- +goose Down
DROP TABLE idempotency_keys;

-- +goose Up
-- What a draft was begun with, where its form wants to know something of the person: sealed FHIR resources.
ALTER TABLE responses ADD COLUMN launch blob;

-- +goose Down
ALTER TABLE responses DROP COLUMN launch;

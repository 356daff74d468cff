-- +goose Up
ALTER TABLE operators ADD COLUMN legacy_key TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE operators DROP COLUMN legacy_key;

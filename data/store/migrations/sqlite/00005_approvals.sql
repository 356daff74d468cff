-- +goose Up
CREATE TABLE approvals (
  n         INTEGER PRIMARY KEY AUTOINCREMENT,
  id        TEXT NOT NULL UNIQUE,
  operator  TEXT NOT NULL,
  module    TEXT NOT NULL,
  title     TEXT NOT NULL,
  expr      TEXT NOT NULL,
  params    TEXT,
  targets   TEXT NOT NULL,
  danger    TEXT NOT NULL,
  plan_hash TEXT NOT NULL,
  frame     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  state     TEXT NOT NULL,
  decider   TEXT NOT NULL,
  note      TEXT NOT NULL,
  created   INTEGER NOT NULL,
  decided   INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  job       TEXT NOT NULL -- that used it
) STRICT;
CREATE INDEX approvals_pending ON approvals (n) WHERE state = 'pending';

-- +goose Down
DROP TABLE approvals;

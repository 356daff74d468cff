-- +goose Up
CREATE TABLE operators (
  name       TEXT PRIMARY KEY NOT NULL,
  password   TEXT NOT NULL,
  public_key BLOB NOT NULL,
  privileges TEXT NOT NULL,
  disabled   INTEGER NOT NULL,
  one_time   INTEGER NOT NULL,
  created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  token_hash   BLOB PRIMARY KEY NOT NULL,
  operator     TEXT NOT NULL REFERENCES operators (name) ON DELETE CASCADE,
  envelope_key BLOB NOT NULL,
  created      INTEGER NOT NULL,
  last_used    INTEGER NOT NULL,
  expires      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_operator ON sessions (operator);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE jobs (
  n           INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT NOT NULL UNIQUE,
  operator    TEXT NOT NULL,
  module      TEXT NOT NULL,
  title       TEXT NOT NULL,
  module_hash TEXT NOT NULL,
  plan_hash   TEXT NOT NULL,
  params      TEXT,
  engine      TEXT NOT NULL,
  danger      TEXT NOT NULL,
  state       TEXT NOT NULL,
  created     INTEGER NOT NULL,
  started     INTEGER NOT NULL,
  ended       INTEGER NOT NULL,
  counts      TEXT
) STRICT;
CREATE INDEX jobs_created ON jobs (created);
CREATE INDEX jobs_unfinished ON jobs (n) WHERE state <> 'finished';

CREATE TABLE targets (
  job      INTEGER NOT NULL REFERENCES jobs (n),
  ord      INTEGER NOT NULL,
  host     TEXT NOT NULL,
  addr     TEXT NOT NULL,
  category TEXT NOT NULL,
  app      TEXT NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (job, ord)
) STRICT, WITHOUT ROWID;

-- id is job << 32 | seq: one job's events lie together, in order, and appending is cheap.
CREATE TABLE events (
  id      INTEGER PRIMARY KEY,
  job     INTEGER NOT NULL REFERENCES jobs (n),
  host    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  time    INTEGER NOT NULL,
  stream  TEXT NOT NULL,
  packed  INTEGER NOT NULL,
  data    BLOB,
  outcome TEXT NOT NULL,
  exit    INTEGER,
  elapsed INTEGER NOT NULL,
  problem TEXT NOT NULL,
  args    TEXT,
  seq     INTEGER GENERATED ALWAYS AS (id & 4294967295) VIRTUAL,
  CHECK (id >> 32 = job AND id & 4294967295 > 0)
) STRICT;

CREATE TABLE log (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  time     INTEGER NOT NULL,
  operator TEXT NOT NULL,
  source   TEXT NOT NULL,
  event    TEXT NOT NULL,
  job      TEXT NOT NULL,
  detail   TEXT NOT NULL
) STRICT;

CREATE TABLE nonces (
  nonce   BLOB PRIMARY KEY NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_expires ON nonces (expires);

-- +goose Down
DROP TABLE nonces;
DROP TABLE IF EXISTS log;
DROP TABLE events;
DROP TABLE targets;
DROP TABLE jobs;
DROP TABLE sessions;
DROP TABLE operators;

-- +goose Up
CREATE TABLE audit (
  seq      INTEGER PRIMARY KEY NOT NULL,
  time     INTEGER NOT NULL,
  operator TEXT NOT NULL,
  source   TEXT NOT NULL,
  event    TEXT NOT NULL,
  job      TEXT NOT NULL,
  detail   TEXT NOT NULL,
  hash     BLOB NOT NULL
) STRICT;
CREATE INDEX audit_time ON audit (time);

-- One row: the number and hash of the last record.
CREATE TABLE audit_head (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, zeroblob(32));

-- stub: 1 for what stands for removed records, 0 for a checkpoint.
CREATE TABLE checkpoints (
  stub       INTEGER NOT NULL,
  count      INTEGER NOT NULL,
  head       BLOB NOT NULL,
  time       INTEGER NOT NULL,
  signature  BLOB NOT NULL,
  public_key BLOB NOT NULL,
  PRIMARY KEY (stub, count)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'records of the operation log are not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
WHEN OLD.seq > (SELECT COALESCE(MAX(count), 0) FROM checkpoints WHERE stub = 1)
BEGIN
  SELECT RAISE(ABORT, 'records of the operation log are removed by retention only');
END;
-- +goose StatementEnd
-- A replacing INSERT would fire neither of the others.
-- +goose StatementBegin
CREATE TRIGGER audit_next BEFORE INSERT ON audit
WHEN NEW.seq <= (SELECT seq FROM audit_head WHERE id = 1)
BEGIN
  SELECT RAISE(ABORT, 'records of the operation log are not replaced');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE checkpoints;
DROP TABLE audit_head;
DROP TABLE audit;

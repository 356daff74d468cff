-- +goose Up
CREATE TABLE IF NOT EXISTS om_audit (
  seq      BIGINT NOT NULL PRIMARY KEY,
  time     BIGINT NOT NULL,
  operator MEDIUMTEXT NOT NULL,
  source   MEDIUMTEXT NOT NULL,
  event    MEDIUMTEXT NOT NULL,
  job      MEDIUMTEXT NOT NULL,
  detail   MEDIUMTEXT NOT NULL,
  hash     VARBINARY(64) NOT NULL,
  KEY om_audit_time (time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row: the number and hash of the last record. Writers queue for it.
CREATE TABLE IF NOT EXISTS om_audit_head (
  id   TINYINT NOT NULL PRIMARY KEY,
  seq  BIGINT NOT NULL,
  hash VARBINARY(64) NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO om_audit_head (id, seq, hash) VALUES (1, 0, UNHEX(REPEAT('00', 32)));

-- stub: 1 for what stands for removed records, 0 for a checkpoint.
CREATE TABLE IF NOT EXISTS om_checkpoints (
  stub       TINYINT NOT NULL,
  count      BIGINT NOT NULL,
  head       VARBINARY(64) NOT NULL,
  time       BIGINT NOT NULL,
  signature  VARBINARY(255) NOT NULL,
  public_key VARBINARY(255) NOT NULL,
  PRIMARY KEY (stub, count)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE om_checkpoints;
DROP TABLE om_audit_head;
DROP TABLE om_audit;

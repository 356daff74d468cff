-- MySQL commits each CREATE at once: IF NOT EXISTS lets a schema that was cut short be completed. The prefix keeps
-- clear of other tables in the same database. Keys are bytes, compared exactly.

-- +goose Up
CREATE TABLE IF NOT EXISTS om_operators (
  name       VARBINARY(255) NOT NULL PRIMARY KEY,
  password   TEXT NOT NULL,
  public_key BLOB NOT NULL,
  privileges TEXT NOT NULL,
  disabled   BOOLEAN NOT NULL,
  one_time   BOOLEAN NOT NULL,
  created    BIGINT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_sessions (
  token_hash   VARBINARY(255) NOT NULL PRIMARY KEY,
  operator     VARBINARY(255) NOT NULL,
  envelope_key BLOB NOT NULL,
  created      BIGINT NOT NULL,
  last_used    BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  KEY om_sessions_expires (expires),
  CONSTRAINT om_sessions_operator FOREIGN KEY (operator) REFERENCES om_operators (name) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_jobs (
  n           BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id          VARBINARY(255) NOT NULL,
  operator    TEXT NOT NULL,
  module      TEXT NOT NULL,
  title       MEDIUMTEXT NOT NULL,
  module_hash TEXT NOT NULL,
  plan_hash   TEXT NOT NULL,
  params      LONGTEXT,
  engine      TEXT NOT NULL,
  danger      TEXT NOT NULL,
  state       VARBINARY(32) NOT NULL,
  created     BIGINT NOT NULL,
  started     BIGINT NOT NULL,
  ended       BIGINT NOT NULL,
  counts      TEXT,
  UNIQUE KEY om_jobs_id (id),
  KEY om_jobs_created (created),
  KEY om_jobs_state (state)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_targets (
  job      BIGINT NOT NULL,
  ord      INT NOT NULL,
  host     TEXT NOT NULL,
  addr     TEXT NOT NULL,
  category TEXT NOT NULL,
  app      TEXT NOT NULL,
  reason   TEXT NOT NULL,
  PRIMARY KEY (job, ord),
  CONSTRAINT om_targets_job FOREIGN KEY (job) REFERENCES om_jobs (n)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- id is job << 32 | seq: one job's events lie together, in order, and appending is cheap. No foreign
-- key: it would cost a second index and make appending wait for a change of the job's state.
CREATE TABLE IF NOT EXISTS om_events (
  id      BIGINT NOT NULL PRIMARY KEY,
  job     BIGINT NOT NULL,
  host    TEXT NOT NULL,
  kind    VARBINARY(32) NOT NULL,
  time    BIGINT NOT NULL,
  stream  VARBINARY(32) NOT NULL,
  packed  BOOLEAN NOT NULL,
  data    LONGBLOB,
  outcome VARBINARY(32) NOT NULL,
  `exit`  BIGINT,
  elapsed BIGINT NOT NULL,
  problem TEXT NOT NULL,
  args    LONGTEXT,
  CONSTRAINT om_events_id CHECK (id >> 32 = job AND id & 4294967295 > 0)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_log (
  id       BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  time     BIGINT NOT NULL,
  operator MEDIUMTEXT NOT NULL,
  source   MEDIUMTEXT NOT NULL,
  event    MEDIUMTEXT NOT NULL,
  job      MEDIUMTEXT NOT NULL,
  detail   MEDIUMTEXT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_nonces (
  nonce   VARBINARY(255) NOT NULL PRIMARY KEY,
  expires BIGINT NOT NULL,
  KEY om_nonces_expires (expires)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Every transaction leaves its token here for a while: whoever loses the answer to COMMIT looks for it.
CREATE TABLE IF NOT EXISTS om_writes (
  n     BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token VARBINARY(16) NOT NULL,
  conn  BIGINT NOT NULL,
  UNIQUE KEY om_writes_token (token)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE om_writes;
DROP TABLE om_nonces;
DROP TABLE IF EXISTS om_log;
DROP TABLE om_events;
DROP TABLE om_targets;
DROP TABLE om_jobs;
DROP TABLE om_sessions;
DROP TABLE om_operators;

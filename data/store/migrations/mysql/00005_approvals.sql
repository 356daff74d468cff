-- +goose Up
CREATE TABLE IF NOT EXISTS om_approvals (
  n         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id        VARBINARY(255) NOT NULL,
  operator  VARBINARY(255) NOT NULL,
  module    TEXT NOT NULL,
  title     MEDIUMTEXT NOT NULL,
  expr      LONGTEXT NOT NULL,
  params    LONGTEXT,
  targets   LONGTEXT NOT NULL,
  danger    TEXT NOT NULL,
  plan_hash VARBINARY(255) NOT NULL,
  frame     VARBINARY(255) NOT NULL,
  reason    MEDIUMTEXT NOT NULL,
  state     VARBINARY(32) NOT NULL,
  decider   VARBINARY(255) NOT NULL,
  note      MEDIUMTEXT NOT NULL,
  created   BIGINT NOT NULL,
  decided   BIGINT NOT NULL,
  expires   BIGINT NOT NULL,
  job       VARBINARY(255) NOT NULL, -- that used it
  UNIQUE KEY om_approvals_id (id),
  KEY om_approvals_state (state)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE om_approvals;

-- The one control server of this database, and what is taken over from the tables of the earlier system.

-- +goose Up
CREATE TABLE IF NOT EXISTS om_server (
  id    TINYINT NOT NULL PRIMARY KEY,
  epoch BIGINT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

INSERT IGNORE INTO om_server (id, epoch) VALUES (1, 0);

-- MySQL has no ADD COLUMN IF NOT EXISTS.
SET @omadd = IF((SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = 'om_operators' AND column_name = 'legacy_key') = 0,
  'ALTER TABLE om_operators ADD COLUMN legacy_key VARCHAR(64) CHARACTER SET ascii NOT NULL DEFAULT \'\'', 'DO 0');
PREPARE omadd FROM @omadd;
EXECUTE omadd;
DEALLOCATE PREPARE omadd;

-- What was done with each row of the tables users and user_logs; user_logs also the rows that this system wrote there.
CREATE TABLE IF NOT EXISTS om_legacy_users (
  name VARBINARY(255) NOT NULL PRIMARY KEY
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_legacy_logs (
  id BIGINT NOT NULL PRIMARY KEY
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE om_legacy_logs;
DROP TABLE om_legacy_users;
ALTER TABLE om_operators DROP COLUMN legacy_key;
DROP TABLE om_server;

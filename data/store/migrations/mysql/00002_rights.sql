-- +goose Up
CREATE TABLE IF NOT EXISTS om_roles (
  name VARBINARY(255) NOT NULL PRIMARY KEY,
  body MEDIUMTEXT NOT NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS om_operator_roles (
  operator VARBINARY(255) NOT NULL,
  role     VARBINARY(255) NOT NULL,
  PRIMARY KEY (operator, role),
  KEY om_operator_roles_role (role),
  CONSTRAINT om_operator_roles_operator FOREIGN KEY (operator) REFERENCES om_operators (name) ON DELETE CASCADE,
  CONSTRAINT om_operator_roles_role FOREIGN KEY (role) REFERENCES om_roles (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- +goose Down
DROP TABLE om_operator_roles;
DROP TABLE om_roles;

-- +goose Up
CREATE TABLE roles (
  name TEXT PRIMARY KEY NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_roles (
  operator TEXT NOT NULL REFERENCES operators (name) ON DELETE CASCADE,
  role     TEXT NOT NULL REFERENCES roles (name),
  PRIMARY KEY (operator, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_roles_role ON operator_roles (role);

-- +goose Down
DROP TABLE operator_roles;
DROP TABLE roles;

-- What we promise customers, version by version.
CREATE TABLE offerings (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  slug    TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  shown   INTEGER NOT NULL CHECK (shown IN (0, 1)),
  made_at INTEGER NOT NULL
);
CREATE TABLE offering_versions (
  offering BLOB NOT NULL REFERENCES offerings (id),
  version  INTEGER NOT NULL CHECK (version > 0),
  title    TEXT NOT NULL,
  text     TEXT NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  PRIMARY KEY (offering, version)
);
CREATE TRIGGER offering_versions_stay BEFORE UPDATE ON offering_versions BEGIN SELECT RAISE(ABORT, 'what was promised is never changed'); END;

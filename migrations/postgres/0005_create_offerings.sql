-- What we promise customers, version by version.
CREATE TABLE offerings (
  id      BYTEA PRIMARY KEY CHECK (length(id) = 16),
  slug    TEXT NOT NULL UNIQUE,
  version BIGINT NOT NULL,
  shown   BIGINT NOT NULL CHECK (shown IN (0, 1)),
  made_at BIGINT NOT NULL
);
CREATE TABLE offering_versions (
  offering BYTEA NOT NULL REFERENCES offerings (id),
  version  BIGINT NOT NULL CHECK (version > 0),
  title    TEXT NOT NULL,
  text     TEXT NOT NULL,
  at       BIGINT NOT NULL,
  actor    TEXT NOT NULL,
  PRIMARY KEY (offering, version)
);
CREATE TRIGGER offering_versions_stay BEFORE UPDATE ON offering_versions FOR EACH ROW EXECUTE FUNCTION refuse('what was promised is never changed');

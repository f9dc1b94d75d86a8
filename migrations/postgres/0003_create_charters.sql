-- Every charter that was ever published, as it was.
CREATE TABLE charters (
  version      BIGINT PRIMARY KEY,
  name         TEXT NOT NULL,
  text         TEXT NOT NULL,
  outer_text   TEXT,
  published_at BIGINT NOT NULL,
  published_by TEXT NOT NULL,
  note         TEXT NOT NULL
);
CREATE TRIGGER charters_stay BEFORE UPDATE ON charters FOR EACH ROW EXECUTE FUNCTION refuse('a published charter is never changed');
CREATE TRIGGER charters_remain BEFORE DELETE OR TRUNCATE ON charters EXECUTE FUNCTION refuse('a published charter is never taken out');

-- The one in force.
CREATE TABLE charter_in_force (
  one     BIGINT PRIMARY KEY CHECK (one = 1),
  version BIGINT NOT NULL REFERENCES charters (version),
  since   BIGINT NOT NULL
);

-- When each calendar is open: weekly hours, days that differ.
CREATE TABLE calendars (
  name       TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

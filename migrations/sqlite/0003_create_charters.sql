-- Every charter that was ever published, as it was.
CREATE TABLE charters (
  version      INTEGER PRIMARY KEY,
  name         TEXT NOT NULL,
  text         TEXT NOT NULL,
  outer_text   TEXT,
  published_at INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  note         TEXT NOT NULL
);
CREATE TRIGGER charters_stay BEFORE UPDATE ON charters BEGIN SELECT RAISE(ABORT, 'a published charter is never changed'); END;
CREATE TRIGGER charters_remain BEFORE DELETE ON charters BEGIN SELECT RAISE(ABORT, 'a published charter is never taken out'); END;

-- The one in force.
CREATE TABLE charter_in_force (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL REFERENCES charters (version),
  since   INTEGER NOT NULL
);

-- When each calendar is open: weekly hours, days that differ.
CREATE TABLE calendars (
  name       TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  changed_at INTEGER NOT NULL
);

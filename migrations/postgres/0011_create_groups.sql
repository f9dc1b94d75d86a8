-- The team that serves a group of the charter. A group is known by its id in the charter.
CREATE TABLE group_teams (
  group_id   TEXT COLLATE "C" PRIMARY KEY,
  team       BYTEA NOT NULL REFERENCES teams (id),
  changed_at BIGINT NOT NULL
);

-- The rota: who is there for a group, in which hours of a week, from an instant on and until one. `days` has a bit for each day, Monday the lowest; `hours` are
-- as people write them (none: whenever the group is open). A deputy is asked when nobody else is there. Without a planned end, `until_at` is the last instant.
CREATE TABLE shifts (
  id        BYTEA PRIMARY KEY CHECK (length(id) = 16),
  group_id  TEXT COLLATE "C" NOT NULL,
  staff     BYTEA NOT NULL REFERENCES staff (id),
  is_deputy BIGINT NOT NULL CHECK (is_deputy IN (0, 1)),
  days      BIGINT NOT NULL CHECK (days BETWEEN 1 AND 127),
  hours     TEXT NOT NULL,
  zone      TEXT NOT NULL,
  from_at   BIGINT NOT NULL,
  until_at  BIGINT NOT NULL CHECK (until_at >= from_at)
);
CREATE INDEX shifts_by_end ON shifts (until_at, id);

-- When somebody is not there, and who stands in for them. Called off before it began: both are the same.
CREATE TABLE absences (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  staff      BYTEA NOT NULL REFERENCES staff (id),
  substitute BYTEA REFERENCES staff (id) CHECK (substitute <> staff),
  from_at    BIGINT NOT NULL,
  until_at   BIGINT NOT NULL CHECK (until_at >= from_at)
);
CREATE INDEX absences_by_end ON absences (until_at, id);

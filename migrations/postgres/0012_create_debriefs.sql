-- A debrief: a private talk between an agent and who leads them. Points collect on the agent's list until a talk is held over them. What is said on a point or on
-- a talk can be erased; nothing here changes what was decided. Points that follow from a grant name it, those that somebody put there by hand do not.
CREATE TABLE debrief_talks (
  id     BYTEA PRIMARY KEY CHECK (length(id) = 16),
  agent  BYTEA NOT NULL,
  lead   BYTEA NOT NULL CHECK (lead <> agent),
  agreed BYTEA REFERENCES texts (id),
  at     BIGINT NOT NULL
);
CREATE INDEX debrief_talks_of_agent ON debrief_talks (agent, id);
CREATE INDEX debrief_talks_of_lead ON debrief_talks (lead, id);

CREATE TABLE debrief_points (
  id       BYTEA PRIMARY KEY CHECK (length(id) = 16),
  agent    BYTEA NOT NULL,
  kind     TEXT NOT NULL CHECK (kind IN ('stretch', 'exceeded', 'hard', 'other')),
  case_id  BYTEA CHECK ((case_id IS NULL) = (kind = 'other')),
  grant_id BYTEA CHECK ((grant_id IS NULL) = (kind IN ('hard', 'other'))),
  actor    TEXT NOT NULL,
  at       BIGINT NOT NULL,
  talk     BYTEA REFERENCES debrief_talks (id)
);
CREATE INDEX debrief_points_open ON debrief_points (agent, id) WHERE talk IS NULL;
CREATE UNIQUE INDEX debrief_points_hard ON debrief_points (agent, case_id) WHERE kind = 'hard' AND talk IS NULL;
CREATE INDEX debrief_points_of_talk ON debrief_points (talk, id) WHERE talk IS NOT NULL;
CREATE INDEX debrief_points_of_case ON debrief_points (case_id) WHERE case_id IS NOT NULL;
CREATE UNIQUE INDEX debrief_points_of_grant ON debrief_points (grant_id, kind) WHERE grant_id IS NOT NULL;

-- What one of the two wrote, on a point or on a talk. What was written on a point goes with it: `talk` is nothing while it is open, and so the notes of a list are
-- found together.
CREATE TABLE debrief_notes (
  id    BYTEA PRIMARY KEY CHECK (length(id) = 16),
  agent BYTEA NOT NULL,
  point BYTEA REFERENCES debrief_points (id),
  talk  BYTEA REFERENCES debrief_talks (id),
  staff BYTEA NOT NULL,
  text  BYTEA NOT NULL REFERENCES texts (id),
  at    BIGINT NOT NULL,
  CHECK (point IS NOT NULL OR talk IS NOT NULL)
);
CREATE INDEX debrief_notes_open ON debrief_notes (agent, point) WHERE talk IS NULL;
CREATE INDEX debrief_notes_of_point ON debrief_notes (point) WHERE point IS NOT NULL;
CREATE INDEX debrief_notes_of_talk ON debrief_notes (talk, point) WHERE talk IS NOT NULL;

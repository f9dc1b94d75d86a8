-- What was passed up to a group of the charter. It is answered with words to the one who raised it, or it is not answered: no row says otherwise. Nobody answers
-- their own. A case waits for one answer at a time. `due_at` is when an answer is due: the last instant while nobody is known to be there, or while the one who
-- raised it is asked something. `missed_at` is when an answer was due the last time that none came. `raised_to` is the group it went to first, `group_id` the one
-- it is with. `could_have`: whether the one who raised it could have decided it alone, and by which rule. `kept`: whether an exception
-- that was made is one that others may go by.
CREATE TABLE escalations (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  case_id     BLOB NOT NULL REFERENCES cases (id),
  raiser      TEXT NOT NULL,
  cause       TEXT NOT NULL CHECK (cause IN ('beyond_limit', 'not_accepted')),
  is_urgent   INTEGER NOT NULL CHECK (is_urgent IN (0, 1)),
  want        BLOB REFERENCES texts (id),
  raised_to   TEXT NOT NULL,
  group_id    TEXT NOT NULL,
  raised_at   INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  passed_on   INTEGER NOT NULL,
  missed_at   INTEGER,
  state       TEXT NOT NULL CHECK (state IN ('open', 'asked_back', 'withdrawn', 'answered')),
  state_at    INTEGER NOT NULL,
  looked_at   INTEGER,
  taken_by    TEXT,
  answer      TEXT CHECK (answer IN ('given', 'less', 'no', 'none')),
  answered_by TEXT CHECK (answered_by <> raiser),
  words       BLOB REFERENCES texts (id),
  could_have  INTEGER CHECK (could_have IN (0, 1)),
  rule        TEXT,
  kept        TEXT CHECK (kept IN ('one_off', 'precedent')),
  rating      TEXT CHECK (rating IN ('helpful', 'partly', 'not')),
  rated_at    INTEGER,
  CHECK ((state = 'answered') = (answer IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (answered_by IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (words IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (could_have IS NOT NULL)),
  CHECK ((rule IS NOT NULL) = (COALESCE(could_have, 0) = 1)),
  CHECK (kept IS NULL OR COALESCE(answer, '') IN ('given', 'less')),
  CHECK (rating IS NULL OR answer IS NOT NULL),
  CHECK ((rating IS NULL) = (rated_at IS NULL))
) WITHOUT ROWID;
CREATE UNIQUE INDEX escalations_waiting ON escalations (case_id) WHERE state IN ('open', 'asked_back');
CREATE INDEX escalations_of_case ON escalations (case_id, id);
CREATE INDEX escalations_of_raiser ON escalations (raiser, id);
CREATE INDEX escalations_of_group ON escalations (group_id, state, due_at, id);
CREATE INDEX escalations_answered ON escalations (group_id, id) WHERE state = 'answered';
CREATE INDEX escalations_raised_to ON escalations (raised_to, id);
CREATE INDEX escalations_precedents ON escalations (id) WHERE kept = 'precedent';
CREATE TRIGGER escalations_stay BEFORE UPDATE ON escalations WHEN OLD.state = 'answered' AND NOT (OLD.id IS NEW.id AND OLD.case_id IS NEW.case_id AND OLD.raiser IS NEW.raiser AND OLD.cause IS NEW.cause AND OLD.is_urgent IS NEW.is_urgent AND OLD.want IS NEW.want AND OLD.raised_to IS NEW.raised_to AND OLD.group_id IS NEW.group_id AND OLD.raised_at IS NEW.raised_at AND OLD.due_at IS NEW.due_at AND OLD.passed_on IS NEW.passed_on AND OLD.missed_at IS NEW.missed_at AND OLD.state IS NEW.state AND OLD.state_at IS NEW.state_at AND OLD.looked_at IS NEW.looked_at AND OLD.taken_by IS NEW.taken_by AND OLD.answer IS NEW.answer AND OLD.answered_by IS NEW.answered_by AND OLD.words IS NEW.words AND OLD.could_have IS NEW.could_have AND OLD.rule IS NEW.rule AND OLD.kept IS NEW.kept AND OLD.rating IS NULL)
BEGIN SELECT RAISE(ABORT, 'what was answered is never changed'); END;
CREATE TRIGGER escalations_remain BEFORE DELETE ON escalations BEGIN SELECT RAISE(ABORT, 'what was raised is never taken out'); END;

-- What was asked for, and the approval that came of it.
CREATE TABLE escalation_items (
  escalation BLOB NOT NULL REFERENCES escalations (id),
  place      INTEGER NOT NULL CHECK (place >= 0),
  remedy     TEXT NOT NULL,
  reason     TEXT,
  measure    TEXT NOT NULL CHECK (measure IN ('money', 'percent', 'count', 'act')),
  unit       TEXT CHECK ((unit IS NOT NULL) = (measure IN ('money', 'count'))),
  units      INTEGER CHECK (units > 0),
  decision   BLOB NOT NULL REFERENCES decisions (id),
  grant_id   BLOB UNIQUE REFERENCES grants (id),
  PRIMARY KEY (escalation, place)
) WITHOUT ROWID;

-- What a customer was told: who contacts them, by when, how. `first_due_at` is what they were told first. It is kept in time or late; it is broken when it was
-- given up, and while its time is over and nobody has contacted them.
CREATE TABLE promises (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  case_id      BLOB NOT NULL REFERENCES cases (id),
  escalation   BLOB REFERENCES escalations (id),
  group_id     TEXT,
  staff        BLOB REFERENCES staff (id),
  how          TEXT NOT NULL CHECK (how IN ('phone', 'email', 'chat', 'letter', 'visit')),
  made_by      TEXT NOT NULL,
  made_at      INTEGER NOT NULL,
  first_due_at INTEGER NOT NULL CHECK (first_due_at > made_at),
  due_at       INTEGER NOT NULL CHECK (due_at >= first_due_at),
  renewed      INTEGER NOT NULL,
  ended        TEXT CHECK (ended IN ('kept', 'given_up')),
  ended_at     INTEGER,
  ended_by     TEXT,
  CHECK ((group_id IS NULL) <> (staff IS NULL)),
  CHECK ((ended IS NULL) = (ended_at IS NULL)),
  CHECK ((ended IS NULL) = (ended_by IS NULL))
) WITHOUT ROWID;
CREATE INDEX promises_of_case ON promises (case_id, id);
CREATE INDEX promises_of_group ON promises (group_id, id) WHERE group_id IS NOT NULL;
CREATE INDEX promises_open ON promises (due_at, id) WHERE ended IS NULL;

-- What was passed up, where news is about that: whoever raised it may not be able to open the case.
ALTER TABLE news ADD COLUMN escalation BLOB REFERENCES escalations (id);

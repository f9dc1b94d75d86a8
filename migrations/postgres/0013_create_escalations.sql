-- What was passed up to a group of the charter. It is answered with words to the one who raised it, or it is not answered: no row says otherwise. Nobody answers
-- their own. A case waits for one answer at a time. `due_at` is when an answer is due: the last instant while nobody is known to be there, or while the one who
-- raised it is asked something. `missed_at` is when an answer was due the last time that none came. `raised_to` is the group it went to first, `group_id` the one
-- it is with. `could_have`: whether the one who raised it could have decided it alone, and by which rule. `kept`: whether an exception
-- that was made is one that others may go by.
CREATE TABLE escalations (
  id          BYTEA PRIMARY KEY CHECK (length(id) = 16),
  case_id     BYTEA NOT NULL REFERENCES cases (id),
  raiser      TEXT NOT NULL,
  cause       TEXT NOT NULL CHECK (cause IN ('beyond_limit', 'not_accepted')),
  is_urgent   BIGINT NOT NULL CHECK (is_urgent IN (0, 1)),
  want        BYTEA REFERENCES texts (id),
  raised_to   TEXT COLLATE "C" NOT NULL,
  group_id    TEXT COLLATE "C" NOT NULL,
  raised_at   BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  passed_on   BIGINT NOT NULL,
  missed_at   BIGINT,
  state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'asked_back', 'withdrawn', 'answered')),
  state_at    BIGINT NOT NULL,
  looked_at   BIGINT,
  taken_by    TEXT,
  answer      TEXT CHECK (answer IN ('given', 'less', 'no', 'none')),
  answered_by TEXT CHECK (answered_by <> raiser),
  words       BYTEA REFERENCES texts (id),
  could_have  BIGINT CHECK (could_have IN (0, 1)),
  rule        TEXT,
  kept        TEXT CHECK (kept IN ('one_off', 'precedent')),
  rating      TEXT CHECK (rating IN ('helpful', 'partly', 'not')),
  rated_at    BIGINT,
  CHECK ((state = 'answered') = (answer IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (answered_by IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (words IS NOT NULL)),
  CHECK ((answer IS NOT NULL) = (could_have IS NOT NULL)),
  CHECK ((rule IS NOT NULL) = (COALESCE(could_have, 0) = 1)),
  CHECK (kept IS NULL OR COALESCE(answer, '') IN ('given', 'less')),
  CHECK (rating IS NULL OR answer IS NOT NULL),
  CHECK ((rating IS NULL) = (rated_at IS NULL))
);
CREATE UNIQUE INDEX escalations_waiting ON escalations (case_id) WHERE state IN ('open', 'asked_back');
CREATE INDEX escalations_of_case ON escalations (case_id, id);
CREATE INDEX escalations_of_raiser ON escalations (raiser, id);
CREATE INDEX escalations_of_group ON escalations (group_id, state, due_at, id);
CREATE INDEX escalations_answered ON escalations (group_id, id) WHERE state = 'answered';
CREATE INDEX escalations_raised_to ON escalations (raised_to, id);
CREATE INDEX escalations_precedents ON escalations (id) WHERE kept = 'precedent';
CREATE TRIGGER escalations_stay BEFORE UPDATE ON escalations FOR EACH ROW WHEN (OLD.state = 'answered' AND NOT (OLD.id IS NOT DISTINCT FROM NEW.id AND OLD.case_id IS NOT DISTINCT FROM NEW.case_id AND OLD.raiser IS NOT DISTINCT FROM NEW.raiser AND OLD.cause IS NOT DISTINCT FROM NEW.cause AND OLD.is_urgent IS NOT DISTINCT FROM NEW.is_urgent AND OLD.want IS NOT DISTINCT FROM NEW.want AND OLD.raised_to IS NOT DISTINCT FROM NEW.raised_to AND OLD.group_id IS NOT DISTINCT FROM NEW.group_id AND OLD.raised_at IS NOT DISTINCT FROM NEW.raised_at AND OLD.due_at IS NOT DISTINCT FROM NEW.due_at AND OLD.passed_on IS NOT DISTINCT FROM NEW.passed_on AND OLD.missed_at IS NOT DISTINCT FROM NEW.missed_at AND OLD.state IS NOT DISTINCT FROM NEW.state AND OLD.state_at IS NOT DISTINCT FROM NEW.state_at AND OLD.looked_at IS NOT DISTINCT FROM NEW.looked_at AND OLD.taken_by IS NOT DISTINCT FROM NEW.taken_by AND OLD.answer IS NOT DISTINCT FROM NEW.answer AND OLD.answered_by IS NOT DISTINCT FROM NEW.answered_by AND OLD.words IS NOT DISTINCT FROM NEW.words AND OLD.could_have IS NOT DISTINCT FROM NEW.could_have AND OLD.rule IS NOT DISTINCT FROM NEW.rule AND OLD.kept IS NOT DISTINCT FROM NEW.kept AND OLD.rating IS NULL))
EXECUTE FUNCTION refuse('what was answered is never changed');
CREATE TRIGGER escalations_remain BEFORE DELETE OR TRUNCATE ON escalations EXECUTE FUNCTION refuse('what was raised is never taken out');

-- What was asked for, and the approval that came of it.
CREATE TABLE escalation_items (
  escalation BYTEA NOT NULL REFERENCES escalations (id),
  place      BIGINT NOT NULL CHECK (place >= 0),
  remedy     TEXT NOT NULL,
  reason     TEXT,
  measure    TEXT NOT NULL CHECK (measure IN ('money', 'percent', 'count', 'act')),
  unit       TEXT CHECK ((unit IS NOT NULL) = (measure IN ('money', 'count'))),
  units      BIGINT CHECK (units > 0),
  decision   BYTEA NOT NULL REFERENCES decisions (id),
  grant_id   BYTEA UNIQUE REFERENCES grants (id),
  PRIMARY KEY (escalation, place)
);

-- What a customer was told: who contacts them, by when, how. `first_due_at` is what they were told first. It is kept in time or late; it is broken when it was
-- given up, and while its time is over and nobody has contacted them.
CREATE TABLE promises (
  id           BYTEA PRIMARY KEY CHECK (length(id) = 16),
  case_id      BYTEA NOT NULL REFERENCES cases (id),
  escalation   BYTEA REFERENCES escalations (id),
  group_id     TEXT COLLATE "C",
  staff        BYTEA REFERENCES staff (id),
  how          TEXT NOT NULL CHECK (how IN ('phone', 'email', 'chat', 'letter', 'visit')),
  made_by      TEXT NOT NULL,
  made_at      BIGINT NOT NULL,
  first_due_at BIGINT NOT NULL CHECK (first_due_at > made_at),
  due_at       BIGINT NOT NULL CHECK (due_at >= first_due_at),
  renewed      BIGINT NOT NULL,
  ended        TEXT CHECK (ended IN ('kept', 'given_up')),
  ended_at     BIGINT,
  ended_by     TEXT,
  CHECK ((group_id IS NULL) <> (staff IS NULL)),
  CHECK ((ended IS NULL) = (ended_at IS NULL)),
  CHECK ((ended IS NULL) = (ended_by IS NULL))
);
CREATE INDEX promises_of_case ON promises (case_id, id);
CREATE INDEX promises_of_group ON promises (group_id, id) WHERE group_id IS NOT NULL;
CREATE INDEX promises_open ON promises (due_at, id) WHERE ended IS NULL;

-- What was passed up, where news is about that: whoever raised it may not be able to open the case.
ALTER TABLE news ADD COLUMN escalation BYTEA REFERENCES escalations (id);

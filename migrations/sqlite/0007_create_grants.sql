-- What was decided, on what, under which charter: enough to decide it again.
CREATE TABLE decisions (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  case_id  BLOB NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  charter  INTEGER NOT NULL REFERENCES charters (version),
  request  TEXT NOT NULL,
  personal BLOB REFERENCES texts (id),
  digest   TEXT,
  upto     INTEGER NOT NULL,
  outcome  TEXT NOT NULL,
  answer   BLOB NOT NULL
);
CREATE INDEX decisions_of_case ON decisions (case_id, id);
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'a decision is never taken out'); END;

-- Remedies given. What was given is never changed; where it stands moves on, one way.
CREATE TABLE grants (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  offer     BLOB NOT NULL,
  case_id   BLOB NOT NULL,
  customer  BLOB,
  giver     TEXT NOT NULL,
  remedy    TEXT NOT NULL,
  reason    TEXT,
  units     INTEGER CHECK (units > 0),
  worth     INTEGER CHECK (worth >= 0),
  decision  BLOB NOT NULL REFERENCES decisions (id),
  why       BLOB REFERENCES texts (id),
  at        INTEGER NOT NULL,
  send_at   INTEGER NOT NULL CHECK (send_at >= at),
  state     TEXT NOT NULL CHECK (state IN ('granted', 'withdrawn', 'sent', 'fulfilled', 'failed', 'unclear', 'corrected')),
  state_at  INTEGER NOT NULL,
  cause     TEXT CHECK (cause IN ('wrong_customer_or_order', 'double', 'false_fact', 'suspected_fraud')),
  CHECK ((state = 'corrected') = (cause IS NOT NULL))
);
CREATE INDEX grants_of_case ON grants (case_id, seq);
CREATE INDEX grants_of_customer ON grants (customer, seq);
CREATE INDEX grants_of_giver ON grants (giver, seq);
CREATE INDEX grants_unsettled ON grants (state, seq) WHERE state IN ('granted', 'sent', 'failed', 'unclear');
CREATE TRIGGER grants_begin BEFORE INSERT ON grants WHEN NEW.state <> 'granted'
BEGIN SELECT RAISE(ABORT, 'a grant begins as granted'); END;
CREATE TRIGGER grants_stay BEFORE UPDATE ON grants WHEN OLD.id IS NOT NEW.id OR OLD.seq IS NOT NEW.seq OR OLD.offer IS NOT NEW.offer OR OLD.case_id IS NOT NEW.case_id
  OR OLD.giver IS NOT NEW.giver OR OLD.remedy IS NOT NEW.remedy OR OLD.reason IS NOT NEW.reason OR OLD.units IS NOT NEW.units OR OLD.worth IS NOT NEW.worth
  OR OLD.decision IS NOT NEW.decision OR OLD.why IS NOT NEW.why OR OLD.at IS NOT NEW.at OR OLD.send_at IS NOT NEW.send_at
BEGIN SELECT RAISE(ABORT, 'what was given is never changed'); END;
CREATE TRIGGER grants_move_on BEFORE UPDATE OF state ON grants WHEN NOT (
     OLD.state IS NEW.state
  OR OLD.state = 'granted' AND NEW.state IN ('withdrawn', 'sent', 'corrected')
  OR OLD.state = 'sent' AND NEW.state IN ('fulfilled', 'failed', 'unclear', 'corrected')
  OR OLD.state IN ('failed', 'unclear') AND NEW.state IN ('sent', 'fulfilled', 'failed', 'unclear', 'corrected'))
BEGIN SELECT RAISE(ABORT, 'a grant does not go back: only an error is mended, and only before it is fulfilled'); END;
CREATE TRIGGER grants_remain BEFORE DELETE ON grants BEGIN SELECT RAISE(ABORT, 'a grant is never taken out'); END;

-- Where a grant stood, step by step.
CREATE TABLE grant_steps (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  grant_id BLOB NOT NULL REFERENCES grants (id),
  state    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  note     BLOB REFERENCES texts (id)
);
CREATE INDEX grant_steps_of_grant ON grant_steps (grant_id, seq);
CREATE TRIGGER grant_steps_stay BEFORE UPDATE ON grant_steps BEGIN SELECT RAISE(ABORT, 'a step is never changed'); END;
CREATE TRIGGER grant_steps_remain BEFORE DELETE ON grant_steps BEGIN SELECT RAISE(ABORT, 'a step is never taken out'); END;

-- What a grant counts under: one row for each key its charter knew. A customer who is merged takes these along, from a step of the ledger on; under the
-- name they had it counted until then, so that what was decided before can be decided again.
CREATE TABLE grant_keys (
  name     TEXT NOT NULL,
  key      TEXT NOT NULL,
  at       INTEGER NOT NULL,
  grant_id BLOB NOT NULL REFERENCES grants (id),
  since    INTEGER NOT NULL DEFAULT 0,
  until    INTEGER,
  PRIMARY KEY (name, key, at, grant_id)
) WITHOUT ROWID;
CREATE INDEX grant_keys_of_grant ON grant_keys (grant_id);

-- Offers that were not allowed: who gives more later sees them first.
CREATE TABLE refusals (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  case_id  BLOB NOT NULL,
  customer BLOB,
  issue    TEXT,
  staff    TEXT NOT NULL,
  remedy   TEXT NOT NULL,
  reason   TEXT,
  units    INTEGER,
  decision BLOB NOT NULL REFERENCES decisions (id),
  at       INTEGER NOT NULL
);
CREATE INDEX refusals_of_customer ON refusals (customer, issue, id);
CREATE INDEX refusals_of_case ON refusals (case_id, id);

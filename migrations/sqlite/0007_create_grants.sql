-- What was decided, on what, under which charter: enough to decide it again. A fact that became personal later is taken out of the request when its person is
-- erased (`erased_at`); nothing else of a decision is ever changed.
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
  answer   BLOB NOT NULL,
  erased_at INTEGER
);
CREATE INDEX decisions_of_case ON decisions (case_id, id);
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions WHEN NOT (NEW.erased_at IS NOT NULL
  AND OLD.id IS NEW.id AND OLD.case_id IS NEW.case_id AND OLD.at IS NEW.at AND OLD.actor IS NEW.actor AND OLD.charter IS NEW.charter AND OLD.personal IS NEW.personal AND OLD.digest IS NEW.digest AND OLD.upto IS NEW.upto AND OLD.outcome IS NEW.outcome AND OLD.answer IS NEW.answer)
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decisions_remain BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'a decision is never taken out'); END;

-- The options a case opened with: once for each case, charter and facts. `digest` is over the request but for when and by whom it was asked.
CREATE TABLE case_options (
  case_id  BLOB NOT NULL,
  digest   BLOB NOT NULL,
  charter  INTEGER NOT NULL REFERENCES charters (version),
  at       INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  request  TEXT NOT NULL,
  personal BLOB REFERENCES texts (id),
  upto     INTEGER NOT NULL,
  answer   BLOB NOT NULL,
  erased_at INTEGER,
  PRIMARY KEY (case_id, digest)
) WITHOUT ROWID;

-- Remedies given. What was given is never changed; where it stands moves on, one way. `units` are of the measure: minor units of the currency in `unit`,
-- hundredths of a percent, or as many of `unit`. An approval is one that stands `offered`: it reserves its room, and `giver` is who approved it, until somebody
-- gives it; `send_at` is until when it holds.
CREATE TABLE grants (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  id        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  offer     BLOB NOT NULL,
  case_id   BLOB NOT NULL,
  customer  BLOB,
  giver     TEXT NOT NULL,
  remedy    TEXT NOT NULL,
  reason    TEXT,
  measure   TEXT NOT NULL CHECK (measure IN ('money', 'percent', 'count', 'act')),
  unit      TEXT CHECK ((unit IS NOT NULL) = (measure IN ('money', 'count'))),
  units     INTEGER CHECK (units > 0),
  worth     INTEGER CHECK (worth >= 0),
  decision  BLOB NOT NULL REFERENCES decisions (id),
  why       BLOB REFERENCES texts (id),
  at        INTEGER NOT NULL,
  send_at   INTEGER NOT NULL CHECK (send_at >= at),
  state     TEXT NOT NULL CHECK (state IN ('offered', 'granted', 'withdrawn', 'sent', 'fulfilled', 'failed', 'unclear', 'corrected')),
  state_at  INTEGER NOT NULL,
  cause     TEXT CHECK (cause IN ('wrong_customer_or_order', 'double', 'false_fact', 'suspected_fraud')),
  CHECK ((state = 'corrected') = (cause IS NOT NULL))
);
CREATE INDEX grants_of_case ON grants (case_id, seq);
CREATE INDEX grants_of_customer ON grants (customer, seq);
CREATE INDEX grants_of_remedy ON grants (remedy, seq);
CREATE INDEX grants_of_giver ON grants (giver, seq);
CREATE INDEX grants_unsettled ON grants (state, seq) WHERE state IN ('granted', 'sent', 'failed', 'unclear');
CREATE TRIGGER grants_begin BEFORE INSERT ON grants WHEN NEW.state NOT IN ('offered', 'granted')
BEGIN SELECT RAISE(ABORT, 'a grant begins as granted, or as offered'); END;
CREATE TRIGGER grants_stay BEFORE UPDATE ON grants WHEN OLD.id IS NOT NEW.id OR OLD.seq IS NOT NEW.seq OR OLD.offer IS NOT NEW.offer OR OLD.case_id IS NOT NEW.case_id
  OR OLD.remedy IS NOT NEW.remedy OR OLD.reason IS NOT NEW.reason OR OLD.measure IS NOT NEW.measure OR OLD.unit IS NOT NEW.unit OR OLD.units IS NOT NEW.units OR OLD.worth IS NOT NEW.worth
  OR OLD.decision IS NOT NEW.decision OR OLD.why IS NOT NEW.why OR OLD.at IS NOT NEW.at
  OR (OLD.giver IS NOT NEW.giver OR OLD.send_at IS NOT NEW.send_at) AND NOT (OLD.state = 'offered' AND NEW.state = 'granted')
BEGIN SELECT RAISE(ABORT, 'what was given is never changed'); END;
CREATE TRIGGER grants_move_on BEFORE UPDATE OF state ON grants WHEN NOT (
     OLD.state IS NEW.state
  OR OLD.state = 'offered' AND NEW.state IN ('granted', 'withdrawn')
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

-- What a grant counts under: one row for each key its charter knew, and one under none, each with all that a sum takes of it. It counts from a step of the
-- ledger (`since`) to another (`until`): that of its withdrawal or correction, or of the merge by which its customer took another name. So what was decided
-- before can be decided again. `facts` are all facts among its keys, as JSON, of the rows that are not a subject's.
CREATE TABLE grant_keys (
  name     TEXT NOT NULL,
  key      TEXT NOT NULL,
  at       INTEGER NOT NULL,
  grant_id BLOB NOT NULL REFERENCES grants (id),
  since    INTEGER NOT NULL,
  until    INTEGER,
  remedy   TEXT NOT NULL,
  reason   TEXT,
  units    INTEGER,
  worth    INTEGER,
  facts    TEXT,
  PRIMARY KEY (name, key, at, grant_id)
) WITHOUT ROWID;
CREATE INDEX grant_keys_of_grant ON grant_keys (grant_id, since, until);
CREATE TRIGGER grants_count_no_more AFTER INSERT ON grant_steps WHEN NEW.state IN ('withdrawn', 'corrected')
BEGIN UPDATE grant_keys SET until = NEW.seq WHERE grant_id = NEW.grant_id AND until IS NULL; END;

-- What caps that count broadly have to add up: sums over hours, days and spans of 32 days, of each set of facts that such a cap counts by. `names` are these
-- facts (none: all grants together), `key` their values as JSON. What takes a step after `since` is added by whoever gives it; what was given before, up to `upto`
-- by a job.
CREATE TABLE grant_sum_sets (
  names TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  upto  INTEGER NOT NULL
);
CREATE TABLE grant_sums (
  names      TEXT NOT NULL,
  key        TEXT NOT NULL,
  span       INTEGER NOT NULL,
  bucket     INTEGER NOT NULL,
  remedy     TEXT NOT NULL,
  reason     TEXT NOT NULL,
  weighed    INTEGER NOT NULL,
  number     INTEGER NOT NULL CHECK (number >= 0),
  units      INTEGER CHECK (units < 9000000000000000000),
  worth      INTEGER NOT NULL CHECK (worth < 9000000000000000000),
  first_at   INTEGER,
  first_step INTEGER NOT NULL,
  last_step  INTEGER NOT NULL CHECK (last_step >= first_step),
  PRIMARY KEY (names, key, span, bucket, remedy, reason, weighed)
) WITHOUT ROWID;

-- Offers that were not allowed: who gives more later sees them first.
CREATE TABLE refusals (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  case_id  BLOB NOT NULL,
  customer BLOB,
  issue    TEXT,
  staff    TEXT NOT NULL,
  remedy   TEXT NOT NULL,
  reason   TEXT,
  measure  TEXT,
  unit     TEXT,
  units    INTEGER,
  decision BLOB NOT NULL REFERENCES decisions (id),
  at       INTEGER NOT NULL
);
CREATE INDEX refusals_of_customer ON refusals (customer, issue, id);
CREATE INDEX refusals_of_case ON refusals (case_id, id);

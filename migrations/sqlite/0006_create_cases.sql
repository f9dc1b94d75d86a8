CREATE TABLE cases (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  id        BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  title     TEXT,
  channel   TEXT NOT NULL,
  issue     TEXT,
  customer  BLOB REFERENCES subjects (id),
  offering  BLOB REFERENCES offerings (id),
  owner     BLOB,
  team      BLOB,
  state     TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'solved', 'closed')),
  opened_at INTEGER NOT NULL,
  state_at  INTEGER NOT NULL,
  first_answer_at INTEGER,
  source    TEXT,
  ref       TEXT,
  UNIQUE (source, ref)
);
CREATE INDEX cases_latest ON cases (state, number);
CREATE INDEX cases_of_owner ON cases (owner, state, number);
CREATE INDEX cases_of_team ON cases (team, state, number);
CREATE INDEX cases_of_customer ON cases (customer, number);

-- What else a case is about: one subject of a kind.
CREATE TABLE case_subjects (
  case_id BLOB NOT NULL,
  kind    TEXT NOT NULL,
  subject BLOB NOT NULL REFERENCES subjects (id),
  PRIMARY KEY (case_id, kind)
) WITHOUT ROWID;
CREATE INDEX case_subjects_by_subject ON case_subjects (subject, case_id);

-- Whose a case was before: kept so that their data are found when they have to be erased.
CREATE TABLE former_customers (
  customer BLOB NOT NULL REFERENCES subjects (id),
  number   INTEGER NOT NULL REFERENCES cases (number),
  case_id  BLOB NOT NULL,
  PRIMARY KEY (customer, number)
) WITHOUT ROWID;
CREATE TRIGGER cases_had_customers AFTER UPDATE OF customer ON cases WHEN OLD.customer IS NOT NEW.customer AND OLD.customer IS NOT NULL
BEGIN INSERT INTO former_customers (customer, number, case_id) VALUES (OLD.customer, OLD.number, OLD.id) ON CONFLICT DO NOTHING; END;

-- Events of all subjects. Never changed, never taken out.
CREATE TABLE events (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  number  INTEGER NOT NULL CHECK (number > 0),
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  data    TEXT NOT NULL,
  digest  BLOB NOT NULL,
  UNIQUE (subject, number)
);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never taken out'); END;

-- Seals over all events, in the order of their places.
CREATE TABLE seals (
  number INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  upto   INTEGER NOT NULL,
  events INTEGER NOT NULL,
  digest BLOB NOT NULL
);
CREATE TRIGGER seals_stay BEFORE UPDATE ON seals BEGIN SELECT RAISE(ABORT, 'seals are never changed'); END;
CREATE TRIGGER seals_remain BEFORE DELETE ON seals BEGIN SELECT RAISE(ABORT, 'seals are never taken out'); END;

-- Words and personal values, which can be erased.
CREATE TABLE texts (
  id        BLOB PRIMARY KEY CHECK (length(id) = 16),
  salt      BLOB,
  text      TEXT,
  kept_at   INTEGER NOT NULL,
  erased_at INTEGER,
  CHECK ((text IS NULL) = (erased_at IS NOT NULL) AND (salt IS NULL) = (erased_at IS NOT NULL))
) WITHOUT ROWID;

CREATE TABLE jobs (
  id       BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind     TEXT NOT NULL,
  key      TEXT NOT NULL,
  payload  TEXT NOT NULL,
  run_at   INTEGER NOT NULL,
  tries    INTEGER NOT NULL,
  lease    BLOB,
  error    TEXT,
  made_at  INTEGER NOT NULL,
  ended_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX jobs_once ON jobs (kind, key) WHERE ended_at IS NULL;
CREATE INDEX jobs_due ON jobs (run_at) WHERE ended_at IS NULL;

CREATE TABLE idempotency_keys (
  actor       TEXT NOT NULL,
  key         TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  status      INTEGER,
  answer      TEXT,
  about       TEXT,
  made_at     INTEGER NOT NULL,
  PRIMARY KEY (actor, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_about ON idempotency_keys (about) WHERE about IS NOT NULL;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (made_at);

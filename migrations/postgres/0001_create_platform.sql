-- Events of all subjects. Never changed, never taken out.
CREATE TABLE events (
  seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  number  BIGINT NOT NULL CHECK (number > 0),
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  kind    TEXT NOT NULL,
  data    TEXT NOT NULL,
  digest  BYTEA NOT NULL,
  UNIQUE (subject, number)
);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
CREATE TRIGGER events_stay BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION refuse('events are never changed');
CREATE TRIGGER events_remain BEFORE DELETE OR TRUNCATE ON events EXECUTE FUNCTION refuse('events are never taken out');

-- Seals over all events, in the order of their places.
CREATE TABLE seals (
  number BIGINT PRIMARY KEY,
  at     BIGINT NOT NULL,
  upto   BIGINT NOT NULL,
  events BIGINT NOT NULL,
  digest BYTEA NOT NULL
);
CREATE TRIGGER seals_stay BEFORE UPDATE ON seals FOR EACH ROW EXECUTE FUNCTION refuse('seals are never changed');
CREATE TRIGGER seals_remain BEFORE DELETE OR TRUNCATE ON seals EXECUTE FUNCTION refuse('seals are never taken out');

-- Words and personal values, which can be erased.
CREATE TABLE texts (
  id        BYTEA PRIMARY KEY CHECK (length(id) = 16),
  salt      BYTEA,
  text      TEXT,
  kept_at   BIGINT NOT NULL,
  erased_at BIGINT,
  CHECK ((text IS NULL) = (erased_at IS NOT NULL) AND (salt IS NULL) = (erased_at IS NOT NULL))
);

CREATE TABLE jobs (
  id       BYTEA PRIMARY KEY CHECK (length(id) = 16),
  kind     TEXT NOT NULL,
  key      TEXT NOT NULL,
  payload  TEXT NOT NULL,
  run_at   BIGINT NOT NULL,
  tries    BIGINT NOT NULL,
  lease    BYTEA,
  error    TEXT,
  made_at  BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX jobs_once ON jobs (kind, key) WHERE ended_at IS NULL;
CREATE INDEX jobs_due ON jobs (run_at) WHERE ended_at IS NULL;

CREATE TABLE idempotency_keys (
  actor       TEXT NOT NULL,
  key         TEXT NOT NULL,
  fingerprint BYTEA NOT NULL,
  status      BIGINT,
  answer      TEXT,
  about       TEXT,
  made_at     BIGINT NOT NULL,
  PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_about ON idempotency_keys (about) WHERE about IS NOT NULL;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (made_at);

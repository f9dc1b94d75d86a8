-- Other systems that are told of events. The secret signs what they are sent, so it is kept as it is.
CREATE TABLE webhooks (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  url         TEXT NOT NULL,
  secret      TEXT NOT NULL,
  old_secret  TEXT,
  old_until   INTEGER,
  made_at     INTEGER NOT NULL,
  paused_at   INTEGER,
  disabled_at INTEGER,
  CHECK ((old_secret IS NULL) = (old_until IS NULL))
) WITHOUT ROWID;

-- Which events each is told of.
CREATE TABLE webhook_events (
  event   TEXT NOT NULL,
  webhook BLOB NOT NULL REFERENCES webhooks (id),
  PRIMARY KEY (event, webhook)
) WITHOUT ROWID;
CREATE INDEX webhook_events_of_webhook ON webhook_events (webhook);

-- What each was sent, or is to be sent, and what came of it. Old ones are taken out.
CREATE TABLE webhook_deliveries (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook  BLOB NOT NULL REFERENCES webhooks (id),
  message  TEXT NOT NULL,
  key      TEXT NOT NULL,
  event    TEXT NOT NULL,
  body     TEXT NOT NULL,
  state    TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
  tries    INTEGER NOT NULL,
  status   INTEGER,
  error    TEXT,
  made_at  INTEGER NOT NULL,
  tried_at INTEGER,
  next_at  INTEGER,
  UNIQUE (webhook, message)
);
CREATE INDEX webhook_deliveries_latest ON webhook_deliveries (webhook, seq);
CREATE INDEX webhook_deliveries_open ON webhook_deliveries (webhook, state, seq) WHERE state IN ('waiting', 'failed');
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (made_at);

-- Other systems that are told of events. The secret signs what they are sent, so it is kept as it is.
CREATE TABLE webhooks (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  url         TEXT NOT NULL,
  secret      TEXT NOT NULL,
  made_at     INTEGER NOT NULL,
  disabled_at INTEGER
) WITHOUT ROWID;

-- Which events each is told of.
CREATE TABLE webhook_events (
  event   TEXT NOT NULL,
  webhook BLOB NOT NULL REFERENCES webhooks (id),
  PRIMARY KEY (event, webhook)
) WITHOUT ROWID;
CREATE INDEX webhook_events_of_webhook ON webhook_events (webhook);

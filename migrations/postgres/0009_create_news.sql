-- What somebody has to hear, until they have seen it.
CREATE TABLE news (
  id      BYTEA PRIMARY KEY CHECK (length(id) = 16),
  staff   BYTEA NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('grant_corrected', 'no_exceeded', 'escalation_answered', 'escalation_asked_back', 'approval_ended')),
  case_number BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  seen_at BIGINT
);
CREATE INDEX news_unseen ON news (staff, id) WHERE seen_at IS NULL;

-- What somebody has to hear, until they have seen it.
CREATE TABLE news (
  id      BLOB PRIMARY KEY CHECK (length(id) = 16),
  staff   BLOB NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('grant_corrected', 'no_exceeded', 'escalation_answered', 'escalation_asked_back', 'approval_ended')),
  case_number INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  seen_at INTEGER
) WITHOUT ROWID;
CREATE INDEX news_unseen ON news (staff, id) WHERE seen_at IS NULL;

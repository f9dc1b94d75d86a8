-- What passes are signed with: a key for each kind.
CREATE TABLE pass_keys (
  name    TEXT PRIMARY KEY,
  secret  BLOB NOT NULL CHECK (length(secret) = 32),
  made_at INTEGER NOT NULL
) WITHOUT ROWID;

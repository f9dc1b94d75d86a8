-- The ways to the page that makes the first owner, while there is none: each start of the server prints one. What is kept is the digest of what it prints.
CREATE TABLE first_links (
  digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),
  made_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The ways to the page that makes the first owner, while there is none: each start of the server prints one. What is kept is the digest of what it prints.
CREATE TABLE first_links (
  digest     BYTEA PRIMARY KEY CHECK (length(digest) = 32),
  made_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Where a group hears of what it is asked, besides its mails: a chat that takes messages at this address. The address is a secret: whoever knows it can write there.
CREATE TABLE group_chats (
  group_id TEXT COLLATE "C" PRIMARY KEY,
  kind     TEXT NOT NULL CHECK (kind IN ('slack', 'teams')),
  url      TEXT NOT NULL,
  set_at   BIGINT NOT NULL
);

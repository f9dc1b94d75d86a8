-- Persons and AI agents. Never taken out, because what they did names them.
CREATE TABLE staff (
  id          BYTEA PRIMARY KEY CHECK (length(id) = 16),
  kind        TEXT NOT NULL CHECK (kind IN ('person', 'ai_agent')),
  name        TEXT NOT NULL CHECK (length(name) > 0),
  name_key    TEXT COLLATE "C" NOT NULL,
  email       TEXT,
  email_key   TEXT UNIQUE,
  level       TEXT,
  locale      TEXT NOT NULL,
  time_zone   TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  disabled_at BIGINT,
  CHECK ((kind = 'person') = (email IS NOT NULL) AND (email IS NULL) = (email_key IS NULL))
);
CREATE INDEX staff_by_name ON staff (name_key, id);

CREATE TABLE staff_roles (
  staff      BYTEA NOT NULL REFERENCES staff,
  role       TEXT NOT NULL CHECK (role IN ('owner', 'operator')),
  granted_at BIGINT NOT NULL,
  PRIMARY KEY (role, staff)
);
CREATE INDEX staff_roles_by_staff ON staff_roles (staff);

CREATE TABLE teams (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT NOT NULL CHECK (length(name) > 0),
  name_key   TEXT COLLATE "C" NOT NULL UNIQUE,
  parent     BYTEA REFERENCES teams,
  created_at BIGINT NOT NULL,
  CHECK (parent <> id)
);
CREATE INDEX teams_by_parent ON teams (parent);

-- From an instant on, and until one, which is no longer part of it. Called off before it began: both are the same.
CREATE TABLE memberships (
  id       BYTEA PRIMARY KEY CHECK (length(id) = 16),
  staff    BYTEA NOT NULL REFERENCES staff,
  team     BYTEA NOT NULL REFERENCES teams,
  role     TEXT NOT NULL CHECK (role IN ('member', 'lead', 'manager')),
  from_at  BIGINT NOT NULL,
  until_at BIGINT,
  CHECK (until_at >= from_at)
);
CREATE INDEX memberships_by_staff ON memberships (staff, from_at);
CREATE INDEX memberships_by_team ON memberships (team, from_at);

CREATE TABLE passwords (
  staff  BYTEA PRIMARY KEY REFERENCES staff,
  hash   TEXT NOT NULL,
  set_at BIGINT NOT NULL
);

-- How often something was tried in vain, by the digest of who tried or what was tried for.
CREATE TABLE tries (
  key   BYTEA PRIMARY KEY CHECK (length(key) = 32),
  count BIGINT NOT NULL,
  since BIGINT NOT NULL
);
CREATE INDEX tries_by_age ON tries (since);

CREATE TABLE sessions (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  digest     BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  staff      BYTEA NOT NULL REFERENCES staff,
  device     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_staff ON sessions (staff, seen_at);
CREATE INDEX sessions_by_age ON sessions (created_at);

-- Links that work once.
CREATE TABLE links (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  digest     BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  kind       TEXT NOT NULL CHECK (kind IN ('invitation', 'reset')),
  staff      BYTEA NOT NULL REFERENCES staff,
  made_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX links_by_staff ON links (staff) WHERE used_at IS NULL;
CREATE INDEX links_by_age ON links (expires_at);

-- Of a person, of an AI agent, or of another system by the name it is known under.
CREATE TABLE tokens (
  id         BYTEA PRIMARY KEY CHECK (length(id) = 16),
  digest     BYTEA NOT NULL UNIQUE CHECK (length(digest) = 32),
  name       TEXT NOT NULL CHECK (length(name) > 0),
  staff      BYTEA REFERENCES staff,
  source     TEXT CHECK (length(source) > 0),
  scopes     TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  used_at    BIGINT,
  revoked_at BIGINT,
  CHECK ((staff IS NULL) <> (source IS NULL))
);
CREATE INDEX tokens_by_staff ON tokens (staff) WHERE staff IS NOT NULL;

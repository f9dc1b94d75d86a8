-- What cases are about: customers, orders, and whatever else a charter declares. A merged one points at the one it became.
CREATE TABLE subjects (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  kind        TEXT NOT NULL,
  ref         TEXT NOT NULL,
  customer    BLOB REFERENCES subjects (id),
  merged_into BLOB REFERENCES subjects (id),
  made_at     INTEGER NOT NULL,
  UNIQUE (kind, ref)
);
CREATE INDEX subjects_of_customer ON subjects (customer, id);
CREATE INDEX subjects_merged ON subjects (merged_into) WHERE merged_into IS NOT NULL;

-- Who a customer is: can be erased.
CREATE TABLE customers (
  id        BLOB PRIMARY KEY REFERENCES subjects (id),
  name      TEXT,
  name_key  TEXT,
  email     TEXT,
  email_key TEXT,
  phone     TEXT,
  locale    TEXT,
  contact   TEXT,
  changed_at INTEGER NOT NULL,
  erased_at INTEGER
);
CREATE INDEX customers_by_name ON customers (name_key, id);
CREATE INDEX customers_by_email ON customers (email_key, id);

-- The words of a customer's name, in small letters and without accents: each finds them. They go when the name goes.
CREATE TABLE customer_words (
  word     TEXT NOT NULL,
  customer BLOB NOT NULL REFERENCES customers (id),
  PRIMARY KEY (word, customer)
) WITHOUT ROWID;
CREATE INDEX customer_words_of_customer ON customer_words (customer, word);

-- Customers whose personal data are erased, and how far that is: the cases before number `before` are still to be looked at. By the word of which charter facts
-- are personal: under another one it is done again.
CREATE TABLE erasures (
  customer BLOB PRIMARY KEY REFERENCES subjects (id),
  begun_at INTEGER NOT NULL,
  actor    TEXT NOT NULL,
  charter  INTEGER NOT NULL,
  before   INTEGER NOT NULL,
  cases    INTEGER NOT NULL,
  ended_at INTEGER
);
CREATE INDEX erasures_under_way ON erasures (begun_at) WHERE ended_at IS NULL;
CREATE INDEX erasures_by_charter ON erasures (charter);

-- What is known of a subject, or of a case: the latest word on each fact, who said it, and when.
CREATE TABLE facts (
  subject  BLOB NOT NULL,
  name     TEXT NOT NULL,
  value    TEXT NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('stated', 'person', 'system')),
  level    TEXT,
  actor    TEXT NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (subject, name)
) WITHOUT ROWID;

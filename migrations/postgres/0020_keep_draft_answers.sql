-- What somebody answered to the six questions and has not published: it opens again as they left it. One row to each, gone once a charter is published.
CREATE TABLE draft_answers (
  staff      BYTEA PRIMARY KEY REFERENCES staff,
  -- The charter in force that it would take the place of; 0 where there was none.
  instead_of BIGINT NOT NULL,
  answers    TEXT NOT NULL
);

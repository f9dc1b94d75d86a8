-- What was answered to the six questions, beside the charter that was written from it: as long as that one is in force, the questions open as they were answered.
CREATE TABLE charter_answers (
  version BIGINT PRIMARY KEY REFERENCES charters (version),
  answers TEXT NOT NULL
);
CREATE TRIGGER charter_answers_stay BEFORE UPDATE ON charter_answers FOR EACH ROW EXECUTE FUNCTION refuse('what was answered is never changed');

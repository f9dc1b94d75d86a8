-- A list of its own shows the cases that no team has. An index of teams cannot be read in the order of their numbers where there is none.
CREATE INDEX cases_of_no_team ON cases (state, number) WHERE team IS NULL;

-- What was not the asker's to grant is looked for on its own: by reports, and when a charter is tried on it.
CREATE INDEX decisions_beyond ON decisions (id) WHERE outcome IN ('forbidden', 'escalate', 'exception');

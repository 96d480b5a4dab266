-- What was agreed and when it is due. Moments are microseconds since 1970 UTC.

ALTER TABLE tickets ADD COLUMN first_answer_due_at INTEGER; -- a technician must have written; NULL while that clock stands
ALTER TABLE tickets ADD COLUMN resolution_due_at INTEGER;   -- it must be resolved; NULL while that clock stands

-- What the targets of all tickets were last reckoned by. One row, or none before the first time.
CREATE TABLE agreed (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  fingerprint TEXT    NOT NULL,           -- equal for configurations that agree on the same
  at          INTEGER NOT NULL            -- since when
) STRICT;

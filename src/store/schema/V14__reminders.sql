-- Reminders to whoever's turn it is, and what they repeat. Moments are microseconds since 1970 UTC. Tickets that wait since
-- before have none: nobody gets a letter about old matters because of a new version.

ALTER TABLE tickets ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0; -- how often somebody was reminded while it waits
ALTER TABLE tickets ADD COLUMN reminds_at INTEGER; -- when the next reminder is due, or after the last one the end of waiting
ALTER TABLE tickets ADD COLUMN nudges_at INTEGER;  -- when whoever has it is told that the promised news is nearly due
CREATE INDEX tickets_reminding ON tickets (reminds_at) WHERE reminds_at IS NOT NULL;
CREATE INDEX tickets_nudging ON tickets (nudges_at) WHERE nudges_at IS NOT NULL;

-- What a technician last wrote to the requester of a ticket: a reminder repeats it.
CREATE TABLE last_said (
  ticket INTEGER PRIMARY KEY REFERENCES tickets (number),
  by     TEXT    NOT NULL, -- the technician, as people call them
  at     INTEGER NOT NULL,
  words  TEXT    NOT NULL  -- what the requester read, nothing internal; the beginning of it
) STRICT;

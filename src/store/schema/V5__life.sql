-- A ticket's life: putting aside, taking back, the queue of the day. Moments are microseconds since 1970 UTC.

ALTER TABLE tickets ADD COLUMN wakes_at INTEGER; -- when a ticket that is put aside or waits goes on by itself
CREATE INDEX tickets_waking ON tickets (wakes_at) WHERE wakes_at IS NOT NULL;
CREATE INDEX tickets_merged ON tickets (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX tickets_assigned ON tickets (assignee) WHERE assignee IS NOT NULL AND status NOT IN ('resolved', 'closed', 'merged');

-- What the commands of one mail did, with the values before. Rows are only ever added, and marked once.
CREATE TABLE acts (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket    INTEGER NOT NULL REFERENCES tickets (number), -- the one the mail was about
  by        TEXT    NOT NULL,             -- technician, by name in the configuration, or 'shell'
  at        INTEGER NOT NULL,
  cause     TEXT    NOT NULL,             -- of its letters, its receipt among them
  lines     TEXT    NOT NULL,             -- JSON list: the commands as written
  moves     TEXT    NOT NULL,             -- JSON list: ticket, facet before, facet after
  opened    TEXT,                         -- the ticket it opened
  letters   TEXT    NOT NULL,             -- JSON list: the kind and the recipient of letters it caused
  undone_at INTEGER                       -- when it was taken back
) STRICT;
CREATE INDEX acts_ticket ON acts (ticket, id);
CREATE INDEX acts_cause ON acts (cause);

-- The daily queue letters: one for each technician and day, for ever.
CREATE TABLE sheets (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- named in the reply address and the Message-ID of the letter
  technician TEXT    NOT NULL,            -- by name in the configuration
  day        TEXT    NOT NULL,            -- 2026-11-24, where the technician is
  tickets    TEXT    NOT NULL,            -- JSON list of ticket ids in the order of the letter
  written_at INTEGER NOT NULL,
  UNIQUE (technician, day)
) STRICT;

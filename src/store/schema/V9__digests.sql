-- Digests. Letters may now be about no ticket.

ALTER TABLE outbox ALTER COLUMN ticket DROP NOT NULL;

-- What a ticket was when it was opened: later changes are in its entries.
ALTER TABLE tickets ADD COLUMN opened_category TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN opened_team TEXT;
ALTER TABLE tickets ADD COLUMN opened_priority TEXT NOT NULL DEFAULT 'P4';
UPDATE tickets SET opened_category = category, opened_team = team, opened_priority = priority;

-- One row for each digest that was due: what keeps it from being written twice.
CREATE TABLE digests (
  reader    TEXT    NOT NULL, -- address
  scope     TEXT    NOT NULL, -- all | organisation:acme | team:infra | desk:support
  period    TEXT    NOT NULL, -- 2026-W47 | 2026-11 | 2026-11-22
  ends_at   INTEGER NOT NULL, -- the moment after the period's last, where the reader is
  letter    INTEGER REFERENCES outbox (id), -- none: nothing was sent (nothing happened, or it was over before the reader was known)
  at        INTEGER NOT NULL, -- when this row was written
  PRIMARY KEY (reader, scope, period)
) STRICT;

-- Who wants no more of them.
CREATE TABLE digest_stops (
  reader TEXT    NOT NULL, -- address
  scope  TEXT    NOT NULL, -- as above
  at     INTEGER NOT NULL,
  PRIMARY KEY (reader, scope)
) STRICT;

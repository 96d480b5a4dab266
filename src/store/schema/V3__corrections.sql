-- What technicians found wrong in the ranking of tickets. Rows are only ever added; moments as in V1.
CREATE TABLE corrections (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket  INTEGER NOT NULL REFERENCES tickets (number),
  at      INTEGER NOT NULL,
  about   TEXT    NOT NULL,           -- impact | urgency | priority | category | team
  was     TEXT    NOT NULL,           -- the level, category or team before; '' for none
  now     TEXT    NOT NULL,           -- the one the technician chose; '' for none
  by      TEXT    NOT NULL,           -- technician's name
  reasons TEXT    NOT NULL DEFAULT '[]' -- JSON, why it was ranked as it was
) STRICT;
CREATE INDEX corrections_at ON corrections (at);

-- Who of an organisation reported what of late.
CREATE INDEX tickets_reported ON tickets (organisation, created_at) WHERE urgency <> 'low';

-- Tickets in the hands of outside firms. Moments are microseconds since 1970 UTC.
CREATE TABLE lanes (
  ticket    INTEGER NOT NULL REFERENCES tickets (number),
  provider  TEXT    NOT NULL,            -- by name in the configuration
  handed_at INTEGER NOT NULL,            -- when a technician last had it written to
  reference TEXT,                        -- what it calls the ticket, in upper case, learned from its mails
  PRIMARY KEY (ticket, provider)
) STRICT;
CREATE INDEX lanes_reference ON lanes (provider, reference) WHERE reference IS NOT NULL;

-- How content requesters say they are: asked when a ticket closes, once for each ticket.
CREATE TABLE satisfaction (
  ticket      INTEGER PRIMARY KEY REFERENCES tickets (number),
  person      TEXT    NOT NULL,              -- the requester's address; nobody is asked too often
  asked_at    INTEGER NOT NULL,              -- microseconds since 1970
  score       INTEGER CHECK (score BETWEEN 1 AND 5), -- null: no answer yet
  comment     TEXT    NOT NULL DEFAULT '',   -- what they wrote beside the number
  answered_at INTEGER                        -- microseconds since 1970; of the latest answer
) STRICT;
CREATE INDEX satisfaction_person ON satisfaction (person, asked_at);

-- What a requester was asked with the acknowledgement, once for each ticket.
CREATE TABLE asked (
  ticket      INTEGER PRIMARY KEY REFERENCES tickets (number),
  questions   TEXT    NOT NULL, -- JSON list, as the requester read them
  asked_at    INTEGER NOT NULL,
  answered_at INTEGER           -- when the requester wrote next
) STRICT;

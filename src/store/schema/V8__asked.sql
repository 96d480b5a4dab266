-- More than twenty notices to one technician in ten minutes are told in one letter (product.md section 18).
ALTER TABLE outbox ADD COLUMN bundle TEXT; -- of a notice to a technician: single | waiting | told; else null
CREATE INDEX outbox_single ON outbox (created_at, recipient) WHERE bundle = 'single';
CREATE INDEX outbox_waiting ON outbox (recipient, id) WHERE bundle = 'waiting';

-- What a requester was asked with the acknowledgement, once for each ticket.
CREATE TABLE asked (
  ticket      INTEGER PRIMARY KEY REFERENCES tickets (number),
  questions   TEXT    NOT NULL, -- JSON list, as the requester read them
  asked_at    INTEGER NOT NULL,
  answered_at INTEGER           -- when the requester wrote next
) STRICT;

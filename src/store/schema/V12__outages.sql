-- Many people, one fault: tickets that stand under a master ticket.

ALTER TABLE tickets ADD COLUMN outage TEXT;      -- id of the master; a master names itself
ALTER TABLE tickets ADD COLUMN outage_name TEXT; -- what technicians call it; only of a master
ALTER TABLE tickets ADD COLUMN proposed INTEGER NOT NULL DEFAULT 0; -- how many people the letter about it named that proposed an outage; 0: none did
CREATE INDEX tickets_outage ON tickets (outage) WHERE outage IS NOT NULL;
-- Looked at for each mail that opens a ticket: few are in it at any time.
CREATE INDEX tickets_in_outage ON tickets (organisation) WHERE outage IS NOT NULL AND status NOT IN ('resolved', 'closed', 'merged');

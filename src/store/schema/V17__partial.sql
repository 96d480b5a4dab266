-- SQLite makes a table of a list of three words each time it looks whether a ticket belongs into an index; of two it makes a comparison.
DROP INDEX tickets_assigned;
DROP INDEX tickets_in_outage;
CREATE INDEX tickets_assigned ON tickets (assignee) WHERE assignee IS NOT NULL AND status NOT IN ('closed', 'merged') AND status <> 'resolved';
CREATE INDEX tickets_in_outage ON tickets (organisation) WHERE outage IS NOT NULL AND status NOT IN ('closed', 'merged') AND status <> 'resolved';

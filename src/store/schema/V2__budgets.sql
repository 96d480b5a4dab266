-- Budgets are counted for every mail. A held letter has no budget until it is released, so that the indexes do not
-- change with a letter's state (measured: a third of the writing of a letter), and the total is told by two look-ups.
DROP INDEX outbox_budget;
DROP INDEX outbox_budget_ticket;
DROP INDEX outbox_budget_domain;
DROP INDEX outbox_budget_total;

ALTER TABLE outbox ADD COLUMN budget_count INTEGER; -- how many letters had a budget when this one got its own
UPDATE outbox SET budget = NULL, budget_domain = NULL WHERE state = 'held';
UPDATE outbox SET budget_count = numbered.count
  FROM (SELECT id, row_number() OVER (ORDER BY created_at, id) AS count FROM outbox WHERE budget IS NOT NULL) AS numbered
 WHERE numbered.id = outbox.id;
INSERT INTO counters (name, value) SELECT 'budget', count(*) FROM outbox WHERE budget IS NOT NULL;

CREATE INDEX outbox_budget ON outbox (budget, created_at, ticket) WHERE budget IS NOT NULL;
CREATE INDEX outbox_budget_domain ON outbox (budget_domain, created_at) WHERE budget IS NOT NULL;
CREATE INDEX outbox_budget_total ON outbox (created_at, budget_count) WHERE budget IS NOT NULL;

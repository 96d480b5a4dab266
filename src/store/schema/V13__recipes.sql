-- Recipes made from tickets, and what came of every offer. Recipes in files are not kept here. Moments are microseconds since 1970 UTC.

CREATE TABLE recipes (
  ticket       INTEGER PRIMARY KEY REFERENCES tickets (number), -- the one it was made from
  state        TEXT    NOT NULL,           -- draft | approved | dropped
  title        TEXT    NOT NULL,
  language     TEXT    NOT NULL,           -- fr, en, de, es, it or nl
  category     TEXT    NOT NULL,
  words        TEXT    NOT NULL,           -- JSON: what it is recognised by
  text         TEXT    NOT NULL,           -- what to do, in Markdown
  solution     TEXT    NOT NULL,           -- the ticket's solution it was made of
  organisation TEXT,                       -- whose people are offered it unless everybody is
  desk         TEXT    NOT NULL,           -- by name in the configuration
  everybody    INTEGER NOT NULL DEFAULT 0, -- 1: offered across the wall between organisations
  reviewed_at  INTEGER                     -- when somebody last found it right
) STRICT;

CREATE TABLE offers (
  ticket      INTEGER PRIMARY KEY REFERENCES tickets (number), -- the one it was offered with
  recipe      TEXT    NOT NULL,            -- a file's name without its ending, or the id of the ticket it was made from
  title       TEXT    NOT NULL,            -- as it was then
  offered_at  INTEGER NOT NULL,
  outcome     TEXT,                        -- helped | failed; null: nobody answered
  answered_at INTEGER
) STRICT;
CREATE INDEX offers_recipe ON offers (recipe, offered_at);

-- Another number, never used before, whenever a recipe changes.
INSERT INTO counters (name, value) VALUES ('recipes', 0);

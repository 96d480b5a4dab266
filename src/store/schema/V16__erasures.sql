-- Letters may be `cancelled` from now on: never sent, as their reader was erased, somebody dropped them or their order was taken back.
-- Who was erased: that it happened, never who it was. Moments are microseconds since 1970 UTC.
CREATE TABLE erasures (
  id       INTEGER PRIMARY KEY AUTOINCREMENT, -- part of the addresses that stand for theirs
  begun_at INTEGER NOT NULL,
  ended_at INTEGER,                           -- null while something of them may be left: the same command goes on
  person   TEXT    NOT NULL,                  -- JSON: what they are recognised by until nothing is left of them; then ''
  tickets  INTEGER NOT NULL DEFAULT 0,        -- how many of each were changed
  mails    INTEGER NOT NULL DEFAULT 0,
  letters  INTEGER NOT NULL DEFAULT 0
) STRICT;

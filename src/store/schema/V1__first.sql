-- The first schema. Moments are microseconds since 1970 UTC unless the name says otherwise.
-- Ids are never used again (AUTOINCREMENT), and nothing is ever deleted by normal work.

CREATE TABLE counters (
  name  TEXT    PRIMARY KEY, -- ticket, letter
  value INTEGER NOT NULL     -- the number used last
) STRICT;
INSERT INTO counters (name, value) VALUES ('ticket', 0), ('letter', 0);

-- The bytes of every mail, unchanged. Copies share a row.
CREATE TABLE raw (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  sha256 BLOB    NOT NULL UNIQUE, -- of bytes
  bytes  BLOB    NOT NULL         -- as the server gave them
) STRICT;

-- Every mail that came in, by where it was found.
CREATE TABLE mails (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  desk        TEXT    NOT NULL,            -- whose mailbox, by name in the configuration
  folder      TEXT    NOT NULL,            -- of that mailbox; 'pipe' for standard input
  validity    INTEGER NOT NULL DEFAULT 0,  -- IMAP UIDVALIDITY; 0 elsewhere
  uid         INTEGER NOT NULL DEFAULT 0,  -- IMAP UID; 0 elsewhere
  name        TEXT    NOT NULL DEFAULT '', -- Maildir: the unique part of the file name; pipe: an id drawn at the door
  raw         INTEGER NOT NULL REFERENCES raw (id),
  cut_from    INTEGER,                     -- full size in bytes when only the header was taken
  received_at INTEGER NOT NULL,            -- when the server got it
  recorded_at INTEGER NOT NULL,            -- when its bytes were committed here
  state       TEXT    NOT NULL DEFAULT 'received', -- received | decided | quarantined | dropped
  attempts    INTEGER NOT NULL DEFAULT 0,  -- raised before each try to read and decide
  reason      TEXT    NOT NULL DEFAULT '', -- why the last try failed
  tidied      INTEGER NOT NULL DEFAULT 0,  -- 1 once the mailbox was tidied
  message_id  TEXT,                        -- as read
  sender      TEXT,                        -- as read
  subject     TEXT,                        -- as read
  fingerprint TEXT,                        -- equal for copies that came another way
  outcome     TEXT,                        -- opened | joined | kept | copy | set-aside | quarantined
  reasons     TEXT    NOT NULL DEFAULT '[]', -- JSON list of sentences
  ticket      INTEGER,                     -- the ticket it belongs to
  UNIQUE (desk, folder, validity, uid, name)
) STRICT;
CREATE INDEX mails_waiting ON mails (id) WHERE state = 'received';
CREATE INDEX mails_untidy ON mails (desk, folder, validity) WHERE tidied = 0;
CREATE INDEX mails_shown ON mails (id) WHERE state = 'quarantined' OR outcome = 'set-aside';
CREATE INDEX mails_message_id ON mails (message_id);
CREATE INDEX mails_fingerprint ON mails (fingerprint, recorded_at);
CREATE INDEX mails_raw ON mails (raw);

-- One row for each epoch of a folder.
CREATE TABLE sources (
  desk      TEXT    NOT NULL,
  folder    TEXT    NOT NULL,
  validity  INTEGER NOT NULL DEFAULT 0, -- IMAP UIDVALIDITY; 0 elsewhere
  low_uid   INTEGER NOT NULL DEFAULT 1, -- every smaller UID has a final outcome
  fresh_uid INTEGER NOT NULL DEFAULT 1, -- the next UID when this epoch was opened
  opened_at INTEGER NOT NULL,           -- when the folder was first opened in any epoch
  PRIMARY KEY (desk, folder, validity)
) STRICT;

-- Messages of a folder that ended without bytes.
CREATE TABLE misses (
  desk     TEXT    NOT NULL,
  folder   TEXT    NOT NULL,
  validity INTEGER NOT NULL DEFAULT 0,
  uid      INTEGER NOT NULL DEFAULT 0,
  name     TEXT    NOT NULL DEFAULT '',
  outcome  TEXT    NOT NULL,            -- gone | older | unfetchable
  reason   TEXT    NOT NULL DEFAULT '',
  at       INTEGER NOT NULL,
  PRIMARY KEY (desk, folder, validity, uid, name)
) STRICT;

CREATE TABLE tickets (
  number       INTEGER PRIMARY KEY,        -- what stands behind the dash
  prefix       TEXT    NOT NULL,           -- what stands before it
  desk         TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  status       TEXT    NOT NULL,           -- product.md section 2
  impact       TEXT    NOT NULL,           -- low | medium | high
  urgency      TEXT    NOT NULL,           -- low | medium | high
  priority     TEXT    NOT NULL,           -- P1 | P2 | P3 | P4
  reasons      TEXT    NOT NULL DEFAULT '[]', -- JSON, the form of `guichet triage --json`
  category     TEXT    NOT NULL,
  requester    TEXT    NOT NULL,           -- address
  name         TEXT,                       -- what the requester calls himself
  locale       TEXT    NOT NULL,           -- how the requester is written to
  assignee     TEXT,                       -- technician, by name in the configuration
  team         TEXT,                       -- by name in the configuration
  organisation TEXT,                       -- by name in the configuration
  cause        TEXT,
  solution     TEXT,
  minutes      INTEGER NOT NULL DEFAULT 0, -- worked
  links        TEXT    NOT NULL DEFAULT '[]', -- JSON list of ticket ids
  merged_into  TEXT,                       -- ticket id
  root         TEXT    NOT NULL,           -- the id that opens its thread
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  next_news_at INTEGER,
  ended_at     INTEGER                     -- resolved, closed or merged
) STRICT;
CREATE INDEX tickets_open ON tickets (number) WHERE status NOT IN ('closed', 'merged');
CREATE INDEX tickets_news ON tickets (next_news_at) WHERE next_news_at IS NOT NULL;
CREATE INDEX tickets_resolved ON tickets (ended_at) WHERE status = 'resolved';
CREATE INDEX tickets_requester ON tickets (requester, created_at);

CREATE TABLE watchers (
  ticket  INTEGER NOT NULL REFERENCES tickets (number),
  address TEXT    NOT NULL,
  PRIMARY KEY (ticket, address)
) STRICT;

-- A ticket's history. Rows are only ever added.
CREATE TABLE entries (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket     INTEGER NOT NULL REFERENCES tickets (number),
  at         INTEGER NOT NULL,
  kind       TEXT    NOT NULL,           -- mail | letter | delivery | note | status | ...
  by         TEXT    NOT NULL,           -- address, technician's name or 'guichet'
  text       TEXT    NOT NULL,
  message_id TEXT                        -- of the mail or letter it is about
) STRICT;
CREATE INDEX entries_ticket ON entries (ticket, id);

-- Every Message-ID a ticket's mails and letters carried or referred to, with who has seen it.
CREATE TABLE thread_ids (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id TEXT    NOT NULL,
  ticket     INTEGER NOT NULL REFERENCES tickets (number),
  reader     TEXT    NOT NULL,           -- address
  UNIQUE (message_id, ticket, reader)
) STRICT;
CREATE INDEX thread_ids_ticket ON thread_ids (ticket, id);

-- Everybody who wrote and was vouched for.
CREATE TABLE people (
  address       TEXT    PRIMARY KEY,
  domain        TEXT    NOT NULL,
  locale        TEXT,                    -- how they wrote last
  first_seen_at INTEGER NOT NULL,
  undelivered   TEXT                     -- what the last permanent failure said
) STRICT;
CREATE INDEX people_domain ON people (domain);

-- Letters. One row is one letter to one recipient.
CREATE TABLE outbox (
  id              INTEGER PRIMARY KEY,      -- drawn from counters, never used again
  ticket          INTEGER NOT NULL REFERENCES tickets (number),
  desk            TEXT    NOT NULL,         -- whose courier carries it
  notice          TEXT    NOT NULL,         -- what it is
  recipient       TEXT    NOT NULL,         -- address
  cause           TEXT    NOT NULL,         -- with the three above: one letter for each, for ever
  envelope_from   TEXT    NOT NULL,
  message_id      TEXT    NOT NULL UNIQUE,
  state           TEXT    NOT NULL,         -- queued | held | sending | sent | unknown | failed
  phase           TEXT    NOT NULL DEFAULT '', -- while sending: connect, then dot before the final dot
  attempts        INTEGER NOT NULL DEFAULT 0,  -- raised before each attempt
  next_attempt_at INTEGER,
  reason          TEXT    NOT NULL DEFAULT '', -- why held, or the server's last words
  budget          TEXT,                     -- canonical address, when it counts against budgets
  budget_domain   TEXT,                     -- its domain
  created_at      INTEGER NOT NULL,
  settled_at      INTEGER,
  UNIQUE (ticket, notice, recipient, cause)
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_unsent ON outbox (id) WHERE state <> 'sent';
CREATE INDEX outbox_budget ON outbox (budget, created_at) WHERE budget IS NOT NULL AND state <> 'held';
CREATE INDEX outbox_budget_ticket ON outbox (budget, ticket, created_at) WHERE budget IS NOT NULL AND state <> 'held';
CREATE INDEX outbox_budget_domain ON outbox (budget_domain, created_at) WHERE budget IS NOT NULL AND state <> 'held';
CREATE INDEX outbox_budget_total ON outbox (created_at) WHERE budget IS NOT NULL AND state <> 'held';

-- What is carried on every attempt. Apart, because a row of the outbox changes several times and its bytes never do.
CREATE TABLE contents (
  letter INTEGER PRIMARY KEY REFERENCES outbox (id),
  bytes  BLOB    NOT NULL
) STRICT;

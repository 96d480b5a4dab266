-- Small pictures that came with mails: whoever sends one again has it in their signature.
CREATE TABLE pictures (
  sender TEXT    NOT NULL,                       -- address, in the form people are recognised by
  sha256 TEXT    NOT NULL,                       -- of the content, in hex
  mail   INTEGER NOT NULL REFERENCES mails (id), -- the first one it came with
  PRIMARY KEY (sender, sha256)
) STRICT, WITHOUT ROWID;

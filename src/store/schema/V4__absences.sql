-- Who is away, as their own absence notices say.
CREATE TABLE absences (
  address  TEXT    PRIMARY KEY,          -- a technician's first address, or a requester's
  until    INTEGER NOT NULL,             -- back at this moment, microseconds since 1970 UTC
  noted_at INTEGER NOT NULL              -- when the last notice came
) STRICT;

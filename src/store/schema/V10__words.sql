-- The folded words that speak for a ticket's category, one a line: by them reports of the same fault are told.
ALTER TABLE tickets ADD COLUMN words TEXT NOT NULL DEFAULT '';

-- The answer to the commit that deletes the rows can be lost: from the first try on they may be gone, whatever the run
-- came to afterwards.
alter table countersign.erasure_ledger add column begun_at timestamptz;

-- Whose address it is. A replay is about several accounts, one after another.
alter table countersign.erasure_subject add column user_id text;

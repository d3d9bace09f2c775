-- In which order requests that move credits are counted against the limit of their account. Each is counted once, while its
-- account is locked, and counts what came before it: of several at once only the first ones stay below the limit. How much
-- each moves, and what became of it, is in the journal.
create table countersign.credit_count (
    request_id uuid primary key,
    place      bigint generated always as identity,
    user_id    text        not null, -- the application's user id
    counted_at timestamptz not null
);
-- Requests are looked for by when they were asked.
create index event_asked on countersign.event (at) where name = 'asked';

-- What the journal says, ready to be asked for. `countersign audit rebuild` makes these anew from the events.

create table countersign.request (
    id          uuid primary key,
    number      bigint      not null unique,
    operation   text        not null,
    risk        text        not null,
    requester   text        not null,
    subject     text,
    state       text        not null,
    open        boolean     not null,
    version     bigint      not null,
    round       integer     not null,
    fingerprint text        not null,
    asked_at    timestamptz not null,
    updated_at  timestamptz not null,
    due_at      timestamptz,          -- when the runner looks again; null: only a person can move it
    undelivered boolean     not null  -- true until Slack has been told of this version
);
create unique index request_open_once on countersign.request (fingerprint) where open;
-- What can hurt one account is asked for once at a time, however the account was named.
create unique index request_open_subject on countersign.request (operation, subject)
    where open and subject is not null and risk in ('sensitive', 'destructive');
create index request_due on countersign.request (due_at) where due_at is not null;
create index request_undelivered on countersign.request (updated_at) where undelivered;
create index request_subject on countersign.request (subject) where subject is not null;

-- The two-person rule, enforced by the database as well: within one round of one request every name under
-- which a human counts appears once, whether as requester, as subject or as approver.
create table countersign.party (
    request_id uuid    not null,
    round      integer not null,
    identity   text    not null,
    role       text    not null check (role in ('requester', 'subject', 'approver')),
    slack_id   text,
    primary key (request_id, round, identity)
);

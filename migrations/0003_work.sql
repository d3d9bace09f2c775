-- Work in progress: who carries out what, what came in, what has to go out.

-- A run belongs to one replica at a time. The fencing token grows with every takeover, and a journal append
-- of a run names it, so a replica that was thought dead cannot write any more.
create table countersign.lease (
    request_id uuid primary key,
    owner      uuid        not null,
    fence      bigint      not null,
    until      timestamptz not null
);

-- Switches that hold for all replicas: "freeze" stops every run that is not a read.
create table countersign.switch (
    name       text primary key,
    is_on      boolean     not null,
    changed_by text        not null,
    changed_at timestamptz not null
);

-- What came in from Slack, written before it is acknowledged. The payload goes when it is done.
-- An entry is open while done_at is null. What no worker can read is set aside: done without an effect.
create table countersign.inbox (
    id          uuid primary key,
    dedupe_key  text        not null unique,
    kind        text        not null,
    request_id  uuid,
    payload     jsonb,
    received_at timestamptz not null,
    not_before  timestamptz not null,
    attempts    integer     not null default 0,
    done_at     timestamptz,
    failed_at   timestamptz, -- when it was set aside; its payload stays until it is forgotten
    check (failed_at is null or done_at is not null)
);
create index inbox_open on countersign.inbox (received_at, id) where done_at is null;
create index inbox_open_request on countersign.inbox (request_id, received_at, id) where done_at is null;

-- Signatures seen within the window in which they are accepted: the same signed bytes count once.
create table countersign.seen_signature (
    signature text primary key,
    seen_at   timestamptz not null
);
create index on countersign.seen_signature (seen_at);

-- Answers to one person: through a response_url, as an ephemeral message, or as a direct message.
create table countersign.reply (
    id         uuid primary key,
    target     jsonb       not null,
    card       jsonb       not null,
    created_at timestamptz not null,
    not_before timestamptz not null,
    attempts   integer     not null default 0,
    done_at    timestamptz,
    outcome    text
);
create index reply_open on countersign.reply (not_before) where done_at is null;

-- Messages in Slack that show the journal: one row each, redrawn from the journal until `shown` is `wanted` and
-- `shown_generation` is `generation`.
create table countersign.message (
    id               uuid primary key,
    slot             text        not null unique,
    place            bigint generated always as identity,
    request_id       uuid,
    recipient        text        not null, -- channel or user id
    parent           uuid references countersign.message,
    wanted           bigint      not null, -- what it must show: the request's version
    shown            bigint,               -- what it shows
    generation       bigint      not null default 0, -- grows when what it was drawn from beside the journal changes
    shown_generation bigint      not null default 0, -- the generation that it was drawn in
    channel          text,                 -- where it stands
    ts               text,
    posting_since    timestamptz,          -- a post was begun and its answer never came
    attempts         integer     not null default 0, -- failures in a row
    not_before       timestamptz not null,
    undeliverable    text                  -- why it was given up, until it must show more or a process starts
);
create index message_open on countersign.message (recipient, place)
    where undeliverable is null and (shown is null or shown < wanted or shown_generation < generation);
create index on countersign.message (request_id);
-- `like` with a prefix compares bytes, whatever the collation.
create index message_head on countersign.message (wanted) where slot like 'head:%';

-- Messages that can be sent now and do not show what they must. A message in a thread waits for its parent.
create view countersign.message_due as
    select m.*, p.ts as thread_ts
    from countersign.message m left join countersign.message p on p.id = m.parent
    where m.undeliverable is null
      and (m.shown is null or m.shown < m.wanted or m.shown_generation < m.generation)
      and (m.parent is null or p.ts is not null);

-- One worker at a time writes to a channel, at the pace that Slack allows. Each turn has a token of its own.
create table countersign.channel_pace (
    recipient  text primary key,
    not_before timestamptz not null,
    token      uuid,
    until      timestamptz
);

-- The journal: events in streams, chained per stream by keyed hashes, and one global chain over all of them.
-- Everything lives in the schema "countersign", so that the store can share a database with the application.

create sequence countersign.request_number start with 1001;

create table countersign.event (
    seq     bigint generated always as identity primary key,
    kind    text        not null, -- of the stream: `request`, `settings`
    stream  uuid        not null, -- a request's id
    version bigint      not null check (version > 0),
    name    text        not null,
    body    text        not null, -- canonical JSON: exactly the bytes under the hash
    at      timestamptz not null,
    hash    bytea       not null check (octet_length(hash) = 32),
    unique (stream, version)
);

-- Requests are looked for by when they were asked.
create index event_asked on countersign.event (at) where name = 'asked';

-- Appends to different streams never wait for each other: an event is chained to its stream's previous
-- event at once, and a sealer links all committed events into the global chain in batches.
create table countersign.chain_pending (
    event_seq bigint primary key
);

create table countersign.chain (
    position   bigint primary key check (position > 0),
    event_seq  bigint not null unique,
    event_hash bytea  not null,
    hash       bytea  not null check (octet_length(hash) = 32)
);

create table countersign.chain_head (
    one      boolean primary key default true check (one),
    position bigint not null,
    hash     bytea  not null,
    mac      bytea  not null
);

create function countersign.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only: % of % refused', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end $$;

create trigger event_is_append_only before update or delete or truncate on countersign.event
    for each statement execute function countersign.refuse_change();
create trigger chain_is_append_only before update or delete or truncate on countersign.chain
    for each statement execute function countersign.refuse_change();

-- Private data: texts that people read beside the chain, which holds only salted commitments to them. Can be erased.
create table countersign.private_text (
    id         uuid primary key,
    request_id uuid  not null,
    kind       text  not null check (kind in ('asking', 'label', 'note', 'answer', 'term')),
    salt       bytea not null,
    text       text,
    erased_at  timestamptz,
    check ((text is null) = (erased_at is not null))
);
create index on countersign.private_text (request_id);
-- Texts that are erased some time after the end of their request.
create index private_text_forgotten on countersign.private_text (request_id) where text is not null and kind in ('answer', 'term');

-- ---------- Projections: what the journal says, ready to be asked for. `countersign audit rebuild` makes them anew.

create table countersign.request (
    id          uuid primary key,
    number      bigint      not null unique,
    operation   text        not null,
    risk        text        not null,
    requester   text        not null,
    subject     text,
    state       text        not null, -- `asked`, `awaiting_approval`, `succeeded`
    open        boolean     not null,
    version     bigint      not null,
    round       integer     not null,
    fingerprint text        not null,
    asked_at    timestamptz not null,
    updated_at  timestamptz not null,
    due_at      timestamptz,          -- when there is something to do; null: only a person can move it
    look_at     timestamptz,          -- when a runner may take it: when it is due, and has rested after a try
    undelivered boolean     not null  -- true until Slack has been told of this version
);
create unique index request_open_once on countersign.request (fingerprint) where open;
-- What can hurt one account is asked for once at a time, however the account was named. A refund is guarded by its payment:
-- two payments of one person may go back at the same time.
create unique index request_open_subject on countersign.request (operation, subject)
    where open and subject is not null and risk in ('sensitive', 'destructive') and operation <> 'refund';
create index request_open on countersign.request (state) where open;
create index request_operation on countersign.request (operation, state);
create index request_look on countersign.request (look_at, id) where look_at is not null;
create index request_undelivered on countersign.request (updated_at) where undelivered;
-- To find what somebody asked for a moment ago.
create index request_asked on countersign.request (fingerprint, asked_at);
create index request_subject on countersign.request (subject) where subject is not null;

-- What holds for the whole service until somebody changes it.
create table countersign.service_settings (
    one        boolean primary key default true check (one),
    version    bigint      not null,
    frozen     boolean     not null, -- runs that change something wait
    updated_at timestamptz not null
);

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

-- A row that steers work carries a MAC under the audit key (`journal/sealed`): a row with a wrong one is not acted on.

-- ---------- Work in progress: who runs what, what came in, what has to go out.

-- A run belongs to one replica at a time. The fencing token grows with every takeover, and a journal append
-- of a run names it, so a replica that was thought dead cannot write any more.
create table countersign.lease (
    request_id  uuid primary key,
    owner       uuid        not null,
    fence       bigint      not null,
    until       timestamptz not null, -- by this database's clock
    given_back  boolean     not null  -- false when its holder did not come to an end with it
);

-- What came in from Slack and from vendors, written before it is acknowledged. The payload goes when it is done.
-- An entry is open while done_at is null. What no worker can read is set aside: done without an effect.
-- A lane holds what one person sent of one rank; it is processed in order. At least one open entry of a lane does not wait,
-- and those that wait are released one by one as the ones before them end, so that a claim looks at the heads of lanes
-- only, however many entries are open.
create table countersign.inbox (
    id          uuid primary key,
    dedupe_key  text        not null unique,
    kind        text        not null,
    request_id  uuid,
    rank        smallint    not null, -- 0 stops something, 1 decides, 2 asks, 3 is a vendor's event
    lane        text        not null,
    waits       boolean     not null default false, -- another entry of its lane comes first
    payload     jsonb,
    received_at timestamptz not null,
    not_before  timestamptz not null,
    held_until  timestamptz, -- a worker has it until then, by this database's clock
    attempts    integer     not null default 0,
    done_at     timestamptz,
    failed_at   timestamptz, -- when it was set aside; its payload stays until it is forgotten
    mac bytea not null,
    check (failed_at is null or done_at is not null)
);
create index inbox_ready on countersign.inbox (rank, not_before, id) where done_at is null and not waits;
create index inbox_lane on countersign.inbox (lane, waits, received_at, id) where done_at is null;
create index inbox_open_request on countersign.inbox (request_id) where done_at is null;
create index inbox_held on countersign.inbox (request_id, held_until) where done_at is null and held_until is not null;
create index inbox_done on countersign.inbox (done_at) where done_at is not null;

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
    held_until timestamptz, -- a worker has it until then, by this database's clock
    attempts   integer     not null default 0,
    done_at    timestamptz,
    outcome    text,
    mac bytea not null
);
create index reply_open on countersign.reply (not_before, id) where done_at is null;
create index reply_done on countersign.reply (done_at) where done_at is not null;

-- Messages in Slack that show the journal: one row each, redrawn from the journal until `shown` is `wanted` and
-- `shown_generation` is `generation`.
create table countersign.message (
    id               uuid primary key,
    slot             text        not null unique,
    place            bigint generated always as identity,
    rank             smallint    not null default 0, -- higher ones are sent later: 1 for changes, 2 for reads
    yields           boolean     not null default false, -- an edit to a state that soon passes: everything else goes first
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
    not_before       timestamptz not null, -- a state that soon passes is not shown before
    wanted_since     timestamptz not null, -- when it was first to show what it does not show yet
    undeliverable    text,                 -- why it was given up, until it must show more or a process starts
    mac              bytea  not null
);
create index message_open on countersign.message (recipient, yields, rank, place)
    where undeliverable is null and (shown is null or shown < wanted or shown_generation < generation);
create index message_open_later on countersign.message (not_before)
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

-- Who has open messages. It looks up one message per recipient, however many are open.
create view countersign.message_recipient as
    with recursive found as (
        (select recipient from countersign.message
         where undeliverable is null and (shown is null or shown < wanted or shown_generation < generation)
         order by recipient limit 1)
        union all
        select (select m.recipient from countersign.message m
                where m.recipient > f.recipient and m.undeliverable is null
                  and (m.shown is null or m.shown < m.wanted or m.shown_generation < m.generation)
                order by m.recipient limit 1)
        from found f where f.recipient is not null)
    select recipient from found where recipient is not null;

-- One worker at a time writes to a channel, at the pace that Slack allows. Each turn has a token of its own.
create table countersign.channel_pace (
    recipient  text primary key,
    not_before timestamptz not null,
    paid_until timestamptz, -- what was written counts until then at the usual pace
    token      uuid,
    until      timestamptz -- by this database's clock
);

-- Pictures of answers that were uploaded to Slack: once per answer and part, whatever is drawn again.
create table countersign.picture (
    answer  uuid    not null, -- the private text that it is a part of
    part    integer not null,
    file    text    not null, -- Slack's id
    refused integer not null default 0, -- messages with it that Slack refused: a file takes a while to become usable
    mac     bytea   not null,
    primary key (answer, part)
);

-- What the service asks for by itself at a later time, because of a request. Only believed when the journal of that request
-- proves it.
create table countersign.scheduled_request (
    because    uuid        not null, -- the request that scheduled it
    operation  text        not null,
    asking     jsonb,                -- arguments and reason; they may name somebody, so they go when it is closed
    salt       bytea,                -- of the proof in the journal, so that nobody can try guesses against it
    due_at     timestamptz not null,
    look_at    timestamptz not null, -- when it is looked at next
    closed_at  timestamptz,          -- when it was asked for, withdrawn, or given up
    request_id uuid unique,          -- what was asked for
    primary key (because, operation),
    check ((asking is null) = (closed_at is not null) and (salt is null) = (closed_at is not null))
);
create index scheduled_request_due on countersign.scheduled_request (look_at) where closed_at is null;

-- What is done on a schedule. The insert of a tick claims it for one replica.
create table countersign.job_tick (
    job           text        not null,
    tick          timestamptz not null,
    claimed_until timestamptz not null, -- by this database's clock
    outcome       text check (outcome in ('done', 'failed', 'timed out')), -- null: it has not ended
    seconds       double precision, -- how long it took
    primary key (job, tick)
);

-- ---------- Erasures and exports.

-- Whom we erased, without personal data: read again after every restore of a backup. An entry is made before anything is
-- lost, counts once the rows are gone, and goes again when the request was closed before that.
create table countersign.erasure_ledger (
    request_id     uuid primary key,
    user_id        text        not null,
    email_identity text,
    entered_at     timestamptz not null,
    begun_at       timestamptz, -- when the deletion of the rows was first tried: its commit's answer can be lost
    erased_at      timestamptz, -- when the rows were gone
    forgotten_at   timestamptz,  -- when the texts beside the journal were
    mac bytea not null
);

-- The keys that rows name, in one erasure: the person's own, and those that rows name which stay. Goes with the run's end.
create table countersign.erasure_key (
    request_id uuid    not null,
    key        text    not null,
    kept       boolean not null, -- rows that stay name it: it is not erased
    mac bytea not null,
    primary key (request_id, key)
);

-- The files of one erasure, written down before the rows go that are their only index. Goes with the run's end.
create table countersign.erasure_object (
    request_id    uuid    not null,
    key           text    not null,
    version_id    text    not null, -- '' where the bucket keeps no versions
    delete_marker boolean not null,
    bytes         bigint  not null,
    erased        boolean not null default false,
    mac bytea not null,
    primary key (request_id, key, version_id)
);

-- The account that is being erased, and its address: its row goes, and what is left has to be looked for. A replay is about
-- several accounts, one after another. Goes with the run's end.
create table countersign.erasure_subject (
    request_id uuid primary key,
    user_id    text,
    email      text,
    mac bytea not null
);

-- Archives of exports. Each is known before its first byte is written, so that none outlives its time, however its run ended.
create table countersign.export_archive (
    key        text primary key,
    request_id uuid        not null,
    user_id    text        not null,
    begun_at   timestamptz not null,
    expires_at timestamptz not null, -- it is deleted from then on
    result     jsonb,                -- what is in it, once it is complete
    deleted_at timestamptz,
    mac bytea not null
);
create index export_archive_due on countersign.export_archive (expires_at) where deleted_at is null;

-- ---------- Refunds and credits.

-- One refund per request, written down before Stripe is asked, so that it is never asked twice with different keys.
create table countersign.refund (
    request_id      uuid primary key,
    idempotency_key text        not null unique,
    payment         text        not null, -- the payment intent, or the charge that has none
    amount          bigint      not null check (amount > 0), -- in the currency's smallest unit
    currency        text        not null,
    refunded_before bigint      not null, -- what had gone back of the payment when this was approved
    user_id         text,                 -- whose credits are taken; null: nobody's
    written_at      timestamptz not null,
    sent_at         timestamptz,          -- when it was first sent; from then on Stripe knows the key, for a day
    refund_id       text unique,          -- once it is known
    closed_at       timestamptz,          -- it was refused or came back: credits are given back, nothing is sent any more
    closed_why      text,
    settled_at      timestamptz,          -- when Stripe was first seen to call it done
    look_at         timestamptz,          -- when it is looked at next; null: it is not looked at any more
    in_doubt        integer not null default 0 check (in_doubt >= 0), -- calls to Stripe that may have had their effect
    mac bytea not null,
    check ((closed_at is null) = (closed_why is null))
);

-- A bank may send a refund back weeks after Stripe called it done, and a webhook that says so may never arrive: refunds are
-- looked at again for a while after they were done.
create index refund_look on countersign.refund (look_at) where look_at is not null;

-- Payments for which credits were given by hand. One payment counts once, whoever asks, and also when two ask at once.
-- A request claims its payment while it is planned; a claim whose request ended without giving anything is released.
create table countersign.credit_grant (
    request_id  uuid primary key,
    payment     text        not null,  -- the id that stands for it in Stripe, or as it was typed when Stripe is not asked
    user_id     text        not null,  -- the application's user id
    credits     bigint      not null check (credits > 0),
    claimed_at  timestamptz not null,
    granted_at  timestamptz,           -- when the credits were on the account
    released_at timestamptz,           -- when the claim was given up
    mac bytea not null,
    check (granted_at is null or released_at is null)
);
create unique index credit_grant_payment_once on countersign.credit_grant (payment) where released_at is null;

-- In which order requests that move credits are counted against the limit of their account. Each is counted once, while its
-- account is locked, and counts what came before it: of several at once only the first ones stay below the limit. How much
-- each moves, and what became of it, is in the journal, from which the sum is checked once more before credits move.
create table countersign.credit_count (
    request_id uuid primary key,
    place      bigint generated always as identity,
    user_id    text        not null, -- the application's user id
    counted_at timestamptz not null
);

-- ---------- What is looked at all the time.

-- How many connections the app's database had, once a minute. The row of a minute is inserted first, which one replica
-- does; it stays empty when the database did not answer.
create table countersign.pool_sample (
    minute              timestamptz primary key,
    active              integer,
    idle                integer,
    idle_in_transaction integer,
    other               integer, -- states that are none of these, and those that the role may not see
    server              integer, -- connections to all databases of the server
    most                integer  -- what the server allows
);

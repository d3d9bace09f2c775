-- The journal: events of requests, chained per request by keyed hashes, and one global chain over all of them.
-- Everything lives in the schema "countersign", so that the store can share a database with the application.

create sequence countersign.request_number start with 1001;

create table countersign.event (
    seq        bigint generated always as identity primary key,
    request_id uuid        not null,
    version    bigint      not null check (version > 0),
    name       text        not null,
    body       text        not null, -- canonical JSON: exactly the bytes under the hash
    at         timestamptz not null,
    hash       bytea       not null check (octet_length(hash) = 32),
    unique (request_id, version)
);

-- Appends to different requests never wait for each other: an event is chained to its request's previous
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

-- Text that people read beside the chain, which holds only salted commitments to it. Can be erased.
create table countersign.particular (
    id         uuid primary key,
    request_id uuid  not null,
    kind       text  not null check (kind in ('asking', 'label', 'note')),
    salt       bytea not null,
    text       text,
    erased_at  timestamptz,
    check ((text is null) = (erased_at is not null))
);
create index on countersign.particular (request_id);

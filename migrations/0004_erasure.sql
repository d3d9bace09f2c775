-- Whom we erased, without personal data: read again after every restore of a backup. An entry is made before anything is
-- lost, counts once the rows are gone, and goes again when the request was closed before that.
create table countersign.erasure_ledger (
    request_id     uuid primary key,
    user_id        text        not null,
    email_identity text,
    entered_at     timestamptz not null,
    erased_at      timestamptz, -- when the rows were gone
    forgotten_at   timestamptz  -- when the texts beside the journal were
);

-- The keys that rows name, in one erasure: the person's own, and those that rows name which stay. Goes with the run's end.
create table countersign.erasure_key (
    request_id uuid    not null,
    key        text    not null,
    kept       boolean not null, -- rows that stay name it: it is not erased
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
    primary key (request_id, key, version_id)
);

-- The address of the account that is being erased: its row goes, and what is left has to be looked for.
-- Goes with the run's end.
create table countersign.erasure_subject (
    request_id uuid primary key,
    email      text
);

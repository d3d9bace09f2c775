-- Archives of exports. Each is known before its first byte is written, so that none outlives its time, however its run ended.
create table countersign.export_archive (
    key        text primary key,
    request_id uuid        not null,
    user_id    text        not null,
    begun_at   timestamptz not null,
    expires_at timestamptz not null, -- it is deleted from then on
    result     jsonb,                -- what is in it, once it is complete
    deleted_at timestamptz
);
create index export_archive_due on countersign.export_archive (expires_at) where deleted_at is null;

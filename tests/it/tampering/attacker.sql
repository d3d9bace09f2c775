-- Somebody who owns the database and lacks the audit key. With every event that is appended, in the same transaction, one row
-- of one table of the store is cloned, changed or removed. The tables and columns come from the catalogue.
create schema attacker;

-- `applied_step` belongs to the app's database: whoever can write there needs no service to have an effect in it.
create table attacker.move as
select row_number() over (order by md5(concat(tbl, ' ', kind, ' ', col))) - 1 as n, tbl, kind, col
from (
    select c.relname::text as tbl, k.kind, null::text as col
    from pg_class c, (values ('clone'), ('remove')) as k (kind)
    where c.relnamespace = 'countersign'::regnamespace and c.relkind = 'r' and c.relname <> 'applied_step'
    union all
    select c.relname, k.kind, a.attname
    from pg_class c join pg_attribute a on a.attrelid = c.oid, (values ('change'), ('empty')) as k (kind)
    where c.relnamespace = 'countersign'::regnamespace and c.relkind = 'r' and c.relname <> 'applied_step'
      and a.attnum > 0 and not a.attisdropped and (k.kind = 'change' or not a.attnotnull)
      and not exists (select from pg_index i
                      where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey))) as every;

-- What was done. `undone` rows were put back.
create table attacker.done (
    at     bigint generated always as identity,
    tbl    text not null,
    kind   text not null,
    col    text,
    before jsonb not null,
    after  jsonb,
    undone boolean not null default false
);

-- Which move comes with the first event; without a row nothing is done.
create table attacker.orders (first bigint not null);

-- What was appended, kept where no move reaches it.
create table attacker.seen (
    n          bigint generated always as identity,
    request_id uuid not null,
    name       text not null,
    moves      bigint not null -- that could be made with it: those in tables that had rows
);

create function attacker.key_of(tbl text, line jsonb) returns jsonb language sql as $$
    select jsonb_object_agg(a.attname, line -> a.attname)
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
    where i.indrelid = ('countersign.' || tbl)::regclass and i.indisprimary
$$;

-- Another value of a column: one that names somebody or something else, one that another row has, or any other.
create function attacker.other(tbl text, col text, was jsonb, seed bigint) returns jsonb language plpgsql as $$
declare
    kind text := (select format_type(a.atttypid, null) from pg_attribute a
                  where a.attrelid = ('countersign.' || tbl)::regclass and a.attname = col);
    said jsonb := nullif(was -> col, 'null');
    swapped text;
    pair text[];
    another jsonb;
begin
    case kind
        when 'boolean' then return to_jsonb(not coalesce(said::text, 'false')::boolean);
        when 'smallint', 'integer', 'bigint', 'double precision' then
            return to_jsonb(coalesce(said::text, '0')::numeric + 1);
        when 'timestamp with time zone' then
            return to_jsonb(coalesce((said #>> '{}')::timestamptz, now())
                            + case when seed % 2 = 0 then interval '-1 day' else interval '1 day' end);
        else
    end case;
    swapped := said::text;
    foreach pair slice 1 in array array[['usr_1', 'usr_2'], ['usr_9', 'usr_7'], ['maria', 'noah'], ['hana', 'keiko'],
                                        ['U0GRACE', 'U0LINUS'], ['C0APPROVALS', 'C0OPS']] loop
        swapped := replace(swapped, pair[1], pair[2]);
    end loop;
    if swapped <> said::text then
        return swapped::jsonb;
    end if;
    execute format('select to_jsonb(t) -> %L from countersign.%I t
                    where (to_jsonb(t) -> %L) is distinct from $1 and t.%I is not null order by md5(ctid::text) limit 1',
                   col, tbl, col, col) into another using was -> col;
    if another is not null then
        return another;
    end if;
    case kind
        when 'uuid' then return to_jsonb(gen_random_uuid());
        when 'bytea' then return to_jsonb(sha256(coalesce(said::text, '')::bytea));
        when 'jsonb' then return '{}';
        else return to_jsonb('x' || coalesce(said #>> '{}', ''));
    end case;
end $$;

-- The same row under keys of its own.
create function attacker.clone_of(tbl text, was jsonb) returns jsonb language plpgsql as $$
declare
    becomes jsonb := was;
    it record;
    fresh jsonb;
begin
    -- The last column of each unique index.
    for it in select distinct a.attname::text as col, format_type(a.atttypid, null) as kind
              from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[i.indnatts - 1]
              where i.indrelid = ('countersign.' || tbl)::regclass and i.indisunique loop
        case it.kind
            when 'smallint', 'integer', 'bigint' then
                execute format('select to_jsonb(max(%I) + 1) from countersign.%I', it.col, tbl) into fresh;
            when 'uuid' then fresh := to_jsonb(gen_random_uuid());
            when 'timestamp with time zone' then
                fresh := to_jsonb((becomes ->> it.col)::timestamptz + interval '1 second');
            when 'boolean' then fresh := to_jsonb(not (becomes ->> it.col)::boolean);
            else fresh := to_jsonb((becomes ->> it.col) || '2');
        end case;
        becomes := becomes || jsonb_build_object(it.col, fresh);
    end loop;
    return becomes;
end $$;

create function attacker.put(tbl text, line jsonb) returns void language plpgsql as $$
begin
    execute format('insert into countersign.%I overriding system value
                    select * from jsonb_populate_record(null::countersign.%I, $1) on conflict do nothing', tbl, tbl)
    using line;
end $$;

-- One move; false when it cannot be made, as where the table is empty or the database forbids it.
create function attacker.strike(tbl text, kind text, col text, seed bigint) returns boolean language plpgsql as $$
declare
    place tid;
    was jsonb;
    becomes jsonb;
    made bigint;
begin
    execute format('select ctid, to_jsonb(t) from countersign.%I t
                    order by md5(concat(ctid, %L)) limit 1 for update skip locked', tbl, seed) into place, was;
    if was is null then
        return false;
    end if;
    case kind
        when 'clone' then becomes := attacker.clone_of(tbl, was);
        when 'change' then becomes := was || jsonb_build_object(col, attacker.other(tbl, col, was, seed));
        when 'empty' then becomes := was || jsonb_build_object(col, null);
        else
    end case;
    if becomes = was then
        return false;
    end if;
    if kind <> 'clone' then
        execute format('delete from countersign.%I where ctid = $1', tbl) using place;
    end if;
    if becomes is not null then
        execute format('insert into countersign.%I overriding system value
                        select * from jsonb_populate_record(null::countersign.%I, $1)', tbl, tbl) using becomes;
    end if;
    insert into attacker.done (tbl, kind, col, before, after) values (tbl, kind, col, was, becomes);
    return true;
exception when integrity_constraint_violation or data_exception then
    return false;
end $$;

-- Puts everything back that nobody has changed since, one row at a time, so that no lock is waited for while another is held.
create procedure attacker.restore() language plpgsql as $$
declare
    it record;
    stands jsonb;
begin
    for it in select * from attacker.done where not undone order by at desc loop
        perform set_config('session_replication_role', 'replica', true);
        if it.after is not null then
            execute format('delete from countersign.%I t where to_jsonb(t) @> $1 returning to_jsonb(t)', it.tbl)
            into stands using attacker.key_of(it.tbl, it.after);
            if it.kind <> 'clone' and stands is not null then
                if stands -> it.col is not distinct from it.after -> it.col then
                    stands := stands || jsonb_build_object(it.col, it.before -> it.col);
                end if;
                perform attacker.put(it.tbl, stands);
            end if;
        else
            perform attacker.put(it.tbl, it.before);
        end if;
        update attacker.done set undone = true where at = it.at;
        commit;
    end loop;
end $$;

create function attacker.on_event() returns trigger language plpgsql as $$
declare
    opening bigint;
    turn bigint;
    moves bigint;
    full_tables text[] := '{}';
    has_rows boolean;
    it record;
begin
    for it in select distinct tbl from attacker.move loop
        execute format('select exists (select from countersign.%I)', it.tbl) into has_rows;
        if has_rows then
            full_tables := full_tables || it.tbl;
        end if;
    end loop;
    select count(*) into moves from attacker.move where tbl = any (full_tables);
    insert into attacker.seen (request_id, name, moves) values (new.stream, new.name, moves) returning n into turn;
    select first into opening from attacker.orders;
    if opening is null then
        return null;
    end if;
    perform set_config('session_replication_role', 'replica', true);
    for it in select tbl, kind, col
              from (select *, row_number() over (order by n) as place from attacker.move where tbl = any (full_tables)) m
              order by (place + (1 + (opening + turn) / moves) * moves - opening - turn) % moves loop
        exit when attacker.strike(it.tbl, it.kind, it.col, opening + turn);
    end loop;
    perform set_config('session_replication_role', 'origin', true);
    return null;
end $$;

-- At the commit, after everything else that the transaction does.
create constraint trigger strike after insert on countersign.event deferrable initially deferred
    for each row execute function attacker.on_event();

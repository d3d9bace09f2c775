-- What Countersign needs in the application's database, and nothing more. The demo runs with this role.
-- Run it as the owner of the application's tables:  psql "$DATABASE_URL" -v password="$(openssl rand -hex 24)" -f docs/database-role.sql
CREATE ROLE countersign LOGIN PASSWORD :'password';

-- CREATE: for its own schema, countersign. TEMPORARY: an erasure notes in a temporary table which rows belong to it.
DO $$ BEGIN
  EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO countersign', current_database());
END $$;

-- To count, to block and unlink, to delete. It changes no tables.
GRANT USAGE ON SCHEMA public TO countersign;
GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO countersign;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, UPDATE, DELETE ON TABLES TO countersign;

-- For /ops credits add and remove: each notes itself as an event of the app's analytics. It adds no other rows. An app that
-- keeps these events elsewhere names that table here and in [app.schema.analytics_event].
DO $$ BEGIN
  IF to_regclass('public."AnalyticsEvent"') IS NOT NULL THEN
    GRANT INSERT ON public."AnalyticsEvent" TO countersign;
  END IF;
END $$;

-- For /ops db connections and db reset-pool: to see what others' connections do, and to end the app's idle ones. An owner of
-- tables may not grant these; without them both commands say what they lack, and everything else works.
DO $$ BEGIN
  GRANT pg_monitor, pg_signal_backend TO countersign;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'ask an administrator of the database: GRANT pg_monitor, pg_signal_backend TO countersign';
END $$;

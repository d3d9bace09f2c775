-- Rows of the real schema that resist a delete, or that stay behind after one.
INSERT INTO "Subscription" (id, "userId", plan, status, amount, currency, "createdAt") VALUES
  ('sub_1', 'usr_1', 'BASIC', 'CANCELED', 9.99, 'USD', pg_temp.ago(60)),
  ('sub_5', 'usr_5', 'BASIC', 'ACTIVE', 9.99, 'USD', pg_temp.ago(6)),
  ('sub_12', 'usr_12', 'BASIC', 'ACTIVE', 900, 'INR', pg_temp.ago(4)),
  ('sub_25', 'usr_25', 'PRO', 'ACTIVE', 19.99, 'USD', pg_temp.ago(35));

INSERT INTO "AnalyticsEvent" (id, "userId", type, metadata, "createdAt")
SELECT format('evt_%s_%s', n, k), id,
       (ARRAY['LOGIN', 'TEST_START', 'TEST_COMPLETE', 'VOCAB_PRACTICE', 'PRONUNCIATION_PRACTICE'])[1 + (n + k) % 5]::"EventType",
       jsonb_build_object('seconds', 30 + n * k), pg_temp.ago(k, n * 13)
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 20 ELSE 3 END) AS k
WHERE n % 3 = 1 AND n <= 40;

INSERT INTO "BlogPost" (id, slug, title, content, "authorId", "createdAt", "updatedAt") VALUES
  ('post_1', 'how-the-speaking-test-works', 'How the speaking test works', 'It has three parts.', 'usr_2', pg_temp.ago(90), pg_temp.ago(80)),
  ('post_2', 'from-six-to-eight', 'From six to eight', 'A learner tells how.', 'usr_6', pg_temp.ago(20), pg_temp.ago(20));

-- A login that worked stores no address. Anybody can have attempts written for any e-mail, in any letter case.
INSERT INTO "LoginAttempt" (id, email, ip, "userAgent", success, "userId", "createdAt")
SELECT format('log_%s_%s', n, k), email,
       CASE WHEN k < 3 THEN '203.0.113.' || (n + k) END, 'Mozilla/5.0 (X11; Linux x86_64)', k = 3, id, pg_temp.ago(k, n * 17)
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 3 ELSE n % 3 END) AS k
WHERE n NOT IN (5, 6, 9, 10);

INSERT INTO "LoginAttempt" (id, email, ip, "userAgent", success, "userId", "createdAt") VALUES
  ('log_a', 'maria@example.com', '198.51.100.7', 'curl/8.5', false, NULL, pg_temp.ago(2)),
  ('log_b', 'MARIA@EXAMPLE.COM', '198.51.100.7', 'curl/8.5', false, NULL, pg_temp.ago(2, 1)),
  ('log_c', 'nobody@example.net', '198.51.100.8', 'curl/8.5', false, NULL, pg_temp.ago(1));

INSERT INTO "PasswordResetToken" (id, email, token, expires) VALUES
  ('prt_1', 'maria@example.com', encode(sha256('reset 1'), 'hex'), pg_temp.ago(-1)),
  ('prt_2', 'kofi@example.org', encode(sha256('reset 2'), 'hex'), pg_temp.ago(12));

INSERT INTO "VerificationToken" (identifier, token, expires) VALUES
  ('maria@example.com', encode(sha256('verify 1'), 'hex'), pg_temp.ago(-2)),
  ('umar@example.org', encode(sha256('verify 2'), 'hex'), pg_temp.ago(3));

INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
SELECT md5(name)::uuid::text, encode(sha256(name::bytea), 'hex'), name, at, at + interval '1 second', 1
FROM unnest(ARRAY['init', 'add_password', 'add_role', 'flashcards', 'pronunciation', 'subscriptions', 'analytics', 'login_attempts',
                  'password_reset', 'questions', 'question_usage', 'blog_posts', 'blog_drafts']) WITH ORDINALITY AS names(suffix, n),
     LATERAL (SELECT pg_temp.ago((200 - n * 10)::int)::timestamptz AS at) AS times,
     LATERAL (SELECT to_char(2025 * 10000000000 + (600 + n) * 1000000 + 80000, 'FM00000000000000') || '_' || suffix AS name) AS full_names;

-- The server's own tables, which an ordinary role may not analyse, are passed over with a warning each.
SET LOCAL client_min_messages = error;
ANALYZE;

-- Rows for the schema that the runbook believes in.
INSERT INTO "User" (id, name, email, "emailVerified", image, password, role, credits, "isBlocked", "createdAt", "updatedAt")
SELECT id, name, email,
       CASE WHEN n % 6 <> 0 THEN joined + interval '10 minutes' END,
       CASE WHEN n % 2 = 1 THEN 'https://lh3.googleusercontent.com/a/' || id END,
       CASE WHEN n % 2 = 0 THEN '$2b$12$' || left(encode(sha256(id::bytea), 'base64'), 43) END,
       CASE WHEN is_admin THEN 'ADMIN' ELSE 'USER' END::"Role",
       CASE WHEN n = 1 THEN 12 ELSE n * 7 % 20 END,
       n = 22,
       joined, joined + interval '1 day'
FROM sample_person;

INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", refresh_token, access_token, expires_at, scope)
SELECT 'acc_' || n, id, 'oauth', 'google', '10000000000000' || (1000 + n),
       '1//refresh-' || id, 'ya29.access-' || id,
       extract(epoch FROM pg_temp.ago(1))::int, 'openid email profile'
FROM sample_person WHERE n % 2 = 1;

INSERT INTO "Session" (id, "sessionToken", "userId", expires)
SELECT format('ses_%s_%s', n, k), encode(sha256(format('session %s %s', n, k)::bytea), 'hex'), id, pg_temp.ago(-30 + k)
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 3 ELSE n % 3 END) AS k;

INSERT INTO "TestSession" (id, "userId", status, "bandScore", "createdAt")
SELECT format('test_%s_%s', n, t), id, status,
       CASE WHEN status = 'COMPLETED' THEN 5 + ((n + t * 3) % 8) / 2.0 END,
       pg_temp.ago(t * 3 + n % 4, n * 11)
FROM sample_person, generate_series(1, tests) AS t,
     LATERAL (SELECT CASE (n + t) % 7 WHEN 5 THEN 'IN_PROGRESS' WHEN 6 THEN 'ABANDONED' ELSE 'COMPLETED' END AS status) AS s;

INSERT INTO "Response" (id, "sessionId", question, transcript, "audioUrl", "createdAt")
SELECT format('res_%s_%s_%s', p.n, t, k), format('test_%s_%s', p.n, t), q.text,
       CASE WHEN (p.n + t + k) % 23 = 0 THEN 'Audio transcription failed. Please check logs.'
            ELSE 'Well, I would say that it depends. ' || q.text || ' In my opinion, yes.' END,
       CASE WHEN k <= audio THEN pg_temp.url(format('user-%s/tests/%s/answer-%s.webm', p.id, t, k)) END,
       pg_temp.ago(t * 3 + p.n % 4, p.n * 11 - k)
FROM sample_person AS p, generate_series(1, tests) AS t, generate_series(1, answers) AS k,
     sample_question AS q
WHERE q.n = (p.n + t + k) % 7;

INSERT INTO "Flashcard" (id, word, definition)
SELECT 'card_' || n, word, 'The meaning of ' || word || ', with two examples.'
FROM unnest(ARRAY['ubiquitous', 'mitigate', 'coherent', 'albeit', 'incentive', 'drawback', 'thrive', 'scarce',
                  'compelling', 'notion', 'reluctant', 'advocate']) WITH ORDINALITY AS cards(word, n);

INSERT INTO "UserFlashcardProgress" (id, "userId", "flashcardId", repetitions, "nextReview")
SELECT format('fp_%s_%s', n, k), id, 'card_' || k, (n + k) % 6, pg_temp.ago(-(k % 5))
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 12 ELSE n % 4 END) AS k;

INSERT INTO "UserPronunciationProgress" (id, "userId", phoneme, attempts, accuracy)
SELECT format('pp_%s_%s', n, k), id, (ARRAY['θ', 'ð', 'ʃ', 'ʒ', 'ŋ', 'æ'])[k], n + k, 60 + (n * k) % 40
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 6 ELSE n % 3 END) AS k;

INSERT INTO "SupportTicket" (id, "userId", subject, message, status, "createdAt") VALUES
  ('tic_1', 'usr_1', 'Credits missing', 'I paid on Monday and have no credits yet.', 'OPEN', pg_temp.ago(2)),
  ('tic_2', 'usr_1', 'Refund', 'Thank you, it works now.', 'CLOSED', pg_temp.ago(40)),
  ('tic_3', 'usr_10', 'Group lesson', 'Please add my friend maria@example.com to the lesson.', 'OPEN', pg_temp.ago(5)),
  ('tic_4', 'usr_27', 'No sound', 'The page says <script>alert("no sound")</script>.', 'OPEN', pg_temp.ago(1)),
  ('tic_5', NULL, 'Question', 'Do you offer lessons for schools?', 'OPEN', pg_temp.ago(9));

INSERT INTO "Subscription" (id, "userId", plan, status, amount, currency, "createdAt", "expiresAt")
SELECT format('sub_%s_%s', n, k), id,
       CASE WHEN n % 2 = 0 THEN 'PRO' ELSE 'BASIC' END,
       CASE WHEN n = 1 THEN 'EXPIRED' WHEN n = 12 THEN 'CANCELED' WHEN k = 1 THEN 'ACTIVE' ELSE 'EXPIRED' END,
       CASE WHEN n = 12 THEN 900 WHEN n % 2 = 0 THEN 19.99 ELSE 9.99 END,
       CASE WHEN n = 12 THEN 'INR' ELSE 'USD' END,
       pg_temp.ago((k - CASE WHEN n = 1 THEN 0 ELSE 1 END) * 31 + n % 15 + 1),
       pg_temp.ago((k - CASE WHEN n = 1 THEN 1 ELSE 2 END) * 31 + n % 15 + 1)
FROM sample_person, generate_series(1, 2) AS k WHERE n IN (1, 5, 6, 12, 15, 17, 20, 25, 30, 35);

INSERT INTO "AnalyticsEvent" (id, "userId", type, metadata, "createdAt")
SELECT format('evt_%s_%s', n, k), id,
       (ARRAY['LOGIN', 'TEST_START', 'TEST_COMPLETE', 'VOCAB_PRACTICE'])[1 + (n + k) % 4],
       jsonb_build_object('page', '/practice/' || k, 'seconds', 30 + n * k), pg_temp.ago(k, n * 13)
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 30 ELSE 1 + n % 6 END) AS k;
-- Credits that an admin gave by hand, noted as the runbook says.
UPDATE "AnalyticsEvent" SET type = 'MANUAL_CREDIT_ADDED',
  metadata = '{"credits": 15, "reason": "Stripe webhook failure", "admin": "chloe@example.com"}'
WHERE id = 'evt_8_3';

INSERT INTO "PasswordResetToken" (id, email, token, expires) VALUES
  ('prt_1', 'maria@example.com', encode(sha256('reset 1'), 'hex'), pg_temp.ago(-1)),
  ('prt_2', 'elif@example.org', encode(sha256('reset 2'), 'hex'), pg_temp.ago(12));

INSERT INTO "VerificationToken" (identifier, token, expires) VALUES
  ('maria@example.com', encode(sha256('verify 1'), 'hex'), pg_temp.ago(-2)),
  ('umar@example.org', encode(sha256('verify 2'), 'hex'), pg_temp.ago(3));

-- Anybody can have attempts written for any e-mail, in any letter case.
INSERT INTO "LoginAttempt" (id, email, ip, "userAgent", success, "createdAt")
SELECT format('log_%s_%s', n, k), CASE WHEN n = 1 AND k = 3 THEN 'Maria@Example.com' ELSE email END,
       CASE WHEN k < 4 THEN '203.0.113.' || (n + k) END, 'Mozilla/5.0 (X11; Linux x86_64)', k = 4, pg_temp.ago(k, n * 17)
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 4 ELSE n % 3 END) AS k;

INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, rolled_back_at, logs, applied_steps_count)
SELECT md5(name || n)::uuid::text, encode(sha256(name::bytea), 'hex'), name, at,
       CASE WHEN NOT undone THEN at + interval '1 second' END,
       CASE WHEN undone THEN at + interval '10 minutes' END,
       CASE WHEN undone THEN E'A migration failed to apply.\nDatabase error code: 42701\ncolumn "credits" of relation "User" already exists' END,
       CASE WHEN undone THEN 0 ELSE 1 END
FROM (VALUES (1, '20250601080000_init', false), (2, '20250705093000_flashcards', false), (3, '20250812110000_subscriptions', false),
             (4, '20250920120000_credits', true), (5, '20250920120000_credits', false), (6, '20251101100000_block_flag', false))
     AS migrations(n, name, undone),
     LATERAL (SELECT pg_temp.ago(400 - n * 30)::timestamptz AS at) AS times;

-- The server's own tables, which an ordinary role may not analyse, are passed over with a warning each.
SET LOCAL client_min_messages = error;
ANALYZE;

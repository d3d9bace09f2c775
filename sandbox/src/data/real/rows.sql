-- The users of the real schema and what cascades away with them.
-- A twin by letter case joins the forty.
INSERT INTO sample_person (n, id, name, email, is_admin, tests, answers, audio, joined)
VALUES (41, 'usr_41', 'Maria Silva', 'Maria@example.com', false, 1, 3, 2, pg_temp.ago(30));

INSERT INTO "User" (id, name, email, "emailVerified", image, password, role, "createdAt", "updatedAt")
SELECT id, name, email,
       CASE WHEN n % 6 <> 0 THEN joined + interval '10 minutes' END,
       CASE WHEN n % 2 = 1 THEN 'https://lh3.googleusercontent.com/a/' || id END,
       CASE WHEN n % 2 = 0 THEN '$2b$12$' || left(encode(sha256(id::bytea), 'base64'), 43) END,
       CASE WHEN is_admin THEN 'ADMIN' ELSE 'USER' END,
       joined, joined + interval '1 day'
FROM sample_person;

INSERT INTO "Account" (id, "userId", type, provider, "providerAccountId", refresh_token, access_token, expires_at, scope)
SELECT 'acc_' || n, id, 'oauth', 'google', '10000000000000' || (1000 + n),
       '1//refresh-' || id, 'ya29.access-' || id,
       extract(epoch FROM pg_temp.ago(1))::int, 'openid email profile'
FROM sample_person WHERE n % 2 = 1;

INSERT INTO "TestSession" (id, "userId", date, score, feedback)
SELECT format('test_%s_%s', n, t), id, pg_temp.ago(t * 3 + n % 4, n * 11),
       CASE WHEN (n + t) % 7 <> 5 THEN 5 + ((n + t * 3) % 8) / 2.0 END,
       CASE WHEN (n + t) % 7 <> 5 THEN 'Good range of vocabulary; work on linking words.' END
FROM sample_person, generate_series(1, tests) AS t;

-- Two uploads in one millisecond share a key: one of Maria's and one of usr_7's.
INSERT INTO "Response" (id, "sessionId", question, transcript, "audioUrl")
SELECT format('res_%s_%s_%s', p.n, t, k), format('test_%s_%s', p.n, t), q.text,
       CASE WHEN (p.n + t + k) % 23 = 0 THEN 'Audio transcription failed. Please check logs.'
            ELSE 'Well, I would say that it depends. ' || q.text || ' In my opinion, yes.' END,
       CASE WHEN k <= audio THEN pg_temp.url(format('uploads/%s-recording.%s', 1760000000000 + stamp::bigint * 1009,
                                                    CASE WHEN k = 3 THEN 'mp4' ELSE 'webm' END)) END
FROM sample_person AS p, generate_series(1, tests) AS t, generate_series(1, answers) AS k,
     LATERAL (SELECT CASE WHEN (p.n, t, k) = (7, 1, 1) THEN 101037
                          ELSE p.n * 100000 + t * 1000 + k * 37 END AS stamp) AS s,
     sample_question AS q
WHERE q.n = (p.n + t + k) % 7;

INSERT INTO "Question" (id, text) SELECT 'question_' || n, text FROM sample_question;

INSERT INTO "QuestionUsage" (id, "userId", "questionId", "usedAt")
SELECT format('use_%s_%s', n, t), id, 'question_' || (n + t) % 7, pg_temp.ago(t * 3 + n % 4, n * 11)
FROM sample_person, generate_series(1, tests) AS t;

INSERT INTO "UserFlashcardProgress" (id, "userId", word, repetitions, "nextReview")
SELECT format('fp_%s_%s', n, k), id, (ARRAY['ubiquitous', 'mitigate', 'coherent', 'albeit', 'incentive', 'drawback'])[1 + k % 6],
       (n + k) % 6, pg_temp.ago(-(k % 5))
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 6 ELSE n % 4 END) AS k;

INSERT INTO "UserPronunciationProgress" (id, "userId", phoneme, attempts)
SELECT format('pp_%s_%s', n, k), id, (ARRAY['θ', 'ð', 'ʃ', 'ʒ', 'ŋ', 'æ'])[k], n + k
FROM sample_person, generate_series(1, CASE WHEN n = 1 THEN 6 ELSE n % 3 END) AS k;

INSERT INTO "BlogDraft" (id, "userId", title, content) VALUES
  ('draft_1', 'usr_2', 'Five common mistakes', 'To be written.'),
  ('draft_2', 'usr_9', 'My exam day', 'I was nervous at first.');

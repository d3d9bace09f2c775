-- The people of both shapes and a way to tell past times; both end with the session.
CREATE FUNCTION pg_temp.ago(days int, minutes int DEFAULT 0) RETURNS timestamp(3) LANGUAGE sql STABLE AS $$
  SELECT current_setting('sample.today')::timestamp + interval '9 hours'
         - days * interval '1 day' - minutes * interval '1 minute'
$$;

CREATE FUNCTION pg_temp.url(key text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT current_setting('sample.bucket_url') || key
$$;

-- `tests` is how many tests the person took; `answers` and `audio` are counted per test.
CREATE TEMP TABLE sample_person AS
SELECT n::int AS n,
       'usr_' || n AS id,
       name,
       lower(split_part(name, ' ', 1))
         || CASE WHEN n % 2 = 1 OR n <= 4 THEN '@example.com' ELSE '@example.org' END AS email,
       n BETWEEN 2 AND 4 AS is_admin,
       CASE WHEN n = 1 THEN 12 ELSE (n * 3 + 1) % 5 END::int AS tests,
       CASE WHEN n = 1 THEN 5 ELSE 3 END AS answers,
       CASE WHEN n = 1 THEN 3 ELSE 2 END AS audio,
       pg_temp.ago((200 - n * 4)::int, (n * 37)::int) AS joined
FROM unnest(ARRAY[
  'Maria Santos', 'Ada Okafor', 'Ben Carter', 'Chloe Dubois', 'Daniel Kim',
  'Elif Yılmaz', 'Farid Haddad', 'Grace Mwangi', 'Hana Sato', 'Ivan Petrov',
  'Julia Novák', 'Kofi Mensah', 'Lena Fischer', 'Mateo García', 'Nadia Rahman',
  'Omar Farouk', 'Priya Sharma', 'Quentin O''Neil', 'Rosa Bianchi', 'Samir Patel',
  'Tara Nguyen', 'Umar Siddiqui', 'Vera Kovács', 'Wei Zhang', 'Ximena Flores',
  'Yusuf Demir', 'Zoe <b>Papadaki</b> & Co', 'Aisha Bello', 'Bruno Costa', 'Carmen Ruiz',
  'Dmitri Volkov', 'Esther Cohen', 'Felix Wagner', 'Gita Iyer', 'Hugo Lindqvist',
  'Inês Almeida', 'Jonas Berg', 'Keiko Tanaka', 'Luca Romano', 'Mei Lin'
]) WITH ORDINALITY AS people(name, n);
-- An address has no accents.
UPDATE sample_person SET email = translate(email, 'ıáéíóúê', 'iaeioue');

CREATE TEMP TABLE sample_question AS
SELECT (n - 1)::int AS n, text
FROM unnest(ARRAY[
  'Describe a place you would like to visit.',
  'Do people in your country read newspapers?',
  'Talk about a skill you learned as a child.',
  'Should cities close their centres to cars?',
  'Describe a person who has helped you.',
  'How has technology changed the way people work?',
  'Talk about a book that you enjoyed.'
]) WITH ORDINALITY AS questions(text, n);

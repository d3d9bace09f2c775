-- Rows for the oddities.
INSERT INTO public.account (email, referred_by) VALUES
  ('one@example.com', NULL), ('two@example.com', 1), ('three@example.com', NULL);

INSERT INTO public.member VALUES (1, 1, NULL, NULL), (1, 2, 1, 1), (2, 1, 1, 1);

INSERT INTO billing.invoice (member_account, member_number, net) VALUES (1, 2, 10), (1, 2, 20), (2, 1, 30);
INSERT INTO billing.invoice_line SELECT i, l, 'line ' || l FROM generate_series(1, 3) AS i, generate_series(1, 2) AS l;
INSERT INTO billing.account VALUES ('00000000-0000-4000-8000-000000000001', 1), ('00000000-0000-4000-8000-000000000002', 2);

INSERT INTO public.invitation VALUES
  ('00000000-0000-4000-8000-000000000011', 'one@example.com', 2),
  ('00000000-0000-4000-8000-000000000012', 'two@example.com', 1);

INSERT INTO public.visit SELECT 1 + n % 2, '/page/' || n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour'
FROM generate_series(1, 10) AS n;

INSERT INTO public.team VALUES ('00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000031');
INSERT INTO public.player VALUES
  ('00000000-0000-4000-8000-000000000031', '00000000-0000-4000-8000-000000000021', 1),
  ('00000000-0000-4000-8000-000000000032', '00000000-0000-4000-8000-000000000021', 2);

INSERT INTO public.folder VALUES (1, 1, NULL), (2, 2, NULL);
INSERT INTO public.document VALUES (1, 1), (2, 1), (3, 2);
UPDATE public.folder SET cover = 1 WHERE id = 1;

INSERT INTO public.measurement SELECT 1, '2025-12-30'::date + n, n FROM generate_series(0, 4) AS n;

INSERT INTO "Strange Names"."Order ""Line""" VALUES (1, 1, 'glad', 'a', 'b'), (2, 2, 'it''s "complicated"', 'c', 'd');

REFRESH MATERIALIZED VIEW public.busy_account;
-- The server's own tables, which an ordinary role may not analyse, are passed over with a warning each.
SET LOCAL client_min_messages = error;
ANALYZE;

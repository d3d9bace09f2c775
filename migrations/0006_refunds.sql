-- One refund per request, written down before Stripe is asked, so that it is never asked twice with different keys.
create table countersign.refund (
    request_id      uuid primary key,
    idempotency_key text        not null unique,
    payment         text        not null, -- the payment intent, or the charge that has none
    amount          bigint      not null check (amount > 0), -- in the currency's smallest unit
    currency        text        not null,
    refunded_before bigint      not null, -- what had gone back of the payment when this was approved
    user_id         text,                 -- whose credits are taken; null: nobody's
    written_at      timestamptz not null,
    sent_at         timestamptz,          -- when it was first sent; from then on Stripe knows the key, for a day
    refund_id       text unique,          -- once it is known
    closed_at       timestamptz,          -- it was refused or came back: credits are given back, nothing is sent any more
    closed_why      text,
    check ((closed_at is null) = (closed_why is null))
);

-- What Stripe's webhooks told, one row per event however often it is delivered, written before it is acknowledged.
-- Only what matters for a refund of ours is open until the refund's request has been told.
create table countersign.stripe_event (
    id          text primary key,
    kind        text        not null,
    request_id  uuid,                 -- whose refund it tells of; null: of none of ours
    received_at timestamptz not null,
    not_before  timestamptz not null,
    attempts    integer     not null default 0,
    done_at     timestamptz
);
create index stripe_event_open on countersign.stripe_event (not_before) where done_at is null;

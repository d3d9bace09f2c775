-- Payments for which credits were given by hand. One payment counts once, whoever asks, and also when two ask at once.
-- A request claims its payment while it is planned; a claim whose request ended without giving anything is released.
create table countersign.credit_grant (
    request_id  uuid primary key,
    payment     text        not null,  -- the id that stands for it in Stripe, or as it was typed when Stripe is not asked
    user_id     text        not null,  -- the application's user id
    credits     bigint      not null check (credits > 0),
    claimed_at  timestamptz not null,
    granted_at  timestamptz,           -- when the credits were on the account
    released_at timestamptz,           -- when the claim was given up
    check (granted_at is null or released_at is null)
);
create unique index credit_grant_payment_once on countersign.credit_grant (payment) where released_at is null;

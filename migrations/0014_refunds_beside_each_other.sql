-- A refund is guarded by its payment, not by its account: two payments of one person may go back at the same time.
drop index countersign.request_open_subject;
create unique index request_open_subject on countersign.request (operation, subject)
    where open and subject is not null and risk in ('sensitive', 'destructive') and operation <> 'refund';
-- A refund whose request a person settled while Stripe still had it pending is looked at as well.
update countersign.refund set look_at = coalesce(sent_at, written_at)
    where refund_id is not null and closed_at is null and settled_at is null and look_at is null;
-- Calls to Stripe of which it is not known that they did nothing. When there is none, no money can have gone.
alter table countersign.refund add column in_doubt integer not null default 0 check (in_doubt >= 0);
update countersign.refund set in_doubt = 1 where sent_at is not null;

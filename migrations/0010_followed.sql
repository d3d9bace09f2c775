-- A bank may send a refund back weeks after Stripe called it done, and a webhook that says so may never arrive: refunds are
-- looked at again for a while after they were done.
alter table countersign.refund
    add column settled_at timestamptz, -- when Stripe was first seen to call it done
    add column look_at    timestamptz; -- when it is looked at next; null: it is not looked at any more
update countersign.refund set settled_at = sent_at, look_at = sent_at
    where refund_id is not null and closed_at is null;
create index refund_look on countersign.refund (look_at) where look_at is not null;

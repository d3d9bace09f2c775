-- A refund whose request a person settled while Stripe still had it pending is looked at as well.
update countersign.refund set look_at = coalesce(sent_at, written_at)
    where refund_id is not null and closed_at is null and settled_at is null and look_at is null;

-- Who holds what, and for how long, is measured by this database's clock: `lease.until` and `channel_pace.until`.
-- Until when a request rests that nobody holds is a time of the domain.
alter table countersign.lease add column rests_until timestamptz;

-- Every identity that the journal has recorded of an account: `slack:U…` for a person, `user:…` for an account of the
-- application that a request was about. `countersign audit rebuild` makes it anew from the events.
create table countersign.known_identity (
    account  text not null,
    identity text not null,
    primary key (account, identity)
);
create index known_identity_account on countersign.known_identity (identity);

-- People who are no members were recorded with their addresses before: they are left out.
insert into countersign.known_identity (account, identity)
select distinct 'slack:' || (e.body::jsonb #>> '{by,slack_id}'), i.identity
from countersign.event e,
     lateral jsonb_array_elements_text(e.body::jsonb #> '{by,identities}') as i(identity)
where e.name in ('asked', 'approved', 'attempt_refused', 'denied', 'cancelled', 'stopped', 'resumed', 'settled')
  and not (e.name = 'attempt_refused' and e.body::jsonb ->> 'why' like 'only full members of this workspace%')
  and not (e.name = 'asked' and exists (
      select from countersign.event refused
      where refused.request_id = e.request_id and refused.version = 2 and refused.name = 'attempt_refused'
        and refused.body::jsonb ->> 'why' like 'only full members of this workspace%'))
on conflict do nothing;

insert into countersign.known_identity (account, identity)
select distinct 'user:' || (e.body::jsonb #>> '{plan,subject,user_id}'), e.body::jsonb #>> '{plan,subject,email_identity}'
from countersign.event e
where e.name in ('planned', 'superseded') and e.body::jsonb #>> '{plan,subject,email_identity}' is not null
on conflict do nothing;

-- To find what somebody asked for a moment ago.
create index request_asked on countersign.request (fingerprint, asked_at);

-- The buttons of open requests name a place in the request's life from now on: their cards are drawn again.
update countersign.message m set generation = generation + 1
from countersign.request r
where r.id = m.request_id and r.open and m.slot like 'approval:%';

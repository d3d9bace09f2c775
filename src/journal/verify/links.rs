//! The global chain: its links, its head and the witness.

use super::{Kind, Place, Previous, Report};
use crate::{
    audit_key::{AuditKey, Hash},
    journal::{
        chain::{Head, checked_head},
        hash::{GENESIS, stored},
        store::Connection,
    },
};

/// Links read at once.
const PAGE: i64 = 2_000;

/// Links without an event that are remembered, so that the request they belong to can be named.
const MAX_ORPHANS: usize = 1_000;

/// A link whose event is gone.
#[derive(Debug)]
pub(super) struct Orphan {
    pub(super) position: i64,
    pub(super) event_hash: Hash,
}

struct Link {
    position: i64,
    event_hash: Vec<u8>,
    hash: Vec<u8>,
    own_hash: Option<Vec<u8>>,
    request_id: Option<uuid::Uuid>,
    version: Option<i64>,
    number: Option<i64>,
}

/// Checks the chain from its start to its head. Gives the links whose event is gone; the walk along the
/// requests names them.
pub(super) async fn check(
    db: &mut Connection,
    key: &AuditKey,
    witness: Option<(i64, Hash)>,
    report: &mut Report,
) -> sqlx::Result<Vec<Orphan>> {
    let mut walk = Walk {
        key,
        witness,
        end: Head {
            position: 0,
            hash: GENESIS,
        },
        previous: Previous::known(GENESIS),
        orphans: vec![],
    };
    walk.meet_witness(report);
    loop {
        let links = page(db, walk.end.position).await?;
        if links.is_empty() {
            break;
        }
        for link in links {
            walk.step(&link, report);
        }
    }
    check_head(db, &walk, report).await?;
    if let Some((position, _)) = walk.witness {
        let says = format!(
            "the witness names this position, but the chain ends at {}: its tail was cut",
            walk.end.position
        );
        report.add(Kind::Witness, at(position), says);
    }
    check_pending(db, report).await?;
    Ok(walk.orphans)
}

struct Walk<'a> {
    key: &'a AuditKey,
    /// Not yet met.
    witness: Option<(i64, Hash)>,
    end: Head,
    previous: Previous,
    orphans: Vec<Orphan>,
}

impl Walk<'_> {
    fn step(&mut self, link: &Link, report: &mut Report) {
        report.checked.links += 1;
        let expected = self.end.position + 1;
        if link.position != expected {
            let until = link.position - 1;
            let says = format!("the links {expected} to {until} of the chain are missing");
            report.add(Kind::LinkMissing, at(expected), says);
            self.previous = Previous::unknown();
        }
        let place = Place {
            position: Some(link.position),
            request: link.request_id,
            number: link.number,
            version: link.version,
            ..Place::default()
        };
        let (Some(event_hash), Some(hash)) = (stored(&link.event_hash), stored(&link.hash)) else {
            report.add(Kind::LinkChanged, place, "the link holds no hash");
            self.previous = Previous::unknown();
            self.end.position = link.position;
            return;
        };
        let chained = |previous: &Hash| self.key.link(previous, link.position, &event_hash);
        if !self.previous.accepts(hash, chained) {
            let says = "the link does not follow from the one before it and its event";
            report.add(Kind::LinkChanged, place, says);
        }
        match &link.own_hash {
            None if self.orphans.len() < MAX_ORPHANS => self.orphans.push(Orphan {
                position: link.position,
                event_hash,
            }),
            None => report.add(Kind::EventMissing, place, "the linked event is gone"),
            Some(own) if *own != link.event_hash => {
                let says = "the event's hash is not the one that was linked";
                report.add(Kind::LinkChanged, place, says);
            }
            Some(_) => {}
        }
        self.end = Head {
            position: link.position,
            hash,
        };
        self.meet_witness(report);
    }

    fn meet_witness(&mut self, report: &mut Report) {
        match self.witness {
            Some((position, hash)) if position <= self.end.position => {
                if (Head { position, hash }) != self.end {
                    let says = "the chain here is not the one that was witnessed: it was rewritten";
                    report.add(Kind::Witness, at(position), says);
                }
                self.witness = None;
            }
            _ => {}
        }
    }
}

async fn page(db: &mut Connection, after: i64) -> sqlx::Result<Vec<Link>> {
    sqlx::query_as!(
        Link,
        r#"select c.position, c.event_hash, c.hash, e.hash as "own_hash?",
                  case when e.kind = 'request' then e.stream end as "request_id?", e.version as "version?", r.number as "number?"
           from countersign.chain c
           left join countersign.event e on e.seq = c.event_seq
           left join countersign.request r on r.id = e.stream
           where c.position > $1
           order by c.position
           limit $2"#,
        after,
        PAGE
    )
    .fetch_all(db)
    .await
}

async fn check_head(db: &mut Connection, walk: &Walk<'_>, report: &mut Report) -> sqlx::Result<()> {
    let head = sqlx::query!("select position, hash, mac from countersign.chain_head")
        .fetch_optional(db)
        .await?;
    let end = walk.end;
    let Some(head) = head else {
        report.add(Kind::Head, at(end.position), "the chain has no head");
        return Ok(());
    };
    let Ok(head) = checked_head(walk.key, head.position, &head.hash, &head.mac) else {
        let says = "the head of the chain was forged: its seal is wrong";
        report.add(Kind::Head, at(head.position), says);
        return Ok(());
    };
    report.head = Some(head);
    if head.position > end.position {
        let says = format!(
            "the chain ends at {}, but its head is at {}: the tail was cut",
            end.position, head.position
        );
        report.add(Kind::LinkMissing, at(end.position + 1), says);
    } else if head.position < end.position {
        let says = format!(
            "the chain goes on to {}, beyond its head: the head was set back, or links were added",
            end.position
        );
        report.add(Kind::Head, at(head.position + 1), says);
    } else if head.hash != end.hash {
        let says = "the head of the chain is not its last link";
        report.add(Kind::Head, at(head.position), says);
    }
    Ok(())
}

/// What waits to be linked must be there.
async fn check_pending(db: &mut Connection, report: &mut Report) -> sqlx::Result<()> {
    let gone = sqlx::query_scalar!(
        r#"select count(*) as "gone!" from countersign.chain_pending p
           where not exists (select from countersign.event e where e.seq = p.event_seq)"#
    )
    .fetch_one(db)
    .await?;
    if gone > 0 {
        let says = format!("{gone} events that wait to be linked are gone");
        report.add(Kind::EventMissing, Place::default(), says);
    }
    Ok(())
}

fn at(position: i64) -> Place {
    Place {
        position: Some(position),
        ..Place::default()
    }
}

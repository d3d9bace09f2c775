//! Whoever owns the database but not the key: everything that they can do is found, and named.

use countersign::{
    domain::{Event, PlanDigest},
    journal::{
        RecordError,
        chain::{self, Head},
        verify::{Finding, Kind, Report, verify},
    },
};

use super::{
    people::second_account,
    store::{Store, key},
};

/// Three requests with four events each, linked in the order 1001, 1002, 1003: OPS-1002 has the positions 5 to 8.
async fn three_requests() -> Store {
    let store = Store::new().await;
    for name in ["a", "b", "c"] {
        store.ask(name).await.plan(1, 60).await.approve("BEN").await;
        store.seal().await;
    }
    assert!(store.verify().await.is_sound());
    store
}

/// The report after some tampering.
async fn after(tampering: &'static str) -> Report {
    let store = three_requests().await;
    store.tamper(tampering).await;
    let report = store.verify().await;
    assert_eq!(report.exit_status(), 1, "{report}");
    report
}

fn kinds(report: &Report) -> Vec<Kind> {
    report.by_kind.keys().copied().collect()
}

fn first(report: &Report) -> (Option<i64>, Option<i64>, Option<i64>, Kind) {
    let Finding { kind, place, .. } = report.first.as_ref().expect("a finding");
    (place.position, place.number, place.version, *kind)
}

#[tokio::test]
async fn a_changed_body_is_named_and_nothing_after_it_is_blamed() {
    let report = after(
        "update countersign.event set body = replace(body, 'BEN', 'EVE') where version = 3 and seq between 5 and 8",
    )
    .await;
    assert_eq!(
        first(&report),
        (Some(7), Some(1002), Some(3), Kind::EventChanged)
    );
    assert_eq!(report.total(), 1, "{report}");
    assert!(report.to_string().contains(
        "First bad entry: position 7, OPS-1002, version 3: the event is not what was recorded"
    ));
}

#[tokio::test]
async fn a_changed_time_name_or_hash_is_named() {
    let report =
        after("update countersign.event set at = at - interval '1 hour' where seq = 6").await;
    assert_eq!(
        first(&report),
        (Some(6), Some(1002), Some(2), Kind::EventChanged)
    );
    let report = after("update countersign.event set name = 'denied' where seq = 7").await;
    assert_eq!(
        first(&report),
        (Some(7), Some(1002), Some(3), Kind::EventChanged)
    );
    assert_eq!(kinds(&report), [Kind::EventChanged, Kind::EventUnreadable]);
    let report = after("update countersign.event set hash = sha256(hash) where seq = 6").await;
    let (position, number, version, _) = first(&report);
    assert_eq!((position, number, version), (Some(6), Some(1002), Some(2)));
    assert_eq!(kinds(&report), [Kind::EventChanged, Kind::LinkChanged]);
    assert_eq!(report.total(), 2, "{report}");
}

#[tokio::test]
async fn a_body_that_is_no_event_is_named() {
    let report =
        after("update countersign.event set body = '{\"event\":\"granted\"}' where seq = 7").await;
    assert_eq!(first(&report).0, Some(7));
    assert_eq!(kinds(&report), [Kind::EventChanged, Kind::EventUnreadable]);
}

#[tokio::test]
async fn a_removed_middle_event_is_named_by_its_link() {
    let report = after("delete from countersign.event where seq = 7").await;
    assert_eq!(
        first(&report),
        (Some(7), Some(1002), Some(3), Kind::EventMissing)
    );
    assert_eq!(report.total(), 1, "{report}");
}

#[tokio::test]
async fn a_middle_event_removed_with_its_link_is_named() {
    let report = after(
        "delete from countersign.event where seq = 7; delete from countersign.chain where position = 7",
    )
    .await;
    assert_eq!(first(&report).0, Some(7));
    assert_eq!(kinds(&report), [Kind::EventMissing, Kind::LinkMissing]);
    let names = |it: &Finding| it.place.number == Some(1002) && it.place.version == Some(3);
    assert!(report.findings.iter().any(names), "{report}");
}

#[tokio::test]
async fn a_removed_tail_is_named() {
    let report = after("delete from countersign.event where seq = 12").await;
    assert_eq!(first(&report), (Some(12), None, None, Kind::EventMissing));
    let names = |it: &Finding| it.place.number == Some(1003) && it.kind == Kind::ProjectionAhead;
    assert!(report.findings.iter().any(names), "{report}");
}

#[tokio::test]
async fn a_tail_removed_with_its_links_is_named() {
    let report = after(
        r#"delete from countersign.event where seq >= 11;
           delete from countersign.chain where position >= 11;
           update countersign.request set version = 2, state = 'awaiting_approval' where number = 1003"#,
    )
    .await;
    assert_eq!(first(&report), (Some(11), None, None, Kind::LinkMissing));
    assert!(
        report
            .to_string()
            .contains("the chain ends at 10, but its head is at 12"),
        "{report}"
    );
}

#[tokio::test]
async fn a_tail_removed_before_it_was_linked_is_named() {
    let store = three_requests().await;
    store.ask("d").await.plan(1, 60).await;
    store
        .tamper("delete from countersign.event where seq = 14")
        .await;
    let report = store.verify().await;
    let expected = [
        Kind::EventMissing,
        Kind::ProjectionAhead,
        Kind::TextUncommitted,
    ];
    assert_eq!(kinds(&report), expected);
    store
        .tamper("delete from countersign.chain_pending where event_seq = 14")
        .await;
    let report = store.verify().await;
    assert_eq!(
        first(&report),
        (None, Some(1004), Some(2), Kind::ProjectionAhead)
    );
}

#[tokio::test]
async fn events_in_another_order_are_named() {
    let report = after(
        r#"update countersign.event set version = 100 where seq = 6;
           update countersign.event set version = 2 where seq = 7;
           update countersign.event set version = 3 where seq = 6"#,
    )
    .await;
    let (_, number, _, _) = first(&report);
    assert_eq!(number, Some(1002));
    assert!(kinds(&report).contains(&Kind::EventChanged), "{report}");
    assert!(kinds(&report).contains(&Kind::EventMisplaced), "{report}");
}

#[tokio::test]
async fn links_in_another_order_are_named() {
    let report = after(
        r#"update countersign.chain set position = 100 where position = 6;
           update countersign.chain set position = 6 where position = 7;
           update countersign.chain set position = 7 where position = 100"#,
    )
    .await;
    assert_eq!(
        first(&report),
        (Some(6), Some(1002), Some(3), Kind::LinkChanged)
    );
}

#[tokio::test]
async fn a_link_that_names_another_event_is_named() {
    let report =
        after("update countersign.chain set event_hash = sha256(event_hash) where position = 6")
            .await;
    assert_eq!(
        first(&report),
        (Some(6), Some(1002), Some(2), Kind::LinkChanged)
    );
    assert_eq!(kinds(&report), [Kind::LinkChanged]);
}

#[tokio::test]
async fn a_removed_request_is_named() {
    let report = after("delete from countersign.event where seq between 5 and 8").await;
    assert_eq!(first(&report).0, Some(5));
    assert_eq!(
        kinds(&report),
        [
            Kind::EventMissing,
            Kind::ProjectionAhead,
            Kind::TextUncommitted
        ]
    );
    assert!(
        report
            .to_string()
            .contains("OPS-1002: all 4 events of the request are gone"),
        "{report}"
    );
    let report = after(
        r#"delete from countersign.event where seq between 5 and 8;
           delete from countersign.chain where position between 5 and 8;
           delete from countersign.request where number = 1002;
           delete from countersign.private_text where request_id not in (select id from countersign.request)"#,
    )
    .await;
    assert_eq!(first(&report), (Some(5), None, None, Kind::LinkMissing));
    assert_eq!(report.total(), 1, "{report}");
}

#[tokio::test]
async fn an_invented_event_is_named() {
    let report = after(
        r#"insert into countersign.event (kind, stream, version, name, body, at, hash)
           select kind, stream, 5, 'rolled_back', '{"event":"rolled_back"}', at, sha256(hash) from countersign.event where seq = 8;
           update countersign.request set version = 5 where number = 1002"#,
    )
    .await;
    assert_eq!(
        first(&report),
        (None, Some(1002), Some(5), Kind::EventChanged)
    );
    assert_eq!(
        kinds(&report),
        [
            Kind::EventChanged,
            Kind::EventMisplaced,
            Kind::EventUnlinked
        ]
    );
}

#[tokio::test]
async fn a_changed_or_missing_head_is_named() {
    let report = after("update countersign.chain_head set position = 11").await;
    assert_eq!(kinds(&report), [Kind::Head]);
    assert!(report.head.is_none());
    let report = after(
        "update countersign.chain_head set hash = (select hash from countersign.chain where position = 3)",
    )
    .await;
    assert_eq!(kinds(&report), [Kind::Head]);
    let report = after("delete from countersign.chain_head").await;
    assert_eq!(kinds(&report), [Kind::Head]);
}

#[tokio::test]
async fn an_older_head_put_back_is_named() {
    let store = three_requests().await;
    let keep = "create table old_head as select * from countersign.chain_head";
    store.tamper(keep).await;
    store.ask("d").await;
    store.seal().await;
    store
        .tamper(
            r#"delete from countersign.chain_head;
               insert into countersign.chain_head select * from old_head"#,
        )
        .await;
    let report = store.verify().await;
    assert_eq!(first(&report), (Some(13), None, None, Kind::Head));
    assert_eq!(report.total(), 1, "{report}");
}

#[tokio::test]
async fn the_head_of_another_history_is_named() {
    let store = three_requests().await;
    let keep = "create table old_head as select * from countersign.chain_head";
    store.tamper(keep).await;
    store.ask("d").await;
    store.seal().await;
    store
        .tamper(
            r#"create table other_head as select * from countersign.chain_head;
               delete from countersign.event where seq = 13;
               delete from countersign.chain where position = 13;
               delete from countersign.request where number = 1004;
               delete from countersign.private_text where request_id not in (select id from countersign.request);
               delete from countersign.chain_head;
               insert into countersign.chain_head select * from old_head"#,
        )
        .await;
    store.ask("e").await;
    store.seal().await;
    store
        .tamper(
            r#"delete from countersign.chain_head;
               insert into countersign.chain_head select * from other_head"#,
        )
        .await;
    let report = store.verify().await;
    assert_eq!(first(&report), (Some(13), None, None, Kind::Head));
    assert_eq!(report.total(), 1, "{report}");
}

#[tokio::test]
async fn a_sealer_that_was_made_to_link_a_later_event_first_is_found() {
    let store = Store::new().await;
    store.ask("a").await.plan(1, 60).await;
    let hide = "delete from countersign.chain_pending where event_seq = 1";
    store.tamper(hide).await;
    store.seal().await;
    let show = "insert into countersign.chain_pending values (1)";
    store.tamper(show).await;
    store.seal().await;
    let report = store.verify().await;
    assert_eq!(
        first(&report),
        (Some(1), Some(1001), Some(2), Kind::LinkChanged)
    );
}

#[tokio::test]
async fn a_database_set_back_as_a_whole_is_found_by_the_witness_alone() {
    let store = three_requests().await;
    let witness = chain::head(store.pool(), &key()).await.expect("a head");
    store
        .tamper("create table old_head as select * from countersign.chain_head")
        .await;
    store.ask("d").await;
    store.seal().await;
    let later = chain::head(store.pool(), &key()).await.expect("a head");
    store
        .tamper(
            r#"delete from countersign.event where seq = 13;
               delete from countersign.chain where position = 13;
               delete from countersign.request where number = 1004;
               delete from countersign.private_text where request_id not in (select id from countersign.request);
               delete from countersign.chain_head;
               insert into countersign.chain_head select * from old_head"#,
        )
        .await;
    assert!(store.verify().await.is_sound(), "nothing inside shows it");
    let with = |head: Head| {
        verify(
            store.pool(),
            &store.journal.key,
            Some((head.position, head.hash)),
        )
    };
    assert!(with(witness).await.expect("a report").is_sound());
    let report = with(later).await.expect("a report");
    assert_eq!(first(&report), (Some(13), None, None, Kind::Witness));
    store.ask("e").await;
    store.seal().await;
    let report = with(later).await.expect("a report");
    assert_eq!(first(&report), (Some(13), None, None, Kind::Witness));
    assert!(report.to_string().contains("rewritten"), "{report}");
}

#[tokio::test]
async fn changed_missing_and_added_texts_are_named() {
    let report = after(
        "update countersign.private_text set text = 'm***@example.org' where kind = 'label' and request_id = (select id from countersign.request where number = 1002)",
    )
    .await;
    assert_eq!(
        first(&report),
        (Some(6), Some(1002), Some(2), Kind::TextChanged)
    );
    assert_eq!(report.total(), 1, "{report}");
    let report = after(
        "delete from countersign.private_text where kind = 'label' and request_id = (select id from countersign.request where number = 1002)",
    )
    .await;
    assert_eq!(
        first(&report),
        (Some(6), Some(1002), Some(2), Kind::TextMissing)
    );
    let report = after(
        r#"insert into countersign.private_text (id, request_id, kind, salt, text)
           select gen_random_uuid(), id, 'note', 'salt', 'approved by all' from countersign.request where number = 1002"#,
    )
    .await;
    assert_eq!(
        first(&report),
        (None, Some(1002), None, Kind::TextUncommitted)
    );
}

#[tokio::test]
async fn a_run_of_another_plan_than_the_approved_one_cannot_be_recorded() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven.plan(1, 0).await.approve("BEN").await;
    let run = Event::RunStarted {
        plan: PlanDigest::of(&"another plan"),
        steps: vec![],
    };
    let refused = driven.record(&[run], &[]).await;
    assert!(
        matches!(refused, Err(RecordError::Misplaced(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_run_that_only_the_requester_approved_is_named_even_when_its_hashes_are_right() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven.plan(1, 0).await;
    store
        .tamper("alter table countersign.party drop constraint party_pkey")
        .await;
    let plan = driven.digest();
    let approved = Event::Approved {
        by: second_account("REQ"),
        plan,
    };
    let run = Event::RunStarted {
        plan,
        steps: vec![],
    };
    driven
        .record(&[approved, run], &[])
        .await
        .expect("it folds");
    let report = store.verify().await;
    assert_eq!(
        first(&report),
        (None, Some(1001), Some(4), Kind::RunUnapproved)
    );
    assert_eq!(report.total(), 1, "{report}");
}

#[tokio::test]
async fn many_findings_are_counted_but_not_all_listed() {
    let store = Store::new().await;
    for number in 0..30 {
        store.ask(&format!("f{number}")).await.plan(1, 60).await;
    }
    store.seal().await;
    store
        .tamper("update countersign.event set at = at + interval '1 second'")
        .await;
    let report = store.verify().await;
    assert_eq!(report.total(), 60);
    assert_eq!(report.findings.len(), 50);
    assert_eq!(
        first(&report),
        (Some(1), Some(1001), Some(1), Kind::EventChanged)
    );
    assert!(report.to_string().contains("and 10 more"), "{report}");
}

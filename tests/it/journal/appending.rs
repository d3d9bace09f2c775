//! Appending and reading.

use countersign::{
    domain::{Command, Event, Risk, decide::decide},
    journal::{
        RecordError,
        append::Batch,
        export::{ExportError, Selection, export},
        private_data, read,
    },
};

use super::{
    people::person,
    store::{Store, asking, start},
};

#[tokio::test]
async fn what_was_recorded_is_read_again_and_folds_to_the_same_request() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven
        .plan(1, 60)
        .await
        .approve("BEN")
        .await
        .step("hold")
        .await;
    driven.begin(&[]).await.step("rows").await;
    let read = store.journal.request(driven.request.id).await;
    assert_eq!(read.expect("a request"), driven.request);
    let events = store.journal.events(driven.request.id).await;
    let names: Vec<_> = events
        .expect("events")
        .iter()
        .map(|it| it.event.name())
        .collect();
    assert_eq!(
        names,
        [
            "asked",
            "planned",
            "approved",
            "cooling_off_started",
            "step_started",
            "step_succeeded",
            "run_started",
            "step_started",
            "step_succeeded",
            "run_succeeded"
        ]
    );
}

#[tokio::test]
async fn a_time_finer_than_microseconds_is_recorded_as_it_will_be_read() {
    let store = Store::new().await;
    let (id, asking) = asking(store.pool(), Risk::Read, "f").await;
    let mut batch = asking.batch(id);
    batch.at += chrono::Duration::nanoseconds(1_234_567);
    let request = store.journal.record(batch).await.expect("a record");
    let read = store.journal.request(id).await.expect("a request");
    assert_eq!(read, request);
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn of_two_decisions_at_once_one_wins_and_the_other_conflicts() {
    let store = Store::new().await;
    for round in 0..5 {
        let mut driven = store.ask(&format!("f{round}")).await;
        driven.plan(1, 60).await;
        let decided = |by: &str| {
            let plan = driven.digest();
            let command = Command::Approve {
                by: person(by),
                clicked_at: driven.at,
                plan,
                typed: None,
            };
            decide(&driven.request, &command, driven.at).expect("an approval")
        };
        let (first, second) = (decided("BEN"), decided("CHLOE"));
        let (first, second) = tokio::join!(driven.record(&first, &[]), driven.record(&second, &[]));
        let lost = match (first, second) {
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
            other => panic!("{other:?}"),
        };
        assert!(matches!(lost, RecordError::Conflict), "{lost:?}");
    }
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn a_decision_on_an_old_version_conflicts() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    let old = driven.request.clone();
    driven.plan(1, 60).await;
    let batch = Batch {
        before: Some(old),
        id: driven.request.id,
        events: &[Event::Cancelled {
            by: person("REQ").party(),
        }],
        private_data: &[],
        at: start(),
        fence: None,
    };
    let refused = store.journal.record(batch).await;
    assert!(matches!(refused, Err(RecordError::Conflict)), "{refused:?}");
}

#[tokio::test]
async fn the_same_question_is_open_once_and_may_be_asked_again_after_its_end() {
    let store = Store::new().await;
    let mut first = store.ask("same").await;
    let (id, again) = asking(store.pool(), Risk::Destructive, "same").await;
    let refused = store.journal.record(again.batch(id)).await;
    assert!(
        matches!(refused, Err(RecordError::AlreadyOpen)),
        "{refused:?}"
    );
    let open = read::open_with_fingerprint(store.pool(), "same").await;
    let open = open.expect("an answer");
    assert_eq!(open, Some((first.request.id, first.request.number)));
    first.tell(Command::Cancel { by: person("REQ") }).await;
    store
        .journal
        .record(again.batch(id))
        .await
        .expect("asked again");
}

#[tokio::test]
async fn erasing_a_subject_takes_text_and_salt_and_the_chain_still_verifies() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven.plan(1, 60).await.deny().await;
    store.seal().await;
    let erased = private_data::erase_subject(store.pool(), "usr_1", None, start()).await;
    assert_eq!(erased.expect("erasing"), 1);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from countersign.private_text where text is not null or salt <> ''",
    )
    .fetch_one(store.pool())
    .await
    .expect("a count");
    assert_eq!(left, 0);
    let report = store.verify().await;
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.checked.texts, report.checked.erased), (0, 3));
}

#[tokio::test]
async fn an_export_has_a_line_per_event_and_texts_only_when_asked() {
    let store = Store::new().await;
    store.ask("other").await;
    let mut driven = store.ask("f").await;
    driven.plan(1, 60).await;
    store.seal().await;
    driven.deny().await;
    let number = Some(driven.request.number);
    let lines = |private_data, request| {
        let selection = Selection {
            request,
            private_data,
        };
        let pool = store.pool();
        async move {
            let mut out = vec![];
            let count = export(pool, selection, &mut out).await.expect("an export");
            let text = String::from_utf8(out).expect("UTF-8");
            let lines: Vec<serde_json::Value> = text
                .lines()
                .map(|it| serde_json::from_str(it).expect("a line of JSON"))
                .collect();
            assert_eq!(lines.len() as u64, count);
            lines
        }
    };
    let bare = lines(false, number).await;
    let facts: Vec<_> = bare
        .iter()
        .map(|it| (it["name"].clone(), it["position"].clone()))
        .collect();
    assert_eq!(
        facts,
        [
            ("asked".into(), 2.into()),
            ("planned".into(), 3.into()),
            ("denied".into(), serde_json::Value::Null)
        ]
    );
    assert!(bare.iter().all(|it| it.get("private_data").is_none()));
    assert_eq!(bare[0]["event"]["event"], "asked");
    assert_eq!(bare[1]["hash"].as_str().map(str::len), Some(64));
    let full = lines(true, number).await;
    assert_eq!(full[1]["private_data"][0]["text"], "m***@example.com");
    assert_eq!(full[2]["private_data"][0]["text"], "not today");
    assert_eq!(lines(false, None).await.len(), 4);
    let nobody = Selection {
        request: Some(1),
        private_data: false,
    };
    let refused = export(store.pool(), nobody, &mut vec![]).await;
    assert!(matches!(refused, Err(ExportError::NotFound(1))));
}

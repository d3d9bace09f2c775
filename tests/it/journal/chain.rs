//! The sealer.

use countersign::journal::{
    chain::{self, Head, NotAWitness},
    verify::verify,
};

use super::{
    states::one_in_every_state,
    store::{Store, key},
};

#[tokio::test]
async fn replicas_that_seal_at_once_while_others_append_make_one_chain_without_gaps() {
    let store = Store::new().await;
    let key = key();
    let appends = futures::future::join_all((0..20).map(|number| {
        let store = &store;
        async move {
            store
                .ask(&format!("f{number}"))
                .await
                .plan(1, 60)
                .await
                .approve("BEN")
                .await;
        }
    }));
    let seals = futures::future::join_all((0..3).map(|_| async {
        let mut linked = 0;
        for _ in 0..10 {
            linked += chain::seal(store.pool(), &key).await.expect("sealing");
        }
        linked
    }));
    let (_, linked) = tokio::join!(appends, seals);
    let linked = linked.iter().sum::<u64>() + store.seal().await;
    assert_eq!(linked, 80);
    let head = chain::head(store.pool(), &key).await.expect("a head");
    assert_eq!(head.position, 80);
    let report = store.verify().await;
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.checked.links, report.checked.pending), (80, 0));
}

#[tokio::test]
async fn a_journal_with_requests_in_every_state_is_sound_while_some_events_wait_to_be_linked() {
    let store = Store::new().await;
    one_in_every_state(&store).await;
    let report = store.verify().await;
    assert!(report.is_sound() && report.exit_status() == 0, "{report}");
    let checked = report.checked;
    assert!(checked.pending > 0 && checked.links > 0, "{report}");
    assert_eq!(checked.links + checked.pending, checked.events);
    assert!(report.to_string().starts_with("The journal is sound."));
}

#[tokio::test]
async fn verifying_works_while_the_service_appends_and_seals() {
    let store = Store::new().await;
    let key = key();
    let busy = async {
        for number in 0..15 {
            store
                .ask(&format!("f{number}"))
                .await
                .plan(1, 60)
                .await
                .deny()
                .await;
            store.seal().await;
        }
    };
    let looking = async {
        let mut seen = 0;
        while seen < 45 {
            let report = store.verify().await;
            assert!(report.is_sound(), "{report}");
            assert!(report.checked.events >= seen);
            seen = report.checked.events;
        }
    };
    tokio::join!(busy, looking);
    let head = chain::head(store.pool(), &key).await.expect("a head");
    let again = head.to_string().parse::<Head>().expect("a witness");
    assert_eq!(again, head);
    let witness = Some((again.position, again.hash));
    assert!(
        verify(store.pool(), &key, witness)
            .await
            .expect("a report")
            .is_sound()
    );
}

#[tokio::test]
async fn another_key_verifies_nothing_and_seals_nothing() {
    let store = Store::new().await;
    store.ask("f").await;
    store.seal().await;
    let other = countersign::audit_key::AuditKey::new(*b"another key");
    let report = verify(store.pool(), &other, None).await.expect("a report");
    assert!(!report.is_sound());
    store.ask("g").await;
    let refused = chain::seal(store.pool(), &other).await;
    assert!(
        matches!(refused, Err(chain::SealError::Tampered)),
        "{refused:?}"
    );
}

#[test]
fn a_witness_is_a_position_and_a_hash() {
    let hash = "ab".repeat(32);
    let head: Head = format!(" 12:{hash}\n").parse().expect("a witness");
    assert_eq!((head.position, head.hash), (12, [0xab; 32]));
    for other in [
        "",
        "12",
        &hash,
        "12:ab",
        &format!("x:{hash}"),
        &format!("12:{hash}ab"),
    ] {
        assert_eq!(other.parse::<Head>(), Err(NotAWitness), "{other}");
    }
}

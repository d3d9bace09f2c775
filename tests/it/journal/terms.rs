//! Private terms of a plan: the chain commits to them, and they lie beside it.

use countersign::{
    domain::{Command, RequestId, digest::Commitment, event::Planned, private_data::Kind},
    journal::{private_data, verify},
};

use uuid::Uuid;

use super::{
    people::{plan, policy, text},
    store::Store,
};

const ADDRESS: &str = "192.0.2.7";

/// A store with one plan whose private term is [`ADDRESS`].
async fn planned() -> (Store, Uuid, Commitment) {
    let store = Store::new().await;
    let mut asked = store.ask("a").await;
    let term = text(Kind::Term, ADDRESS);
    let commitment = term.commitment();
    let mut plan = plan();
    plan.terms.commit("address".to_owned(), commitment.clone());
    let planned = Planned {
        digest: plan.digest(),
        plan,
        policy: policy(1, 60),
        label: None,
    };
    let planned = Command::Present(Box::new(planned));
    asked.tell_with(planned, &[term]).await;
    let id = asked.request.id.0;
    store.seal().await;
    (store, id, commitment)
}

async fn term(store: &Store, id: Uuid, commitment: &Commitment) -> Option<String> {
    let all = store.journal.private_data(RequestId(id)).await;
    all.unwrap().term(commitment).map(str::to_owned)
}

#[tokio::test]
async fn a_private_term_is_read_back_and_verified() {
    let (store, id, commitment) = planned().await;
    let found = term(&store, id, &commitment).await;
    assert_eq!(found.as_deref(), Some(ADDRESS));
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn a_changed_private_term_is_named_and_nobody_gets_it() {
    let (store, id, commitment) = planned().await;
    store
        .tamper("update countersign.private_text set text = '192.0.2.8' where kind = 'term'")
        .await;
    assert_eq!(term(&store, id, &commitment).await, None);
    let report = store.verify().await;
    let first = report.first.as_ref().map(|finding| finding.kind);
    assert_eq!(first, Some(verify::Kind::TextChanged), "{report}");
}

#[tokio::test]
async fn an_erased_private_term_is_gone_and_the_chain_stays_sound() {
    let (store, id, commitment) = planned().await;
    let now = countersign::domain::Instant::UNIX_EPOCH;
    let erased = private_data::erase_subject(&store.journal.pool, "usr_1", None, now).await;
    assert_eq!(erased.unwrap(), 1);
    assert_eq!(term(&store, id, &commitment).await, None);
    assert!(store.verify().await.is_sound());
}

//! What every operation that only reads has in common: whatever breaks on the way, the person is answered once.

mod repeated;
mod systems;

use countersign::{
    domain::{RequestId, Risk},
    operations::catalogue,
};

use crate::{
    catalogue::every_operation::LINES,
    support::{Options, World, once::results},
};

/// A line for each of them, in the catalogue's order.
fn all() -> Vec<&'static str> {
    let reads = catalogue::all().into_iter().filter_map(|operation| {
        let declaration = operation.declaration();
        (declaration.risk == Risk::Read).then_some(declaration.name)
    });
    let line = |name| LINES.iter().find(|(of, _)| *of == name).unwrap().1;
    reads.map(line).collect()
}

/// A world with an open request, which some of the others are about.
async fn world() -> (World, RequestId) {
    let world = World::with(Options::default().and_stripe().and_vendors()).await;
    let first = world.ask_for_maria().await;
    (world, first)
}

/// The step was begun again and is on record once, with one answer. That it stands in Slack once is what every world
/// looks at when it ends.
async fn answered_once(world: &World, id: RequestId) {
    world.hurry_until_state(id, "done").await;
    let line = world.request(id).await.operation;
    assert_eq!(results(world, id).await.len(), 1, "{line}");
    let names = world.event_names(id).await;
    let begun = names.iter().filter(|name| *name == "step_started").count();
    assert!(begun >= 2, "{line}: {names:?}");
    let answers: i64 = sqlx::query_scalar(
        "select count(*) from countersign.private_text where kind = 'answer' and request_id = $1",
    )
    .bind(id.0)
    .fetch_one(&world.db)
    .await
    .unwrap();
    // What came of `cancel` stands on the other request.
    assert_eq!(answers, i64::from(line != "cancel"), "{line}");
    world.hurry_until_delivered().await;
}

//! Any history, however it was cut: the fold of what is on record is the state that was reached.

use countersign::{
    domain::{Request, Risk, decide::decide, digest::canonical_json, fold::fold},
    journal::{
        hash::GENESIS,
        read::{Recorded, replay},
    },
};
use proptest::prelude::*;

use super::world::{Account, Setting, Shape, World};

/// One thing that happens: the world moves, or somebody sends something.
#[derive(Debug, Clone, Copy)]
enum Act {
    World(prop::sample::Index),
    Move(prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => any::<prop::sample::Index>().prop_map(Act::World),
        9 => any::<prop::sample::Index>().prop_map(Act::Move),
    ]
}

fn setting() -> impl Strategy<Value = Setting> {
    let shape = prop_oneof![
        Just(Shape::HoldAndTwo),
        Just(Shape::HoldOnly),
        Just(Shape::One)
    ];
    let risk = prop_oneof![Just(Risk::Destructive), Just(Risk::Change)];
    (risk, 0..3_u8, any::<bool>(), any::<bool>(), shape).prop_map(
        |(risk, approvals, cooling_off, confirm, shape)| {
            let setting = Setting::new(Account::First, risk, approvals, cooling_off, shape);
            Setting { confirm, ..setting }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_prefix_of_a_history_folds_to_the_state_it_had(setting in setting(), acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::START;
        let first = setting.open();
        let id = first.id;
        let asked = countersign::domain::Event::Asked(setting.asked());
        let mut recorded = vec![Recorded { version: 1, at: first.asked_at, event: asked, hash: GENESIS }];
        let mut states: Vec<Request> = vec![first.clone()];
        let mut request = first;
        for act in acts {
            match act {
                Act::World(index) => world = *index.get(&world.next()),
                Act::Move(index) => {
                    // Most moves are refused; take the next one that is not.
                    let moves = setting.moves(world);
                    let from = index.index(moves.len());
                    let accepted = (0..moves.len())
                        .find_map(|it| decide(&request, &moves[(from + it) % moves.len()].command, world.now()).ok());
                    for event in accepted.into_iter().flatten() {
                        request = fold(request, &event, world.now()).expect("what decide gives can be folded");
                        recorded.push(Recorded { version: request.version, at: world.now(), event, hash: GENESIS });
                        states.push(request.clone());
                    }
                }
            }
        }
        for (length, state) in (1..).zip(&states) {
            let read: Vec<Recorded> = recorded[..length]
                .iter()
                .map(|it| Recorded {
                    event: serde_json::from_str(&canonical_json(&it.event)).expect("JSON of an event"),
                    ..it.clone()
                })
                .collect();
            prop_assert_eq!(&replay(id, &read).expect("a request"), state);
            prop_assert_eq!(state.version, i64::try_from(length).expect("a length"));
        }
    }
}

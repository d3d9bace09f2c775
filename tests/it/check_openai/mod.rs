//! `/ops check openai`: the key, the models, quota and rates, and the cost.

use chrono::{Datelike, Days, NaiveDate};
use countersign::{domain::RequestId, runtime::Clock};
use countersign_sandbox::{
    openai::{CHAT, COSTS, Chat, LIST_MODELS},
    vendor::Failure,
};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{
    Options, World, boundary::Boundary, once::results, people::VICTOR, seen::assert_tables_fit,
    story::*,
};

const LINE: &str = "/ops check openai";

async fn with_openai() -> World {
    World::with(Options::default().and_vendors()).await
}

fn today(world: &World) -> NaiveDate {
    Clock::now(&*world.clock).date_naive()
}

async fn result(world: &World, id: RequestId) -> Value {
    json!(results(world, id).await[0].1)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_finding_has_its_own_verdict() {
    let world = with_openai().await;
    let today = today(&world);
    let (soon, late) = (today + Days::new(30), today + Days::new(400));
    world.openai.set_model("gpt-4-turbo", Some(soon));
    world.openai.set_model("gpt-4o", Some(late));
    world.openai.set_cost(today.with_day(1).unwrap(), 120.5);
    let (id, told) = world.ask_and_read(VICTOR, LINE).await;
    let told = told.replace(&soon.to_string(), "(soon)");
    let told = told.replace(&late.to_string(), "(late)");
    assert_snapshot!("check", told);
    assert_tables_fit(&world.told_of(VICTOR, id).await.all_text());
    let expected = json!({ "key": 0, "models": 1, "quota": 0, "rate_limits": 0, "cost": 1 });
    assert_eq!(result(&world, id).await, expected);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_summed_over_every_page_and_only_of_this_month() {
    let world = with_openai().await;
    let first = today(&world).with_day(1).unwrap();
    for day in 0..today(&world).day() {
        world.openai.set_cost(first + Days::new(day.into()), 0.25);
    }
    world.openai.set_cost(first - Days::new(1), 5000.0);
    let (_, told) = world.ask_and_read(ADA, LINE).await;
    let sum = f64::from(today(&world).day()) * 0.25;
    assert!(told.contains(&format!("{sum:.2} USD so far")), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_is_told_apart_from_too_many_calls() {
    let world = with_openai().await;
    for code in ["insufficient_quota", "credit_balance_exhausted"] {
        world.openai.set_chat(Chat::NoMoney(code));
        let (id, told) = world.ask_and_read(ADA, LINE).await;
        let seen = result(&world, id).await;
        assert_eq!(
            (&seen["quota"], &seen["rate_limits"]),
            (&json!(1), &json!("not known"))
        );
        assert!(
            told.contains("There is no quota left") && told.contains(code),
            "{told}"
        );
    }
    world.openai.set_chat(Chat::TooMany);
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    let seen = result(&world, id).await;
    assert_eq!(
        (&seen["quota"], &seen["rate_limits"]),
        (&json!("not known"), &json!(1))
    );
    assert!(told.contains("asks to wait for 20 s"), "{told}");
    world.openai.set_chat(Chat::Answers {
        requests: 500,
        tokens: 2_000,
    });
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    assert_eq!(result(&world, id).await["rate_limits"], 1);
    assert!(told.contains("about to be refused"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_not_known_and_never_in_order() {
    let world = with_openai().await;
    world.openai.set_away(true);
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    for (name, verdict) in result(&world, id).await.as_object().unwrap() {
        assert_eq!(verdict, "not known", "{name}");
    }
    assert!(told.contains("OpenAI did not answer"), "{told}");
    world.openai.set_away(false);
    for operation in [LIST_MODELS, CHAT, COSTS] {
        world.openai.fail(operation, Failure::Garbage);
    }
    world.openai.set_currency("eur");
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    let seen = result(&world, id).await;
    assert_eq!(seen["models"], 0);
    for name in ["key", "quota", "rate_limits", "cost"] {
        assert_eq!(seen[name], "not known", "{name}");
    }
    assert!(told.contains("cannot be understood"), "{told}");
    world.openai.set_cost(today(&world), 1.0);
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    assert_eq!(result(&world, id).await["cost"], "not known");
    assert!(told.contains("not all in US dollars"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_accepted_is_named_and_shown_nowhere() {
    let key = "sk-proj-revoked-yesterday";
    let options = Options::default().and_vendors();
    let world = World::with(options.with("OPENAI_API_KEY", key)).await;
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    assert_eq!(result(&world, id).await["key"], 1);
    assert!(
        told.contains("does not accept the key in OPENAI_API_KEY"),
        "{told}"
    );
    assert!(!told.contains(key), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_gone_is_found_and_settings_that_are_missing_are_named() {
    let options = Options::default()
        .and_vendors()
        .with("OPENAI_MODELS", "gpt-4-turbo, whisper-1");
    let mut world = World::with(options).await;
    world.openai.remove_model("whisper-1");
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    assert_eq!(result(&world, id).await["models"], 1);
    assert!(told.contains("is not there for this key"), "{told}");
    world.stop().await;
    for name in [
        "OPENAI_MODELS",
        "OPENAI_ADMIN_KEY",
        "COUNTERSIGN_OPENAI_BUDGET",
    ] {
        world.environment.remove(name);
    }
    world.start_replica().await;
    let (id, told) = world.ask_and_read(ADA, LINE).await;
    assert_eq!(result(&world, id).await["key"], 0);
    assert!(told.contains("set OPENAI_MODELS"), "{told}");
    assert!(told.contains("set OPENAI_ADMIN_KEY"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_names_the_setting() {
    let world = World::start().await;
    let told = world.refusal_of(ADA, LINE).await;
    assert!(
        told.contains("OpenAI is not configured: set OPENAI_API_KEY"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_may_not_check_openai() {
    let world = with_openai().await;
    world.slack.slash(GIL, OPS, LINE).await.unwrap();
    world.until_told(GIL, "full members").await;
    assert_eq!(world.openai.calls(), []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_look_and_journal_it_looks_again() {
    let mut world = with_openai().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, LINE).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(result(&world, id).await["key"], 0);
    world.finish().await;
}

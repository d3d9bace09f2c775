//! The application as it really is, from the command to the certificate.

use countersign::domain::RequestId;
use countersign_sandbox::data::{self, real};

use crate::support::{
    World,
    environment::{DOCUMENTS, Options},
    story::*,
};

async fn ask(world: &World) -> RequestId {
    world
        .ask(ADA, "/ops user delete usr_1 asked for erasure by mail")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_before_anybody_approves() {
    let world = World::with(Options::real()).await;
    let id = ask(&world).await;
    let card = world.until_card_shows(id, "approve").await.all_text();
    for words in [
        "live sessions cannot be ended",
        "isBlocked",
        "AnalyticsEvent",
        "1 file – rows of another person name them too",
    ] {
        assert!(card.contains(words), "{words} is not on the card: {card}");
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_resist_and_files_without_a_prefix_go_and_what_is_shared_stays() {
    let world = World::with(Options::real()).await;
    let before = world.s3.objects(data::BUCKET);
    let named = named_by_maria_alone(&world).await;
    assert!(named.len() > 30, "{named:?}");

    let id = ask(&world).await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;

    for sql in LEFT_OF_MARIA {
        assert_eq!(world.count(sql).await, 0, "{sql}");
    }
    let twin = r#"select count(*) from "User" where id = 'usr_41' and email = 'Maria@example.com'"#;
    assert_eq!(world.count(twin).await, 1);
    let others = r#"select count(*) from "User""#;
    assert_eq!(world.count(others).await, 40);

    let after = world.s3.objects(data::BUCKET);
    assert!(world.s3.get(data::BUCKET, &real::shared_key()).is_some());
    let expected: Vec<_> = before
        .into_iter()
        .filter(|object| !named.contains(&object.key))
        .collect();
    assert_eq!(after, expected);
    assert_eq!(world.s3.objects(DOCUMENTS).len(), 1);
    world
        .until_audit(id, "1 file: rows of another person name them too")
        .await;
    world.finish().await;
}

/// Every place in which the application's schema can name her.
const LEFT_OF_MARIA: &[&str] = &[
    r#"select count(*) from "User" where id = 'usr_1'"#,
    r#"select count(*) from "Account" where "userId" = 'usr_1'"#,
    r#"select count(*) from "TestSession" where "userId" = 'usr_1'"#,
    r#"select count(*) from "Response" where "sessionId" like 'test\_1\_%'"#,
    r#"select count(*) from "QuestionUsage" where "userId" = 'usr_1'"#,
    r#"select count(*) from "UserFlashcardProgress" where "userId" = 'usr_1'"#,
    r#"select count(*) from "UserPronunciationProgress" where "userId" = 'usr_1'"#,
    r#"select count(*) from "Subscription" where "userId" = 'usr_1'"#,
    r#"select count(*) from "AnalyticsEvent" where "userId" = 'usr_1'"#,
    r#"select count(*) from "LoginAttempt" where "userId" = 'usr_1'"#,
    r#"select count(*) from "LoginAttempt" where id like 'log\_1\_%' and email = 'maria@example.com'"#,
    r#"select count(*) from "PasswordResetToken" where email = 'maria@example.com'"#,
    r#"select count(*) from "VerificationToken" where identifier = 'maria@example.com'"#,
];

async fn named_by_maria_alone(world: &World) -> Vec<String> {
    let urls: Vec<String> = sqlx::query_scalar(
        r#"select r."audioUrl" from "Response" r join "TestSession" t on t.id = r."sessionId"
           where t."userId" = 'usr_1' and r."audioUrl" is not null"#,
    )
    .fetch_all(&world.db)
    .await
    .unwrap();
    urls.iter()
        .map(|url| url.strip_prefix(data::BUCKET_URL).unwrap().to_owned())
        .filter(|key| *key != real::shared_key())
        .collect()
}

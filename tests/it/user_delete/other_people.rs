//! Rows of other people that a deletion comes near: they stay, or the card says that they go.

use crate::support::{Options, World, story::*};

const LINE: &str = "/ops user delete usr_1 asked for erasure";

/// Somebody else signed up with Maria's address in another tenant.
pub const SAME_ADDRESS: &str = r#"
    drop index "User_email_key";
    insert into "User" (id, name, email, "createdAt", "updatedAt")
        values ('usr_99', 'Maria B', 'maria@example.com', now() - interval '100 days', now());"#;

const WITH_THE_ADDRESS: &str = r#"
    select (select count(*) from "LoginAttempt" where lower(email) = 'maria@example.com')
         + (select count(*) from "PasswordResetToken" where email = 'maria@example.com')
         + (select count(*) from "VerificationToken" where identifier = 'maria@example.com')"#;

/// Daniel sent an envelope to Maria.
const ENVELOPES: &str = r#"
    create table "Envelope" (id text primary key, "userId" text not null references "User" (id) on delete cascade);
    create table "Recipient" (id text primary key, "envelopeId" text not null references "Envelope" (id) on delete cascade,
        email text not null);
    insert into "Envelope" values ('of_daniel', 'usr_5'), ('of_maria', 'usr_1');
    insert into "Recipient" values ('to_maria', 'of_daniel', 'maria@example.com'), ('to_daniel', 'of_maria', 'daniel@example.com');"#;

/// Maria asks in a poll, and Elif and Farid take part.
const POLL: &str = r#"
    create table "Poll" (id text primary key, "userId" text not null references "User" (id) on delete cascade);
    create table "Participant" (id text primary key, "pollId" text not null references "Poll" (id) on delete cascade,
        "userId" text references "User" (id) on delete set null);
    insert into "Poll" values ('1', 'usr_1');
    insert into "Participant" values ('1', '1', 'usr_6'), ('2', '1', 'usr_7'), ('3', '1', 'usr_1'), ('4', '1', null);"#;

impl World {
    async fn delete_maria(&self) -> countersign::domain::RequestId {
        let id = self.ask(ADA, LINE).await;
        self.approve(GRACE, id).await;
        self.cool_off().await;
        self.until_state(id, "done").await;
        id
    }

    /// What the plan of Maria's deletion warns of; the card says `on_card`.
    async fn warnings_about_maria(&self, on_card: &str) -> Vec<String> {
        let id = self.ask(ADA, LINE).await;
        let plan = self.request(id).await.plan.unwrap().plan;
        self.until_card_says(id, on_card).await;
        self.click(ADA, id, "cancel").await;
        self.until_state(id, "cancelled").await;
        let warnings = plan.warnings.into_iter();
        warnings.map(|one| one.text).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_an_address_that_another_account_has_too_stay_and_the_card_counts_them() {
    let world = World::start().await;
    world.run(SAME_ADDRESS).await;
    let before = world.count(WITH_THE_ADDRESS).await;
    assert_eq!(before, 6);
    let warnings = world
        .warnings_about_maria("another account has the same address")
        .await;
    for column in [
        "LoginAttempt.email: 4",
        "PasswordResetToken.email: 1",
        "VerificationToken.identifier: 1",
    ] {
        let says = format!("{column}; another account has the same address");
        assert!(
            warnings.iter().any(|one| one.contains(&says)),
            "{warnings:?}"
        );
    }
    let id = world.delete_maria().await;
    assert_eq!(world.count(WITH_THE_ADDRESS).await, before);
    let results = crate::support::once::results(&world, id).await;
    let (_, verified) = results.iter().find(|(step, _)| step == "verify").unwrap();
    let note = verified["note"].to_string();
    assert!(note.contains("6 rows that hold the address stay"), "{note}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_sent_to_a_person_stays_with_whoever_sent_it() {
    let world = World::start().await;
    world.run(ENVELOPES).await;
    let warnings = world
        .warnings_about_maria("that belong to another account")
        .await;
    let says = "belong to another account (Recipient.envelopeId → Envelope.userId): 1";
    assert!(
        warnings.iter().any(|one| one.contains(says)),
        "{warnings:?}"
    );
    world.delete_maria().await;
    let left = r#"select count(*) from "Recipient" where id = 'to_maria'"#;
    assert_eq!(world.count(left).await, 1);
    assert_eq!(world.count(r#"select count(*) from "Recipient""#).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_sent_to_a_person_is_anonymised_once_the_configuration_says_so() {
    let mut world = World::without_service(Options {
        file: Some(
            "[app.schema.tables.Recipient]\npolicy = \"anonymise\"\nset = { email = \"erased\" }"
                .to_owned(),
        ),
        ..Options::default()
    })
    .await;
    world.run(ENVELOPES).await;
    world.start_replica().await;
    world
        .run(r#"delete from "Recipient" where id = 'to_daniel'"#)
        .await;
    world.delete_maria().await;
    let anonymous =
        r#"select count(*) from "Recipient" where id = 'to_maria' and email = 'erased'"#;
    assert_eq!(world.count(anonymous).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_says_how_many_rows_of_other_accounts_go() {
    let world = World::start().await;
    world.run(POLL).await;
    let warnings = world
        .warnings_about_maria("belong to other accounts (Participant.userId)")
        .await;
    let says =
        "rows of Participant that will be deleted belong to other accounts (Participant.userId): 2";
    assert!(warnings.iter().any(|one| one == says), "{warnings:?}");
    world.finish().await;
}

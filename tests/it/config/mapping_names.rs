//! Names that are written in `[app.schema]` and are not in the database, and what else the doctor says of the database.

use countersign::config::doctor::{Finding, Report, Verdict};
use countersign_sandbox::postgres::Template;

use crate::support::{Options, World, story::*};

async fn doctor(file: &str) -> Report {
    let mut world = World::without_service(Options::default()).await;
    world.configure(file);
    let report = world.doctor().await;
    world.finish().await;
    report
}

/// The faults, as `setting: what is wrong`.
fn faults(report: &Report) -> Vec<String> {
    let faults = report.0.iter().filter(|one| one.verdict == Verdict::Fault);
    faults
        .map(|one| format!("{}: {}", one.name, one.says))
        .collect()
}

fn named<'a>(report: &'a Report, name: &str) -> Option<&'a Finding> {
    report.0.iter().find(|one| one.name == name)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_that_the_file_names_and_the_database_lacks_is_a_fault_all_at_once() {
    let report = doctor(
        r#"
        [app.schema]
        email_columns = ["LoginAttempt.mail"]
        link_columns = ["Promt.userId", "LoginAttempt.accountId"]
        user_columns = ["Response.audioURL"]
        flashcard_progress = "Flashcards.userId"
        [app.schema.user]
        role = "rolle"
        is_blocked = "email"
        created_at = "credits"
        [app.schema.session]
        table = "Sesion"
        [app.schema.subscription]
        ends_at = "endsOn"
        [app.schema.support_ticket]
        table = "Ticket"
        [app.schema.tables.Invoice]
        policy = "keep"
        reason = "tax law"
        [app.schema.tables.AnalyticsEvent]
        policy = "anonymise"
        clear = ["ipAddress"]
        [app.schema.export]
        withhold = ["User.pictures"]
        withhold_tables = ["Secrets"]
        "#,
    )
    .await;
    insta::assert_snapshot!(faults(&report).join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_name_keeps_the_service_from_starting() {
    let mut world = World::without_service(Options::default()).await;
    world.configure("[app.schema]\nlink_columns = [\"LoginAttempt.accountId\"]\n[app.schema.user]\nrole = \"rolle\"\n");
    let why = world.refuses_to_start().await.expect("it does not start");
    assert!(
        why.contains("names rolle, and User has no such column"),
        "{why}"
    );
    assert!(why.contains("did you mean role?"), "{why}");
    assert!(why.contains("names LoginAttempt.accountId"), "{why}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_name_that_is_missing_and_an_empty_one_are_no_faults() {
    for shape in [Template::Runbook, Template::Real] {
        let mut world = World::without_service(Options {
            shape: Some(shape),
            ..Options::default()
        })
        .await;
        world.configure("[app.schema.user]\nis_blocked = \"\"\ncredits = \"\"\n");
        let report = world.doctor().await;
        assert_eq!(faults(&report), Vec::<String>::new());
        let ban = named(&report, "/ops user ban").unwrap();
        assert_eq!(ban.verdict, Verdict::Warning);
        assert!(
            ban.says.contains("is_blocked") && ban.says.contains("in [app.schema.user]"),
            "{}",
            ban.says
        );
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_not_there_are_a_fault_that_names_the_way_to_find_them() {
    let world = World::without_service(Options {
        shape: Some(Template::Empty),
        ..Options::default()
    })
    .await;
    let report = world.doctor().await;
    let told = faults(&report).join("\n");
    assert!(
        told.contains("[app.schema.user] table: the table of accounts was not found"),
        "{told}"
    );
    assert!(report.to_string().contains("--suggest-mapping"), "{report}");
    assert!(
        !report.to_string().contains("schema.prisma) to"),
        "{report}"
    );
    let delete = named(&report, "/ops user delete").unwrap();
    assert!(!delete.says.contains("model User"), "{}", delete.says);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_may_be_meant_is_offered_before_a_change_of_the_app() {
    let world = World::without_service(Options::real()).await;
    world
        .run(r#"alter table "User" add banned boolean not null default false"#)
        .await;
    let report = world.doctor().await;
    let ban = named(&report, "/ops user ban").unwrap();
    assert!(
        ban.says
            .contains("perhaps banned: then set is_blocked = \"banned\" in [app.schema.user]"),
        "{}",
        ban.says
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_the_enum_lacks_are_a_warning() {
    let report = doctor("[app.schema.user]\nadmin_role = \"OWNER\"\n").await;
    let odd = named(&report, "[app.schema.user] admin_role").unwrap();
    assert_eq!(odd.verdict, Verdict::Warning);
    assert!(
        odd.says.contains("User.role has no value OWNER"),
        "{}",
        odd.says
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_on_the_apps_tables_is_said() {
    let (world, role) = World::with_documented_role(true).await;
    let report = world.doctor().await;
    assert_eq!(named(&report, "row-level security"), None);
    world
        .run(r#"alter table "Session" enable row level security; alter table "Response" enable row level security"#)
        .await;
    let report = world.doctor().await;
    let says = &named(&report, "row-level security").unwrap().says;
    assert!(says.contains("hides rows of Response, Session"), "{says}");
    world.run(format!(r#"alter role "{role}" bypassrls"#)).await;
    let report = world.doctor().await;
    assert_eq!(named(&report, "row-level security"), None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_hold_on_an_account_that_is_not_there_is_said() {
    let options = Options::default().with("COUNTERSIGN_LEGAL_HOLD", "usr_1,usr 2");
    let world = World::without_service(options).await;
    let report = world.doctor().await.to_string();
    assert!(
        report.contains("names usr, and no account has this id"),
        "{report}"
    );
    assert!(!report.contains("names usr_1"), "{report}");
    world.finish().await;
}

/// What a subscription's end is called, and what is in it.
async fn plan_with_end(column: &str, value: &str, settings: &str) -> (World, bool) {
    let mut world = World::without_service(Options::default()).await;
    world
        .run(format!(
            r#"drop table if exists "Subscription" cascade;
               create table "Subscription" (id text primary key, "userId" text not null references "User" on delete cascade,
                 status text not null, {column});
               insert into "Subscription" select 's_1', 'usr_1', 'ACTIVE', {value}"#
        ))
        .await;
    world.configure(settings);
    world.start_replica().await;
    let id = world
        .asks(ADA, "/ops user delete usr_1 asked for erasure by mail")
        .await;
    let request = world
        .until("it is planned", async |world| {
            let request = world.request(id).await;
            ["awaiting approval", "refused"]
                .contains(&request.state.word())
                .then_some(request)
        })
        .await;
    let refused = request.state.word() == "refused";
    if refused {
        let told = world.told_of(ADA, id).await.all_text();
        assert!(told.contains("1 subscription is running"), "{told}");
    } else {
        world.click(ADA, id, "cancel").await;
        world.until_state(id, "cancelled").await;
    }
    (world, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_over_does_not_forbid_an_erasure_whatever_its_end_is_called() {
    let past = "now() - interval '1 day'";
    let next = "now() + interval '1 day'";
    for (column, value, blocks) in [
        (r#""endDate" timestamp(3)"#, past, false),
        (r#""endDate" timestamp(3)"#, next, true),
        ("current_period_end timestamptz", past, false),
        ("valid_until date", "current_date - 2", false),
        ("valid_until date", "current_date + 1", true),
        ("ends_at timestamp", "null::timestamp", true),
    ] {
        let (world, refused) = plan_with_end(column, value, "").await;
        assert_eq!(refused, blocks, "{column} {value}");
        world.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_end_is_found_the_blocker_names_the_setting() {
    let (world, refused) = plan_with_end("closing timestamp", "now() - interval '1 day'", "").await;
    assert!(refused);
    let id = world.newest().await.unwrap();
    let told = world.told_of(ADA, id).await.all_text();
    assert!(
        told.contains("ends_at in [app.schema.subscription]"),
        "{told}"
    );
    world.finish().await;
    let settings = "[app.schema.subscription]\nends_at = \"closing\"\n";
    let (world, refused) =
        plan_with_end("closing timestamp", "now() - interval '1 day'", settings).await;
    assert!(!refused);
    world.finish().await;
}

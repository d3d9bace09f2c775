//! Files that rows name in different spellings: what may be another person's stays, what is the person's alone goes.

use countersign::domain::{Plan, RequestId};
use countersign_sandbox::data;
use sqlx::AssertSqlSafe;

use crate::support::{Options, World, story::*};

/// The address of the bucket, without the slash at its end.
const AT: &str = "https://ielts-audio.s3.eu-central-1.amazonaws.com";

/// A file, how Maria's row names it, and how a row of another person does.
const SHARED: [(&str, &str, &str); 15] = [
    (
        "user-usr_1/my rec.webm",
        "{AT}/user-usr_1%2Fmy+rec.webm",
        "{AT}/user-usr_1/my+rec.webm",
    ),
    (
        "user-usr_1/plus+1.webm",
        "user-usr_1/plus+1.webm",
        "{AT}/user-usr_1%2Fplus%2B1.webm",
    ),
    ("up/a 1.webm", "{AT}/up%2Fa+1.webm", "{AT}/up/a%201.webm"),
    ("up/b 2.webm", "up/b 2.webm", "{AT}/up%2fb+2.webm"),
    ("up/c3.webm", "{AT}/up%2Fc3.webm", "up/c3.webm"),
    (
        "up/d4.webm",
        "s3://ielts-audio/up/d4.webm",
        "https://s3.dualstack.eu-central-1.amazonaws.com/ielts-audio/up%252Fd4.webm",
    ),
    ("up/e5.webm", "up/e5.webm", "/up/e5.webm"),
    ("up/f6.webm", "up/f6.webm", "{AT}//up//f6.webm"),
    ("up/g7.webm", "up/g7.webm", "{AT}/up/./g7.webm"),
    ("up/h&8.webm", "{AT}/up/h%268.webm", "{AT}/up/h&amp;8.webm"),
    ("up/\u{e9}9.webm", "up/\u{e9}9.webm", "up/e\u{301}9.webm"),
    ("up/i10.webm", "up/i10.webm", "up/i10.webm "),
    (
        "up/j11.webm",
        "up/j11.webm",
        "https://cdn.example.org/up/j11.webm?v=2",
    ),
    (
        "up/k12.webm",
        "up/k12.webm",
        "https://ielts-audio.s3.amazonaws.com/up/k12.webm?X-Amz-Credential=a%2Fb&X-Amz-Expires=60",
    ),
    (
        "up/l13.webm",
        "up/l13.webm",
        "https://ielts-audio.s3-accelerate.amazonaws.com/up/l13.webm",
    ),
];

/// A file, and how Maria's row alone names it.
const OWN: [(&str, &str); 9] = [
    ("own/a 1.webm", "{AT}/own%2Fa+1.webm"),
    ("own/b+2.webm", "{AT}/own/b+2.webm"),
    ("own/c 3.webm", "{AT}/own/c%25203.webm"),
    ("own/d4.webm", "/own/d4.webm"),
    ("own/e5.webm", "{AT}//own//e5.webm"),
    ("own/e\u{301}6.webm", "{AT}/own/\u{e9}6.webm"),
    ("own/f7.webm", "{AT}/own/f7.webm "),
    ("own/g&8.webm", "{AT}/own/g&amp;8.webm"),
    (
        "own/h9.webm",
        "http://s3-eu-central-1.amazonaws.com/ielts-audio/own/h9.webm?X-Amz-Signature=00",
    ),
];

fn put(world: &World, key: &str) {
    world
        .s3
        .put(data::BUCKET, key, key.to_owned(), "audio/webm")
        .unwrap();
}

async fn run(world: &World, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&world.db)
        .await
        .unwrap();
}

/// Has a row of the account name a file.
async fn name(world: &World, user: &str, value: &str) {
    sqlx::query(
        r#"insert into "TestSession" (id, "userId") values ('spelled-' || $1, $1) on conflict do nothing"#,
    )
    .bind(user)
    .execute(&world.db)
    .await
    .unwrap();
    sqlx::query(
        r#"insert into "Response" (id, "sessionId", question, "audioUrl")
           values (gen_random_uuid()::text, 'spelled-' || $1, 'q', $2)"#,
    )
    .bind(user)
    .bind(value.replace("{AT}", AT))
    .execute(&world.db)
    .await
    .unwrap();
}

async fn planned(world: &World) -> (RequestId, Plan) {
    let id = world.ask_for_maria().await;
    let request = world
        .until("a plan", async |world: &World| {
            let request = world.request(id).await;
            request.plan.is_some().then_some(request)
        })
        .await;
    (id, request.plan.unwrap().plan)
}

async fn deleted(world: &World, id: RequestId) {
    world.approve(GRACE, id).await;
    world.until_card_shows(id, "stop").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
}

fn is_there(world: &World, key: &str) -> bool {
    world.s3.count(data::BUCKET, key) > 0
}

fn kept(plan: &Plan, what: &str) -> u64 {
    let kept = plan.kept.iter().filter(|kept| kept.what == what);
    kept.filter_map(|kept| kept.count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_row_names_in_another_spelling_stays_and_is_counted() {
    let mut world = World::without_service(Options::default()).await;
    for (key, hers, theirs) in SHARED {
        put(&world, key);
        name(&world, "usr_1", hers).await;
        name(&world, "usr_3", theirs).await;
    }
    world.start_replica().await;
    let (id, plan) = planned(&world).await;
    let counted = kept(&plan, "file(s)") + kept(&plan, "file(s) in doubt");
    assert_eq!(counted, SHARED.len() as u64, "{:?}", plan.kept);
    assert!(kept(&plan, "file(s) in doubt") >= 3, "{:?}", plan.kept);
    deleted(&world, id).await;
    let gone = SHARED.iter().filter(|(key, ..)| !is_there(&world, key));
    let gone: Vec<_> = gone.collect();
    assert!(gone.is_empty(), "{gone:?}");
    assert_eq!(
        world.s3.count(data::BUCKET, "user-usr_1/"),
        2,
        "what lies under the prefix and nobody else names is gone"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_only_the_persons_row_names_goes_in_every_spelling() {
    let mut world = World::without_service(Options::default()).await;
    for (key, hers) in OWN {
        put(&world, key);
        name(&world, "usr_1", hers).await;
    }
    // Beside them are files that rows of others name, clearly.
    for key in ["own/a+1.webm", "own/d4.webm.bak"] {
        put(&world, key);
        name(
            &world,
            "usr_3",
            &format!("{AT}/{}", key.replace('+', "%2B")),
        )
        .await;
    }
    world.start_replica().await;
    let (id, _) = planned(&world).await;
    deleted(&world, id).await;
    let left: Vec<_> = OWN
        .iter()
        .filter(|(key, _)| {
            let objects = world.s3.objects(data::BUCKET);
            objects.iter().any(|object| object.key == *key)
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(is_there(&world, "own/a+1.webm") && is_there(&world, "own/d4.webm.bak"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_that_one_address_may_mean_stay_in_doubt_unless_they_lie_under_the_prefix() {
    let mut world = World::without_service(Options::default()).await;
    for key in [
        "up/my rec.webm",
        "up/my+rec.webm",
        "user-usr_1/my rec.webm",
        "user-usr_1/my+rec.webm",
    ] {
        put(&world, key);
    }
    name(&world, "usr_1", "{AT}/up/my+rec.webm").await;
    name(&world, "usr_1", "{AT}/user-usr_1/my+rec.webm").await;
    world.start_replica().await;
    let (id, plan) = planned(&world).await;
    assert_eq!(kept(&plan, "file(s) in doubt"), 2, "{:?}", plan.kept);
    let why = plan.kept.iter().find(|kept| kept.what.contains("doubt"));
    assert!(
        why.is_some_and(|kept| kept.why.contains("more than one way")),
        "{:?}",
        plan.kept
    );
    deleted(&world, id).await;
    assert_eq!(world.s3.count(data::BUCKET, "up/my"), 2);
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_is_given_in_another_spelling_while_the_rows_go_stays() {
    let mut world = World::without_service(Options::default()).await;
    put(&world, "up/late rec.webm");
    name(&world, "usr_1", "{AT}/up/late%20rec.webm").await;
    name(&world, "usr_3", "nothing yet").await;
    run(
        &world,
        &format!(
            r#"create function meanwhile() returns trigger language plpgsql as $$
               begin update "Response" set "audioUrl" = '{AT}/up%2Flate+rec.webm' where "audioUrl" = 'nothing yet';
               return null; end $$"#
        ),
    )
    .await;
    world.start_replica().await;
    run(
        &world,
        "create trigger meanwhile after update of erased_at on countersign.erasure_ledger
         for each statement execute function meanwhile()",
    )
    .await;
    let (id, _) = planned(&world).await;
    deleted(&world, id).await;
    assert!(is_there(&world, "up/late rec.webm"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_two_files_under_the_prefix_fit_does_not_keep_the_rows() {
    let mut world = World::without_service(Options::default()).await;
    put(&world, "user-usr_1/my rec.webm");
    put(&world, "user-usr_1/my+rec.webm");
    name(&world, "usr_1", "user-usr_1%2Fmy+rec.webm").await;
    name(&world, "usr_1", "/up/is not there.webm").await;
    world.start_replica().await;
    let (id, _) = planned(&world).await;
    deleted(&world, id).await;
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_new_row_names_unclearly_right_before_the_rows_go_is_erased() {
    let mut world = World::without_service(Options::default()).await;
    put(&world, "up/added.webm");
    put(&world, "user-usr_1%2Fadded.webm");
    name(&world, "usr_1", "nowhere").await;
    run(
        &world,
        r#"create function meanwhile() returns trigger language plpgsql as $$
           begin insert into "Response" (id, "sessionId", question, "audioUrl")
                 values ('added-1', 'spelled-usr_1', 'q', '/up/added.webm'),
                        ('added-2', 'spelled-usr_1', 'q', 'user-usr_1%2Fadded.webm') on conflict do nothing;
           return null; end $$"#,
    )
    .await;
    world.start_replica().await;
    run(
        &world,
        "create trigger meanwhile after update of begun_at on countersign.erasure_ledger
         for each statement execute function meanwhile()",
    )
    .await;
    let (id, _) = planned(&world).await;
    deleted(&world, id).await;
    assert!(!is_there(&world, "up/added.webm"));
    assert!(!is_there(&world, "user-usr_1%2Fadded.webm"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_recordings_outside_the_prefix_are_not_listed_one_by_one() {
    const RECORDINGS: usize = 1_500;
    let mut world = World::without_service(Options::default()).await;
    name(&world, "usr_1", "nowhere").await;
    for number in 0..RECORDINGS {
        put(&world, &format!("rec/{number:05}.webm"));
    }
    run(
        &world,
        &format!(
            r#"insert into "Response" (id, "sessionId", question, "audioUrl")
               select 'rec-' || n, 'spelled-usr_1', 'q', '{AT}/rec/' || lpad(n::text, 5, '0') || '.webm'
               from generate_series(0, {RECORDINGS} - 1) n"#
        ),
    )
    .await;
    world.start_replica().await;
    let (id, _) = planned(&world).await;
    deleted(&world, id).await;
    assert_eq!(world.s3.count(data::BUCKET, "rec/"), 0);
    let calls = world.s3.calls();
    let of = |name: &str| calls.iter().filter(|call| call.operation == name).count();
    let lists = of("ListObjectVersions") + of("ListObjectsV2");
    assert!(lists < 100, "{lists} listings for {RECORDINGS} recordings");
    assert!(
        of("DeleteObjects") < 12,
        "{} bulk deletes",
        of("DeleteObjects")
    );
    world.finish().await;
}

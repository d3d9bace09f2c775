//! The private cluster, and the data sets that databases are made from.
#![expect(
    clippy::expect_used,
    reason = "helpers of tests fail their test; the lint's own exemption covers test functions alone"
)]

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use countersign_sandbox::{
    data::{self, SampleObject, people, real, runbook},
    postgres::{Cluster, Database, Options, Pooler, Server, Template},
};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

async fn database(template: Template) -> (Database, PgConnection) {
    let server = Server::shared().await.expect("a server");
    let database = server.create_database(template).await.expect("a database");
    let connection = PgConnection::connect(database.url())
        .await
        .expect("a connection");
    (database, connection)
}

async fn count(connection: &mut PgConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(connection)
        .await
        .expect(query)
}

fn process_is_there(pid: &str) -> bool {
    let asked = Command::new("kill").args(["-s", "0", pid]).output();
    asked.expect("kill runs").status.success()
}

#[tokio::test]
async fn a_cluster_without_tcp_answers_on_its_socket_and_is_gone_after_stop() {
    let cluster = Cluster::start(Options::default()).await.expect("it starts");
    let mut connection = PgConnection::connect(&cluster.url("postgres"))
        .await
        .expect("a connection");
    let listening: String = sqlx::query_scalar("SHOW listen_addresses")
        .fetch_one(&mut connection)
        .await
        .expect("the setting");
    assert_eq!(listening, "");

    let (pid, folder) = (cluster.pid().to_string(), cluster.run_folder());
    assert!(process_is_there(&pid) && folder.exists());
    cluster.stop().await.expect("it stops");
    assert!(!process_is_there(&pid) && !folder.exists());
}

#[tokio::test]
async fn kept_data_is_found_again_by_the_next_cluster() {
    let home = tempfile::tempdir().expect("a folder");
    make_reachable(home.path());
    let options = Options {
        data: Some(home.path().join("data")),
        tcp: true,
    };

    let first = Server::private(options.clone()).await.expect("it starts");
    let url = first
        .ensure_database("app", Template::Runbook)
        .await
        .expect("a database");
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    sqlx::query(r#"UPDATE "User" SET credits = 777 WHERE id = 'usr_1'"#)
        .execute(&mut connection)
        .await
        .expect("an update");
    first.stop().await.expect("it stops");

    let second = Server::private(options).await.expect("it starts again");
    let url = second
        .ensure_database("app", Template::Runbook)
        .await
        .expect("the database");
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    let credits = count(
        &mut connection,
        r#"SELECT credits::bigint FROM "User" WHERE id = 'usr_1'"#,
    )
    .await;
    assert_eq!(credits, 777);
}

/// As root the cluster runs as another user, who must be able to pass through the folder of the data.
fn make_reachable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).expect("chmod");
}

#[tokio::test]
async fn a_data_folder_that_is_no_cluster_is_an_error_that_says_why() {
    let home = tempfile::tempdir().expect("a folder");
    make_reachable(home.path());
    std::fs::write(home.path().join("letter.txt"), "not a database").expect("a file");
    let options = Options {
        data: Some(home.path().to_owned()),
        tcp: false,
    };
    let Err(error) = Cluster::start(options).await else {
        panic!("it started")
    };
    assert!(
        format!("{error:#}").contains("exists but is not empty"),
        "{error:#}"
    );
}

/// Not a test by itself: the process that the next test kills.
#[tokio::test]
#[ignore = "the next test runs it in a process of its own"]
async fn owner_of_a_cluster() {
    let cluster = Cluster::start(Options::default()).await.expect("it starts");
    println!(
        "\ncluster {} {}",
        cluster.pid(),
        cluster.run_folder().display()
    );
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

#[tokio::test]
async fn a_cluster_ends_and_leaves_no_files_when_its_owner_is_killed() {
    let mut owner = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "--nocapture", "owner_of_a_cluster"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the owner starts");
    let output = BufReader::new(owner.stdout.take().expect("a pipe"));
    let line = output
        .lines()
        .map_while(Result::ok)
        .find(|line| line.starts_with("cluster "))
        .expect("the owner reports");
    let words: Vec<&str> = line.split(' ').collect();
    let (pid, folder) = (words[1], Path::new(words[2]));
    assert!(process_is_there(pid) && folder.exists());

    owner.kill().expect("SIGKILL");
    owner.wait().expect("it ended");
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    let gone = async {
        while folder.exists() || process_is_there(pid) {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("the cluster is gone");
}

#[tokio::test]
async fn a_database_is_a_test_s_own_and_is_dropped_with_its_value() {
    let (first, mut of_first) = database(Template::Runbook).await;
    let (second, mut of_second) = database(Template::Runbook).await;
    sqlx::query(r#"DELETE FROM "User""#)
        .execute(&mut of_first)
        .await
        .expect("a delete");
    assert_eq!(
        count(&mut of_second, r#"SELECT count(*) FROM "User""#).await,
        40
    );

    let name = first.name().to_owned();
    drop(first);
    let left: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&name)
            .fetch_one(&mut of_second)
            .await
            .expect("an answer");
    assert!(
        !left,
        "{name} is still there, though {} asked",
        second.name()
    );
}

#[tokio::test]
async fn a_server_that_runs_already_takes_databases_too() {
    let cluster = Cluster::start(Options {
        data: None,
        tcp: true,
    })
    .await
    .expect("it starts");
    let server = Server::running(&cluster.url("postgres")).expect("a URL");
    let database = server
        .create_database(Template::Odd)
        .await
        .expect("a database");
    let mut db = PgConnection::connect(database.url())
        .await
        .expect("a connection");
    assert_eq!(count(&mut db, "SELECT count(*) FROM account").await, 3);
}

#[tokio::test]
async fn in_the_runbook_shape_maria_has_what_her_story_needs() {
    let (_database, mut db) = database(Template::Runbook).await;
    let counts = [
        (
            r#"SELECT count(*) FROM "User" WHERE email = 'maria@example.com' AND id = 'usr_1'"#,
            1,
        ),
        (r#"SELECT count(*) FROM "User" WHERE role = 'ADMIN'"#, 3),
        (
            r#"SELECT count(*) FROM "Session" WHERE "userId" = 'usr_1'"#,
            3,
        ),
        (
            r#"SELECT count(*) FROM "TestSession" WHERE "userId" = 'usr_1'"#,
            12,
        ),
        (
            r#"SELECT count(*) FROM "Response" r JOIN "TestSession" t ON t.id = r."sessionId" WHERE t."userId" = 'usr_1'"#,
            60,
        ),
        (
            r#"SELECT count(*) FROM "UserFlashcardProgress" WHERE "userId" = 'usr_1'"#,
            12,
        ),
        (
            r#"SELECT count(*) FROM "PasswordResetToken" WHERE email = 'maria@example.com'"#,
            1,
        ),
        (
            r#"SELECT count(*) FROM "LoginAttempt" WHERE lower(email) = 'maria@example.com'"#,
            4,
        ),
        (
            r#"SELECT count(*) FROM "Subscription" WHERE "userId" = 'usr_1' AND status = 'ACTIVE'"#,
            0,
        ),
        (
            r#"SELECT count(*) FROM "SupportTicket" WHERE message LIKE '%maria@example.com%' AND "userId" <> 'usr_1'"#,
            1,
        ),
    ];
    for (query, expected) in counts {
        assert_eq!(count(&mut db, query).await, expected, "{query}");
    }
    let hers = runbook::objects();
    assert_eq!(
        hers.iter()
            .filter(|it| it.key.starts_with("user-usr_1/"))
            .count(),
        40
    );
    assert!(hers.iter().any(|it| it.key.starts_with("user-usr_10/")));

    let deleted = sqlx::query(r#"DELETE FROM "User" WHERE email = 'maria@example.com'"#)
        .execute(&mut db)
        .await
        .expect("every key cascades");
    assert_eq!(deleted.rows_affected(), 1);
}

#[tokio::test]
async fn the_people_that_tests_name_are_in_both_shapes() {
    let people = [
        people::MARIA,
        people::ADA,
        people::BEN,
        people::CHLOE,
        people::DANIEL,
        people::ZOE,
        real::PLAIN,
    ];
    for template in [Template::Runbook, Template::Real] {
        let (_database, mut db) = database(template).await;
        for person in people {
            let (email, name): (String, String) =
                sqlx::query_as(r#"SELECT email, name FROM "User" WHERE id = $1"#)
                    .bind(person.id)
                    .fetch_one(&mut db)
                    .await
                    .expect(person.id);
            assert_eq!((email.as_str(), name.as_str()), (person.email, person.name));
        }
    }
}

#[test]
fn the_address_of_the_bucket_is_made_of_its_name_and_region() {
    let made = format!(
        "https://{}.s3.{}.amazonaws.com/",
        data::BUCKET,
        data::REGION
    );
    assert_eq!(data::BUCKET_URL, made);
}

async fn named_in_rows(db: &mut PgConnection) -> BTreeSet<String> {
    let urls: Vec<String> =
        sqlx::query_scalar(r#"SELECT "audioUrl" FROM "Response" WHERE "audioUrl" IS NOT NULL"#)
            .fetch_all(db)
            .await
            .expect("URLs");
    let key = |url: &String| {
        url.strip_prefix(data::BUCKET_URL)
            .expect("our bucket")
            .to_owned()
    };
    urls.iter().map(key).collect()
}

fn keys(objects: &[SampleObject]) -> BTreeSet<String> {
    let keys: BTreeSet<String> = objects.iter().map(|it| it.key.clone()).collect();
    assert_eq!(keys.len(), objects.len(), "no key is described twice");
    assert!(
        objects
            .iter()
            .all(|it| (2_048..=20_480).contains(&it.bytes.len()))
    );
    keys
}

#[tokio::test]
async fn in_the_runbook_shape_every_recording_that_a_row_names_is_described() {
    let (_database, mut db) = database(Template::Runbook).await;
    let recordings = keys(&runbook::objects())
        .into_iter()
        .filter(|it| it.ends_with(".webm"));
    assert_eq!(named_in_rows(&mut db).await, recordings.collect());
}

#[tokio::test]
async fn in_the_real_shape_one_file_is_gone_and_three_are_nobody_s() {
    let (_database, mut db) = database(Template::Real).await;
    let (named, described) = (named_in_rows(&mut db).await, keys(&real::objects()));
    assert_eq!(
        named.difference(&described).collect::<Vec<_>>(),
        [&real::gone_key()]
    );
    assert_eq!(described.difference(&named).count(), 3);
    let owners: Vec<String> = sqlx::query_scalar(
        r#"SELECT t."userId" FROM "Response" r JOIN "TestSession" t ON t.id = r."sessionId" WHERE r."audioUrl" = $1 ORDER BY 1"#,
    )
    .bind(format!("{}{}", data::BUCKET_URL, real::shared_key()))
    .fetch_all(&mut db)
    .await
    .expect("owners");
    assert_eq!(owners, [people::MARIA.id, real::SHARES_A_FILE]);
}

#[tokio::test]
async fn in_the_real_shape_the_runbook_s_delete_fails_for_each_user_whom_a_restrict_row_holds() {
    let (_database, mut db) = database(Template::Real).await;
    let held = [
        (real::HELD_BY_SUBSCRIPTION, "Subscription"),
        (real::HELD_BY_ANALYTICS, "AnalyticsEvent"),
        (real::HELD_BY_BLOG_POST, "BlogPost"),
    ];
    for (id, table) in held {
        let refusal = sqlx::query(r#"DELETE FROM "User" WHERE id = $1"#)
            .bind(id)
            .execute(&mut db)
            .await
            .expect_err("RESTRICT");
        let refusal = refusal.as_database_error().expect("the server refused");
        // Before version 18 a RESTRICT key reported the code of every foreign key.
        assert!(["23503", "23001"].contains(&refusal.code().expect("a code").as_ref()));
        assert_eq!(refusal.table(), Some(table));
    }
    let plain = sqlx::query(r#"DELETE FROM "User" WHERE email = $1"#).bind(real::PLAIN.email);
    assert_eq!(
        plain
            .execute(&mut db)
            .await
            .expect("only CASCADE")
            .rows_affected(),
        1
    );
}

#[tokio::test]
async fn in_the_real_shape_two_users_differ_in_letter_case_alone_and_no_session_is_stored() {
    let (_database, mut db) = database(Template::Real).await;
    let twins: Vec<String> = sqlx::query_scalar(
        r#"SELECT id FROM "User" WHERE lower(email) = 'maria@example.com' ORDER BY id"#,
    )
    .fetch_all(&mut db)
    .await
    .expect("twins");
    assert_eq!(twins, [people::MARIA.id, real::TWIN.id]);
    assert_eq!(count(&mut db, r#"SELECT count(*) FROM "Session""#).await, 0);
    assert_eq!(
        count(&mut db, "SELECT count(*) FROM _prisma_migrations").await,
        13
    );
}

#[tokio::test]
async fn the_odd_schema_loads_with_its_cycles_partitions_and_names() {
    let (_database, mut db) = database(Template::Odd).await;
    let counts = [
        ("SELECT count(*) FROM public.account", 3),
        ("SELECT count(*) FROM public.measurement_rest", 3),
        (
            r#"SELECT count(*) FROM "Strange Names"."Order ""Line""" WHERE "Mood" = 'glad'"#,
            1,
        ),
        (
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND condeferrable AND conparentid = 0",
            3,
        ),
        ("SELECT sum(tax)::bigint FROM billing.invoice", 11),
    ];
    for (query, expected) in counts {
        assert_eq!(count(&mut db, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_pooler_hands_one_server_connection_from_client_to_client() {
    let (database, mut direct) = database(Template::Empty).await;
    let pooler = Pooler::start(database.url(), Some(1)).await;
    let pooler = pooler.expect("PgBouncer");
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let options: PgConnectOptions = pooler.url(database.name()).parse().expect("an address");
        let client = options.extra_float_digits(None).connect().await;
        let mut client = client.expect("a connection");
        let mut tx = client.begin().await.expect("a transaction");
        let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .persistent(false)
            .fetch_one(&mut *tx)
            .await
            .expect("a process");
        tx.commit().await.expect("a commit");
        seen.insert(pid);
        client.close().await.expect("closed");
    }
    assert_eq!(seen.len(), 1, "one server connection for all clients");
    drop(pooler);
    // What it held is given back to the server.
    assert_eq!(count(&mut direct, "select 1::bigint").await, 1);
}

#[tokio::test]
async fn a_pooler_ends_with_its_value() {
    let (database, _direct) = database(Template::Empty).await;
    let pooler = Pooler::start(database.url(), None)
        .await
        .expect("PgBouncer");
    let options: PgConnectOptions = pooler.url(database.name()).parse().expect("an address");
    drop(pooler);
    let gone = options.extra_float_digits(None).connect().await;
    assert!(gone.is_err(), "nobody answers any more");
}

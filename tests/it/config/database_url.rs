//! Postgres URLs as Prisma applications have them.

use countersign::config::database_url::DatabaseUrl;

fn parsed(text: &str) -> DatabaseUrl {
    DatabaseUrl::parse(text).expect("a good URL")
}

#[test]
fn prismas_own_parameters_are_taken_out_and_the_others_stay_as_written() {
    let url = parsed(
        "postgresql://app:p%40ss@db.example.com/app?pgbouncer=true&sslmode=require&connection_limit=1&schema=shop\
         &pool_timeout=20&application_name=a%20b",
    );
    assert_eq!(
        url.url.expose(),
        "postgresql://app:p%40ss@db.example.com/app?sslmode=require&application_name=a%20b"
    );
    assert_eq!(url.schema.as_deref(), Some("shop"));
    assert!(url.pooled && url.private);
}

#[test]
fn a_url_with_nothing_but_prismas_parameters_ends_at_the_database() {
    assert_eq!(
        parsed("postgres://a@localhost/app?schema=public")
            .url
            .expose(),
        "postgres://a@localhost/app"
    );
}

#[test]
fn neons_pooler_is_known_by_its_host_name() {
    assert!(
        parsed("postgres://a:b@ep-cool-rain-123-pooler.eu.aws.neon.tech/app?sslmode=require")
            .pooled
    );
    assert!(!parsed("postgres://a:b@ep-cool-rain-123.eu.aws.neon.tech/app?sslmode=require").pooled);
}

#[test]
fn a_socket_is_private_and_a_server_elsewhere_without_sslmode_is_not() {
    assert!(parsed("postgres://a@%2Ftmp%2Fpg/app").private);
    assert!(parsed("postgres:///app?host=/tmp/pg").private);
    assert!(!parsed("postgres://a@db.example.com/app").private);
    assert!(!parsed("postgres://a@db.example.com/app?sslmode=prefer").private);
}

#[test]
fn what_is_shown_holds_no_password() {
    let url = parsed(
        "postgres://app:hunter2@db.example.com:5433/app?sslmode=require&password=hunter3&options=-cx%3Dhunter4",
    );
    assert_eq!(
        url.shown,
        "postgres://app:***@db.example.com:5433/app?sslmode=require"
    );
    assert!(!format!("{url:?}").contains("hunter"));
}

#[test]
fn bad_urls_are_refused_without_being_repeated() {
    let bad = [
        ("mysql://a:hunter2@h/db", "is not a Postgres URL"),
        ("a:hunter2@h/db", "is not a Postgres URL"),
        ("hunter2", "is not a URL"),
        ("postgres://a:hunter2@h:port/db", "is not a URL"),
        ("postgres:///db", "names no host"),
        ("postgres://a:hunter2@h", "names no database"),
        (
            "postgres://a:hunter2@h/db?sslmode=on",
            "has an unknown sslmode",
        ),
        (
            "postgres://a:hunter2@h/db?sslmod=require",
            "did you mean `sslmode`?",
        ),
    ];
    for (url, says) in bad {
        let error = DatabaseUrl::parse(url).expect_err(url);
        assert!(error.contains(says), "{url}: {error}");
        assert!(!error.contains("hunter2"), "{url}: {error}");
    }
}

//! Postgres URLs as libpq, Prisma and hosts write them.

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
        ("hunter2", "is not a Postgres URL"),
        (
            "prisma+postgres://accelerate.prisma-data.net/?api_key=hunter2",
            "the direct connection string",
        ),
        ("postgres://a:hunter2@h:99999/db", "is not a URL"),
        (
            "postgres://a:hunter2@h/db?port=x",
            "a port that is not a number",
        ),
        ("postgres://a:hunter2@h:port/db", "is not a URL"),
        ("postgres:///db", "names no host"),
        ("postgres://h", "names neither a database nor a user"),
        (
            "postgres://a:hunter2@h/db?sslmode=on",
            "has an unknown sslmode",
        ),
        (
            "postgres://a:hunter2@h/db?sslmod=require",
            "did you mean `sslmode`?",
        ),
        (
            "postgres://a:hunter2@h/db?ssl_mode=require",
            "did you mean `sslmode`?",
        ),
        (
            "postgres://a:hunter2@h/db?sslrotcert=ca.pem",
            "did you mean `sslrootcert`?",
        ),
    ];
    for (url, says) in bad {
        let error = DatabaseUrl::parse(url).expect_err(url);
        assert!(error.contains(says), "{url}: {error}");
        assert!(!error.contains("hunter2"), "{url}: {error}");
    }
}

#[test]
fn what_hosts_and_other_clients_add_to_a_url_changes_nothing() {
    let added = [
        "supa=base-pooler.x",
        "workaround=supabase-pooler.vercel",
        "uselibpqcompat=true",
        "keepalives_idle=60&keepalives=1&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=9",
        "connect_timeout=15&connection_limit=1&pool_timeout=0&statement_cache_size=0&socket_timeout=3",
        "sslcrl=/etc/crl.pem&channel_binding=require&target_session_attrs=read-write&gssencmode=disable",
        "pool_mode=transaction&prepare=false&currentSchema=shop&a_host_of_tomorrow=1",
        "?",
        "&&",
    ];
    for added in added {
        let url = parsed(&format!(
            "postgresql://app:pw@db.example.com:5432/app?sslmode=require&{added}"
        ));
        assert_eq!(
            url.url.expose(),
            "postgresql://app:pw@db.example.com:5432/app?sslmode=require",
            "{added}"
        );
    }
    let says = parsed("postgres://a@localhost/app?a_host_of_tomorrow=hunter2").doubts;
    assert!(says[0].contains("a_host_of_tomorrow"), "{says:?}");
    assert!(!says[0].contains("hunter2"), "{says:?}");
}

#[test]
fn a_pooler_is_known_by_its_host_or_by_prismas_word() {
    let through_a_pooler = [
        "postgres://a:b@ep-cool-rain-123-pooler.eu.aws.neon.tech/app",
        "postgres://postgres.ref:b@aws-0-eu-central-1.pooler.supabase.com:6543/postgres",
        "postgres://postgres.ref:b@aws-0-eu-central-1.pooler.supabase.com:5432/postgres",
        "postgres://postgres:b@db.abcdef.supabase.co:6543/postgres",
        "postgres://a:b@pooled.db.prisma.io:5432/?sslmode=require",
        "postgres://a:b@db.example.com/app?pgbouncer=true",
        "postgres:///app?host=ep-x-pooler.eu.aws.neon.tech&user=a",
    ];
    for url in through_a_pooler {
        assert!(parsed(url).pooled, "{url}");
    }
    let direct = [
        "postgres://postgres:b@db.abcdef.supabase.co:5432/postgres",
        "postgres://a:b@db.prisma.io:5432/?sslmode=require",
        "postgres://a:b@db.example.com:6543/app",
        "postgres://a:b@pooler.example.com/app?pgbouncer=false",
    ];
    for url in direct {
        assert!(!parsed(url).pooled, "{url}");
    }
}

#[test]
fn a_url_without_a_database_means_the_one_called_like_the_user() {
    for end in ["", "/", "/?sslmode=require", "?sslmode=require"] {
        let url = parsed(&format!("postgres://someone:pw@db.prisma.io:5432{end}"));
        let url = url.url.expose();
        assert!(
            url.starts_with("postgres://someone:pw@db.prisma.io:5432/someone"),
            "{url}"
        );
    }
    // Where it is not the host's own form, the doctor says it.
    assert!(parsed("postgres://a:b@db.prisma.io/").doubts.is_empty());
    let says = parsed("postgres://a:b@localhost/").doubts;
    assert!(says[0].contains("names no database"), "{says:?}");
}

#[test]
fn passwords_with_special_characters_are_understood_encoded_or_not() {
    let passwords = [
        ("p%40ss", "p%40ss"),
        ("p@ss", "p%40ss"),
        ("p/ss", "p%2Fss"),
        ("p#ss", "p%23ss"),
        ("p?ss", "p%3Fss"),
        ("p:ss", "p%3Ass"),
        ("p%ss", "p%25ss"),
        ("a@b/c@d", "a%40b%2Fc%40d"),
        ("a?b=c@d", "a%3Fb%3Dc%40d"),
        ("[x]&=+$", "%5Bx%5D%26%3D%2B%24"),
        ("пароль", "%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C"),
    ];
    for (written, encoded) in passwords {
        let url = parsed(&format!(
            "postgres://app:{written}@db.example.com:5432/app?sslmode=require"
        ));
        assert_eq!(
            url.url.expose(),
            format!("postgres://app:{encoded}@db.example.com:5432/app?sslmode=require"),
            "{written}"
        );
        assert_eq!(
            url.shown, "postgres://app:***@db.example.com:5432/app?sslmode=require",
            "{written}"
        );
    }
    let azure = parsed("postgres://app@server:pw@server.postgres.database.azure.com:5432/app");
    let expected = "postgres://app%40server:pw@server.postgres.database.azure.com:5432/app";
    assert_eq!(azure.url.expose(), expected);
    let at_in_query = parsed("postgres://app:pw@h/app?application_name=me@example.com");
    assert_eq!(
        at_in_query.url.expose(),
        "postgres://app:pw@h/app?application_name=me%40example.com"
    );
}

#[test]
fn what_contradicts_itself_is_refused_with_both_values() {
    let contradictions = [
        (
            "postgres://a:hunter2@h/db?sslmode=require&sslmode=disable",
            "require",
            "disable",
        ),
        (
            "postgres://a:hunter2@h/db?ssl=true&sslmode=disable",
            "disable",
            "true",
        ),
        (
            "postgres://a:hunter2@h/db?sslmode=verify-full&ssl=false",
            "verify-full",
            "false",
        ),
        (
            "postgres://a:hunter2@localhost/db?host=elsewhere",
            "localhost",
            "elsewhere",
        ),
        (
            "postgres://a:hunter2@h/db?host=/var/run/postgresql",
            "h and",
            "/var/run/postgresql",
        ),
        ("postgres://a:hunter2@h:1234/db?port=4321", "1234", "4321"),
        ("postgres://a:hunter2@h/db?dbname=other", "db", "other"),
        ("postgres://a:hunter2@h/db?user=other", "a and", "other"),
        (
            "postgres://a:hunter2@h/db?schema=one&schema=two",
            "one",
            "two",
        ),
        (
            "postgres://a:hunter2@h/db?pgbouncer=true&pgbouncer=false",
            "true",
            "false",
        ),
    ];
    for (url, one, other) in contradictions {
        let error = DatabaseUrl::parse(url).expect_err(url);
        assert!(
            error.contains(one) && error.contains(other),
            "{url}: {error}"
        );
        assert!(!error.contains("hunter2"), "{url}: {error}");
    }
    for url in [
        "postgres://a@h/db?password=hunter2&password=hunter3",
        "postgres://a:hunter2@h/db?options=-chunter4&options=-chunter5",
    ] {
        let error = DatabaseUrl::parse(url).expect_err(url);
        assert!(!error.contains("hunter"), "{url}: {error}");
    }
    // libpq takes the second one of these.
    let two = parsed("postgres://a:hunter2@h/db?password=hunter3");
    assert_eq!(two.url.expose(), "postgres://a:hunter3@h/db");
    assert!(two.doubts[0].contains("two passwords"), "{:?}", two.doubts);
    assert!(!two.doubts[0].contains("hunter"), "{:?}", two.doubts);
    // The same value twice contradicts nothing.
    let twice = "postgres://a@h/db?sslmode=require&sslmode=require&dbname=db&user=a";
    assert_eq!(
        parsed(twice).url.expose(),
        "postgres://a@h/db?sslmode=require"
    );
}

#[test]
fn of_several_hosts_the_first_is_used_and_the_doctor_says_so() {
    for url in [
        "postgres://a:b@one.example.com:5433,two.example.com:5434/app?target_session_attrs=read-write",
        "postgres://a:b@/app?host=one.example.com,two.example.com&port=5433,5434",
    ] {
        let url = parsed(url);
        assert_eq!(url.url.expose(), "postgres://a:b@one.example.com:5433/app");
        assert!(
            url.doubts
                .iter()
                .any(|says| says.contains("one.example.com")),
            "{:?}",
            url.doubts
        );
    }
}

#[test]
fn a_sockets_folder_stands_for_the_host_in_every_spelling() {
    for url in [
        "postgres://a@%2Fvar%2Frun%2Fpostgresql/app",
        "postgres://a@%2fvar%2frun%2fpostgresql/app",
        "postgres://a@/app?host=/var/run/postgresql",
        "postgres://a@localhost/app?host=%2Fvar%2Frun%2Fpostgresql",
        "postgres:///app?host=/var/run/postgresql&user=a",
    ] {
        let parsed = parsed(url);
        assert_eq!(
            parsed.url.expose(),
            "postgres://a@%2Fvar%2Frun%2Fpostgresql/app",
            "{url}"
        );
        assert!(parsed.private, "{url}");
    }
    let ipv6 = parsed("postgres://a@[::1]:5433/app");
    assert_eq!(ipv6.url.expose(), "postgres://a@[::1]:5433/app");
    assert!(ipv6.private);
}

#[test]
fn certificates_are_those_of_libpq_and_of_prisma() {
    // Prisma's `sslcert` is the authority's; libpq's is the client's and comes with its key.
    let prisma = parsed("postgres://a@h/app?sslmode=verify-full&sslcert=ca.pem&sslidentity=id.p12");
    assert_eq!(
        prisma.url.expose(),
        "postgres://a@h/app?sslmode=verify-full&sslrootcert=ca.pem"
    );
    assert!(prisma.doubts[0].contains("sslidentity"));
    let libpq = "postgres://a@h/app?sslmode=verify-ca&sslrootcert=/c/ca.pem&sslcert=/c/me.pem&sslkey=/c/me.key";
    assert_eq!(parsed(libpq).url.expose(), libpq);
    assert_eq!(
        parsed("postgres://a@h/app?sslrootcert=system").url.expose(),
        "postgres://a@h/app?sslmode=verify-full"
    );
    for encrypts in ["sslmode=no-verify", "ssl=true", "ssl=true&sslmode=require"] {
        let url = parsed(&format!("postgres://a@db.example.com/app?{encrypts}"));
        assert_eq!(
            url.url.expose(),
            "postgres://a@db.example.com/app?sslmode=require",
            "{encrypts}"
        );
        assert!(url.private, "{encrypts}");
    }
}

#[test]
fn prismas_strict_check_of_the_certificate_is_kept() {
    for mode in ["", "sslmode=require&", "sslmode=prefer&", "ssl=true&"] {
        let url = parsed(&format!(
            "postgres://a@db.example.com/app?{mode}sslaccept=strict"
        ));
        assert_eq!(
            url.url.expose(),
            "postgres://a@db.example.com/app?sslmode=verify-full",
            "{mode}"
        );
        assert!(url.private && url.doubts.is_empty(), "{:?}", url.doubts);
    }
    let lax = "postgres://a@db.example.com/app?sslmode=require&sslaccept=accept_invalid_certs";
    assert_eq!(
        parsed(lax).url.expose(),
        "postgres://a@db.example.com/app?sslmode=require"
    );
    let off = parsed("postgres://a@db.example.com/app?sslmode=disable&sslaccept=strict");
    assert!(!off.private && off.doubts[0].contains("sslaccept=strict"));
    for bad in ["sslmode=no-verify&sslaccept=strict", "sslaccept=strikt"] {
        let url = format!("postgres://a@db.example.com/app?{bad}");
        let why = DatabaseUrl::parse(&url).expect_err("it is refused");
        assert!(why.contains("sslaccept"), "{why}");
    }
}

#[test]
fn jdbcs_current_schema_is_the_schema_where_prismas_is_not_set() {
    for (query, schema) in [
        ("currentSchema=shop", "shop"),
        ("currentSchema=Shop", "shop"),
        ("currentSchema=%22Shop%22", "Shop"),
        ("currentSchema=%22$user%22,shop", "shop"),
        ("currentSchema=shop,public", "shop"),
        ("schema=mine&currentSchema=shop", "mine"),
    ] {
        let url = parsed(&format!("postgres://a@localhost/app?{query}"));
        assert_eq!(url.schema.as_deref(), Some(schema), "{query}");
        assert_eq!(url.url.expose(), "postgres://a@localhost/app", "{query}");
    }
    let many = parsed("postgres://a@localhost/app?currentSchema=shop,public").doubts;
    assert!(many[0].contains("only shop is used"), "{many:?}");
}

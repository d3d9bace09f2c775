//! What `--suggest-mapping` must leave open: a wrong line in force deletes somebody else's rows.

use countersign::systems::app_db::{AppDb, Limits, Mapping};
use countersign_sandbox::postgres::{Server, Template};

async fn suggested(sql: &str) -> String {
    let server = Server::shared().await.unwrap();
    let database = server.create_database(Template::Empty).await.unwrap();
    let pool = sqlx::PgPool::connect(database.url()).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
    let db = AppDb::connect(database.url(), Mapping::default(), Limits::default()).unwrap();
    db.suggest_mapping().await.unwrap().toml
}

fn in_force(toml: &str, line: &str) -> bool {
    toml.lines().any(|one| one.trim_start().starts_with(line))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_to_the_account_that_recorded_a_payment_stays_open() {
    let toml = suggested(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE);
         CREATE TABLE payments (id serial PRIMARY KEY, team_id int, recorded_by int REFERENCES users,
           stripe_payment_id text, amount int);
         CREATE TABLE subscriptions (id serial PRIMARY KEY, status text, created_by int REFERENCES users,
           customer_id int REFERENCES users);",
    )
    .await;
    assert!(!in_force(&toml, "user_id = \"recorded_by\""), "{toml}");
    assert!(!in_force(&toml, "[app.schema.payment]"), "{toml}");
    assert!(toml.contains("# user_id = \"recorded_by\""), "{toml}");
    assert!(
        in_force(&toml, "user_id = \"customer_id\"  # sure"),
        "{toml}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_states_run_beside_those_of_a_text_column() {
    let toml = suggested(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE);
         CREATE TABLE subscriptions (id serial PRIMARY KEY, user_id int REFERENCES users, status text);
         INSERT INTO subscriptions (status) VALUES ('Active'), ('paused'), ('canceled');",
    )
    .await;
    let line = r#"running = ["Active", "paused", "trialing", "past_due"]"#;
    assert!(in_force(&toml, line), "{toml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_be_a_tenants_is_not_taken_for_the_admins() {
    for role in ["owner", "staff"] {
        let toml = suggested(&format!(
            "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, role text);
             INSERT INTO users (email, role) VALUES ('a@example.com', '{role}'), ('b@example.com', 'member');"
        ))
        .await;
        assert!(!in_force(&toml, "admin_role"), "{toml}");
        assert!(
            toml.contains(&format!("# admin_role = \"{role}\"")),
            "{toml}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_rows_of_the_business_are_not_erased() {
    let toml = suggested(
        "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE);
         CREATE TABLE presets (id serial PRIMARY KEY, email text);
         CREATE TABLE order_confirmations (id serial PRIMARY KEY, email text);
         CREATE TABLE exam_attempts (id serial PRIMARY KEY, email text);
         CREATE TABLE login_attempts (id serial PRIMARY KEY, email text);",
    )
    .await;
    assert!(in_force(&toml, "\"login_attempts.email\""), "{toml}");
    for table in ["presets", "order_confirmations", "exam_attempts"] {
        assert!(!in_force(&toml, &format!("\"{table}.email\"")), "{toml}");
        assert!(toml.contains(&format!("# \"{table}.email\"")), "{toml}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_two_tables_of_accounts_leave_every_link_open() {
    let users = "CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, password text);
                 CREATE TABLE posts (id serial PRIMARY KEY, user_id int);
                 CREATE TABLE admin_logs (id serial PRIMARY KEY, user_id int);";
    let alone = suggested(users).await;
    assert!(in_force(&alone, "\"posts.user_id\""), "{alone}");
    let staff = "CREATE TABLE admin_users (id serial PRIMARY KEY, username text, password text);";
    let both = suggested(&format!("{users}{staff}")).await;
    for link in ["posts.user_id", "admin_logs.user_id"] {
        assert!(!in_force(&both, &format!("\"{link}\"")), "{both}");
        assert!(both.contains(&format!("# \"{link}\"")), "{both}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_id_beside_customers_is_not_taken_for_the_customer() {
    let toml = suggested(
        "CREATE TABLE customers (id serial PRIMARY KEY, email text UNIQUE, password text);
         CREATE TABLE orders (id serial PRIMARY KEY, customer_id int, user_id int);",
    )
    .await;
    assert!(in_force(&toml, "table = \"customers\""), "{toml}");
    assert!(in_force(&toml, "\"orders.customer_id\""), "{toml}");
    assert!(!in_force(&toml, "\"orders.user_id\""), "{toml}");
}

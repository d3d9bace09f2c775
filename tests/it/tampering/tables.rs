//! Every table of the store is looked at here: one that is not in the list fails.

use countersign::journal::verify::{Kind, verify};

use crate::support::World;

/// What somebody without the key achieves by writing to a table.
enum Guard {
    /// Its rows carry a MAC. The statement forges one, which verifying must find.
    Sealed(&'static str),
    /// It belongs to the journal or is made from it; `tests/it/journal` has what is found.
    Journal,
    /// Forging it does no harm, for this reason.
    Harmless(&'static str),
}

use Guard::{Harmless, Journal, Sealed};

/// All tables. `docs/security.md` says the same for readers.
const TABLES: [(&str, Guard); 26] = [
    ("event", Journal),
    ("chain", Journal),
    ("chain_head", Journal),
    ("chain_pending", Journal),
    ("private_text", Journal),
    ("request", Journal),
    ("service_settings", Journal),
    ("party", Journal),
    (
        "inbox",
        Sealed(
            "insert into countersign.inbox (id, dedupe_key, kind, rank, lane, waits, payload, received_at, not_before, mac)
             values (gen_random_uuid(), 'forged', 'freeze', 2, '2:U0EVE', false, '{}', now(), now() + interval '1 year', '')",
        ),
    ),
    (
        "reply",
        Sealed(
            "insert into countersign.reply (id, target, card, created_at, not_before, mac)
             values (gen_random_uuid(), '{}', '{}', now(), now() + interval '1 year', '')",
        ),
    ),
    (
        "refund",
        Sealed(
            "insert into countersign.refund
                 (request_id, idempotency_key, payment, amount, currency, refunded_before, written_at, mac)
             values (gen_random_uuid(), 'forged', 'pi_eve', 1, 'usd', 0, now(), '')",
        ),
    ),
    (
        "credit_grant",
        Sealed(
            "insert into countersign.credit_grant (request_id, payment, user_id, credits, claimed_at, mac)
             values (gen_random_uuid(), 'pi_eve', 'usr_1', 1, now(), '')",
        ),
    ),
    (
        "erasure_ledger",
        Sealed(
            "insert into countersign.erasure_ledger (request_id, user_id, entered_at, mac)
             values (gen_random_uuid(), 'usr_1', now(), '')",
        ),
    ),
    (
        "erasure_key",
        Sealed("insert into countersign.erasure_key values (gen_random_uuid(), 'a', false, '')"),
    ),
    (
        "erasure_object",
        Sealed(
            "insert into countersign.erasure_object (request_id, key, version_id, delete_marker, bytes, mac)
             values (gen_random_uuid(), 'a', '', false, 1, '')",
        ),
    ),
    (
        "erasure_subject",
        Sealed(
            "insert into countersign.erasure_subject (request_id, user_id, mac) values (gen_random_uuid(), 'usr_1', '')",
        ),
    ),
    (
        "export_archive",
        Sealed(
            "insert into countersign.export_archive (key, request_id, user_id, begun_at, expires_at, mac)
             values ('certificates/OPS-1.json', gen_random_uuid(), 'usr_1', now(), now() + interval '1 year', '')",
        ),
    ),
    (
        "lease",
        Harmless("who runs what: an append names the fence, and effects are marked"),
    ),
    (
        "seen_signature",
        Harmless("without its row the same delivery is received again under the same key"),
    ),
    (
        "message",
        Sealed(
            "insert into countersign.message (id, slot, recipient, wanted, not_before, wanted_since, undeliverable, mac)
             values (gen_random_uuid(), 'review:forged', 'U0EVE', 1, now(), now(), 'forged', '')",
        ),
    ),
    (
        "schema_migration",
        Harmless("which migrations ran: a wrong row stops the start"),
    ),
    ("channel_pace", Harmless("how fast is written to a channel")),
    (
        "picture",
        Sealed("insert into countersign.picture values (gen_random_uuid(), 0, 'F0EVE', 0, '')"),
    ),
    (
        "credit_count",
        Harmless("in which order grants are counted: the sum is taken from the journal before credits move"),
    ),
    (
        "scheduled_request",
        Harmless("what the service asks for later: only what a journalled step has its keyed hash of, and once"),
    ),
    (
        "job_tick",
        Harmless("which ticks of a job ran: a job is harmless at any time and as often as it runs"),
    ),
];

/// The tables that only measure.
const MEASURED: [(&str, Guard); 1] = [(
    "pool_sample",
    Harmless("numbers of connections that a read shows"),
)];

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_sealed_or_made_from_the_journal_or_harmless_and_a_forged_row_is_found() {
    let world = World::start().await;
    let mut known: Vec<&str> = TABLES
        .iter()
        .chain(&MEASURED)
        .map(|(name, _)| *name)
        .collect();
    known.sort_unstable();
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'countersign' and table_type = 'BASE TABLE'
           and table_name <> 'applied_step'
         order by table_name collate \"C\"",
    )
    .fetch_all(&world.db)
    .await
    .unwrap();
    assert_eq!(tables, known, "a table is missing from the list, or gone");
    let journal = world.journal();
    let mut forged = 0;
    for (name, guard) in TABLES.iter().chain(&MEASURED) {
        match guard {
            Sealed(statement) => {
                sqlx::raw_sql(*statement).execute(&world.db).await.unwrap();
                forged += 1;
                let report = verify(&journal.pool, &journal.key, None).await.unwrap();
                let says = format!("a row of the table {name} is not what Countersign wrote");
                assert!(report.to_string().contains(&says), "{name}: {report}");
                assert_eq!(report.by_kind[&Kind::RowChanged], forged, "{report}");
            }
            Harmless(why) => assert!(!why.is_empty(), "{name}: say why"),
            Journal => {}
        }
    }
}

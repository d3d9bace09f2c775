//! The certificate of a deletion that was settled after its rows went: it attests no more than that. A restore can take the
//! ledger back, and then it is all that says whom not to bring back.

use serde_json::json;
use uuid::Uuid;

use crate::{
    domain::{Instant, request::label},
    journal::Store,
    operations::{
        StepError,
        erasure::{
            DELETION,
            certificate::{FORM, key_of, put},
        },
    },
    systems::Systems,
};

/// Writes it, unless the run got as far as its own certificate.
pub(super) async fn attest(
    systems: &Systems,
    store: &Store,
    request: Uuid,
    now: Instant,
) -> Result<(), StepError> {
    let entry = sqlx::query!(
        r#"select l.user_id, l.email_identity, coalesce(l.begun_at, l.erased_at) as "erased_at!", r.number
           from countersign.erasure_ledger l join countersign.request r on r.id = l.request_id
           where l.request_id = $1 and l.erased_at is not null"#,
        request
    )
    .fetch_one(store)
    .await?;
    let number = label(entry.number);
    let document = json!({
        "form": FORM,
        "certificate_of": DELETION,
        "request": { "number": number, "id": request },
        "subject": { "user_id": entry.user_id, "email_identity": entry.email_identity },
        "settled": "the rows were deleted; a person settled the run before its end, and nothing is attested of files and copies",
        "erased_at": entry.erased_at,
        "issued_at": now,
    });
    put(systems, &key_of(&number, request)?, &document).await
}

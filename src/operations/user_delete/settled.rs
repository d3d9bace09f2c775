//! The certificate of a deletion that was settled after its rows went: it attests no more than that. A restore can take the
//! ledger back, and then it is all that says whom not to bring back.

use serde_json::json;

use super::{
    DECLARATION,
    certificate::{FORM, key_of, put},
};
use crate::{
    domain::{Instant, Request},
    journal::sealed::ErasureEntry,
    operations::StepError,
    systems::Systems,
};

/// Writes it, unless the run got as far as its own certificate. What it signs is in the journal, in the sealed entry of the
/// ledger and in the app's database.
pub(super) async fn attest(
    systems: &Systems,
    entry: &ErasureEntry,
    closed: &Request,
    erased_at: Instant,
    now: Instant,
) -> Result<(), StepError> {
    let number = closed.label();
    let document = json!({
        "form": FORM,
        "certificate_of": DECLARATION.name,
        "request": { "number": number, "id": closed.id.0 },
        "subject": { "user_id": entry.user_id, "email_identity": entry.email_identity },
        "settled": "the rows were deleted; a person settled the run before its end, and nothing is attested of files and copies",
        "erased_at": erased_at,
        "issued_at": now,
    });
    put(systems, &key_of(&number, closed.id.0)?, &document).await
}

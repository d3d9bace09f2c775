//! The certificate: what was erased, when, by whom, under which plan, bound to the journal and signed.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    domain::{digest::canonical_json, event::StepResult},
    journal::read,
    operations::{StepContext, StepError},
    systems::object_store::{ObjectKey, StoreError},
};

/// The version of the certificate's form.
const FORM: u32 = 1;

/// Writes the certificate once: one that is there already, with a valid signature, is the certificate.
pub(super) async fn issue(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let request = context.request;
    let name = format!("certificates/{}-{}.json", request.label(), request.id);
    let key = ObjectKey::new(name).map_err(|refused| StepError::Failed(refused.to_string()))?;
    let text = match context.systems.documents.get(&key).await {
        Ok(stored) if is_ours(context, &stored.bytes) => stored.bytes,
        Ok(_) | Err(StoreError::NoSuchKey { .. }) => {
            let text = signed(context, &document(context).await?);
            context
                .systems
                .documents
                .put(
                    &key,
                    text.clone().into_bytes(),
                    "application/json",
                    HashMap::new(),
                )
                .await?;
            text.into_bytes()
        }
        Err(error) => return Err(error.into()),
    };
    let signature = serde_json::from_slice::<Value>(&text)
        .ok()
        .and_then(|value| value["signature"].as_str().map(str::to_owned));
    let certificate = json!({
        "key": key.as_str(),
        "sha256": hex::encode(Sha256::digest(&text)),
        "signature": signature,
    });
    Ok(StepResult::from([("certificate".to_owned(), certificate)]))
}

async fn document(context: &StepContext<'_>) -> Result<Value, StepError> {
    let request = context.request;
    let plan = request.plan.as_ref();
    let titles = plan.map_or(&[][..], |plan| &plan.plan.steps);
    let steps: Vec<Value> = context
        .done()
        .into_iter()
        .map(|(id, result)| {
            let title = titles
                .iter()
                .find(|step| step.id == id)
                .map(|step| &step.title);
            json!({ "step": id, "did": title, "result": result })
        })
        .collect();
    let approvers: Vec<Value> = request
        .state
        .approvals()
        .iter()
        .map(|approval| json!({ "slack_user": approval.by.slack_id, "at": approval.at }))
        .collect();
    let journal = read::last_hash(&context.journal.pool, context.request_id()).await?;
    let (version, hash) = journal.unwrap_or_default();
    Ok(json!({
        "form": FORM,
        "certificate_of": request.operation,
        "request": { "number": request.label(), "id": request.id },
        "subject": plan.and_then(|plan| plan.plan.subject.clone()),
        "asked": { "slack_user": request.requester.slack_id, "at": request.asked_at },
        "approved": approvers,
        "plan": { "sha256": plan.map(|plan| plan.digest) },
        "steps": steps,
        "kept": plan.map(|plan| plan.plan.kept.clone()),
        "journal": { "version": version, "hash": hex::encode(hash) },
        "issued_at": context.now,
    }))
}

/// The signature is HMAC-SHA256 under the audit key over the canonical JSON of everything else.
fn signed(context: &StepContext<'_>, document: &Value) -> String {
    let signature = hex::encode(
        context
            .systems
            .key
            .sign(canonical_json(document).as_bytes()),
    );
    let mut document = document.clone();
    document["signature"] = signature.into();
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn is_ours(context: &StepContext<'_>, text: &[u8]) -> bool {
    let Ok(mut value) = serde_json::from_slice::<Value>(text) else {
        return false;
    };
    let Some(signature) = value
        .as_object_mut()
        .and_then(|map| map.remove("signature"))
    else {
        return false;
    };
    let expected = context.systems.key.sign(canonical_json(&value).as_bytes());
    signature.as_str() == Some(hex::encode(expected).as_str())
}

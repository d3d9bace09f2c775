//! The certificate: what was erased, when, by whom, under which plan, bound to the journal and signed.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::ledger;
use crate::{
    audit_key::AuditKey,
    domain::{digest::canonical_json, event::StepResult, plan::Warning},
    operations::{StepContext, StepError},
    systems::{
        Systems,
        object_store::{ObjectKey, StoreError},
    },
};

pub(in crate::operations) const FOLDER: &str = "certificates";
/// The version of the certificate's form.
pub(in crate::operations) const FORM: u32 = 1;

/// Writes the certificate once: what is at its place is never overwritten, and what is told of it is told of the stored
/// bytes, also when two replicas write at once or an answer is lost.
pub(in crate::operations) async fn issue(
    context: &StepContext<'_>,
) -> Result<StepResult, StepError> {
    let request = context.request;
    let key = key_of(&request.label(), request.id.0)?;
    let documents = &context.systems.documents;
    let stored = match documents.get(&key).await {
        Ok(stored) => stored.bytes,
        Err(StoreError::NoSuchKey { .. }) => {
            put(context.systems, &key, &document(context).await?).await?;
            documents.get(&key).await?.bytes
        }
        Err(error) => return Err(error.into()),
    };
    let Some(signature) = own_signature(context, &stored) else {
        return Err(StepError::Failed(format!(
            "at {} is something that is not this request's certificate: move it away, then try again",
            key.as_str()
        )));
    };
    let certificate = json!({
        "key": key.as_str(),
        "sha256": hex::encode(Sha256::digest(&stored)),
        "signature": signature,
    });
    Ok(StepResult::from([("certificate".to_owned(), certificate)]))
}

/// Where the certificate of a request is.
pub(in crate::operations) fn key_of(
    label: &str,
    request: uuid::Uuid,
) -> Result<ObjectKey, StepError> {
    ObjectKey::new(format!("{FOLDER}/{label}-{request}.json"))
        .map_err(|refused| StepError::Failed(refused.to_string()))
}

/// Signs a document and writes it to its place, unless something is there.
pub(in crate::operations) async fn put(
    systems: &Systems,
    key: &ObjectKey,
    document: &Value,
) -> Result<(), StepError> {
    let text = signed(&systems.key, document);
    systems
        .documents
        .put_new(key, text.into_bytes(), "application/json")
        .await?;
    Ok(())
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
    let events = context.journal.events(context.request.id).await;
    let events = events.map_err(|error| StepError::Retry(error.to_string()))?;
    let (version, hash) = events
        .last()
        .map(|last| (last.version, last.hash))
        .unwrap_or_default();
    Ok(json!({
        "form": FORM,
        "certificate_of": request.operation,
        "request": { "number": request.label(), "id": request.id },
        "subject": plan.and_then(|plan| plan.plan.subject.clone()),
        "asked": { "slack_user": request.requester.name(), "at": request.asked_at },
        "approved": approvers,
        "plan": { "sha256": plan.map(|plan| plan.digest) },
        "steps": steps,
        "kept": plan.map(|plan| plan.plan.kept.clone()),
        "warnings": plan.map(|plan| texts(&plan.plan.warnings)),
        "journal": { "version": version, "hash": hex::encode(hash) },
        "erased_at": ledger::rows_may_have_gone(context).await?,
        "issued_at": context.now,
    }))
}

fn texts(warnings: &[Warning]) -> Vec<&str> {
    warnings.iter().map(|one| one.text.as_str()).collect()
}

/// The signature is HMAC-SHA256 under the audit key over the canonical JSON of everything else.
fn signed(key: &AuditKey, document: &Value) -> String {
    let signature = hex::encode(key.sign(canonical_json(document).as_bytes()));
    let mut document = document.clone();
    document["signature"] = signature.into();
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The signature of a stored certificate, when it is valid and the certificate is of this request.
fn own_signature(context: &StepContext<'_>, text: &[u8]) -> Option<String> {
    let (value, signature) = genuine(&context.systems.key, text)?;
    (value["request"]["id"] == json!(context.request.id)).then_some(signature)
}

/// A certificate without its signature, and the signature, when it is valid.
pub(in crate::operations) fn genuine(key: &AuditKey, text: &[u8]) -> Option<(Value, String)> {
    let mut value = serde_json::from_slice::<Value>(text).ok()?;
    let signature = value.as_object_mut()?.remove("signature")?;
    let signature = signature.as_str()?.to_owned();
    let expected = key.sign(canonical_json(&value).as_bytes());
    (signature == hex::encode(expected)).then_some((value, signature))
}

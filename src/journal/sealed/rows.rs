//! The sealed tables: one type each, with the columns that its MAC covers.

use chrono::serde::{ts_microseconds, ts_microseconds_option};
use serde::Serialize;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::SealedRow;
use crate::domain::Instant;

/// What came in from Slack. How often and when it is tried is not covered: forging that only delays or repeats a look.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct InboxRow {
    /// The delivery's key.
    pub dedupe_key: String,
    /// What was done, as JSON.
    pub payload: Option<Value>,
    #[serde(with = "ts_microseconds")]
    pub received_at: Instant,
}

impl SealedRow for InboxRow {
    const TABLE: &'static str = "inbox";
    // The payload of what was done is gone, so its MAC cannot be checked any more.
    const CHECKED: &'static str = "done_at is null or failed_at is not null";
}

/// An answer to one person.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ReplyRow {
    pub id: Uuid,
    /// To whom and where.
    pub target: Value,
    /// What is said.
    pub card: Value,
    /// When it was decided.
    #[serde(with = "ts_microseconds")]
    pub created_at: Instant,
}

impl SealedRow for ReplyRow {
    const TABLE: &'static str = "reply";
    const CHECKED: &'static str = "done_at is null";
}

/// A refund. When it is looked at next is not covered.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct RefundRow {
    pub request_id: Uuid,
    /// Stripe does a call once per key.
    pub idempotency_key: String,
    /// The payment intent, or the charge that has none.
    pub payment: String,
    /// In the currency's smallest unit.
    pub amount: i64,
    /// Its code.
    pub currency: String,
    /// What had gone back when it was approved, in the smallest unit.
    pub refunded_before: i64,
    /// Whose credits are taken.
    pub user_id: Option<String>,
    /// When it was written down.
    #[serde(with = "ts_microseconds")]
    pub written_at: Instant,
    /// When it was first sent.
    #[serde(with = "ts_microseconds_option")]
    pub sent_at: Option<Instant>,
    /// Stripe's id of it.
    pub refund_id: Option<String>,
    #[serde(with = "ts_microseconds_option")]
    pub closed_at: Option<Instant>,
    pub closed_why: Option<String>,
    /// Calls to Stripe that may have had their effect.
    pub in_doubt: i32,
}

impl SealedRow for RefundRow {
    const TABLE: &'static str = "refund";
}

/// A claim to a payment for which credits are given.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct GrantRow {
    pub request_id: Uuid,
    /// The payment's id.
    pub payment: String,
    /// The application's user id.
    pub user_id: String,
    pub credits: i64,
}

impl SealedRow for GrantRow {
    const TABLE: &'static str = "credit_grant";
}

/// An entry of the ledger of erasures. When the rows went is not covered: `erasure replay` shows whom it would erase and has
/// it approved.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ErasureEntry {
    /// The deletion.
    pub request_id: Uuid,
    /// The application's user id.
    pub user_id: String,
    /// A keyed hash of the address.
    pub email_identity: Option<String>,
}

impl SealedRow for ErasureEntry {
    const TABLE: &'static str = "erasure_ledger";
}

/// A key that rows name, in one erasure.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ErasureKey {
    /// The erasure.
    pub request_id: Uuid,
    pub key: String,
    /// Whether it stays.
    pub kept: bool,
}

impl SealedRow for ErasureKey {
    const TABLE: &'static str = "erasure_key";
}

/// A version of a file that is erased. Whether it is ticked off is not covered: the bucket is looked at again at the end.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ErasureObject {
    /// The erasure.
    pub request_id: Uuid,
    /// The file's key.
    pub key: String,
    /// Empty where the bucket keeps no versions.
    pub version_id: String,
    /// Whether it is a delete marker.
    pub delete_marker: bool,
}

impl SealedRow for ErasureObject {
    const TABLE: &'static str = "erasure_object";
}

/// The account that is being erased.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ErasureSubject {
    /// The erasure.
    pub request_id: Uuid,
    /// The application's user id.
    pub user_id: Option<String>,
    /// Its address.
    pub email: Option<String>,
}

impl SealedRow for ErasureSubject {
    const TABLE: &'static str = "erasure_subject";
}

/// A message in Slack. What it shows is drawn from the journal, and where it stands is compared with the recipient.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct MessageRow {
    /// What it draws.
    pub slot: String,
    /// The request that it is about.
    pub request_id: Option<Uuid>,
    /// The channel or person it goes to.
    pub recipient: String,
}

impl SealedRow for MessageRow {
    const TABLE: &'static str = "message";
}

/// A picture of an answer that was uploaded to Slack.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct PictureRow {
    pub answer: Uuid,
    pub part: i32,
    /// Slack's id of the file.
    pub file: String,
}

impl SealedRow for PictureRow {
    const TABLE: &'static str = "picture";
}

/// An archive of an export. That it is deleted is not covered: what no row counts as there is deleted.
#[derive(Debug, Clone, Serialize, FromRow)]
pub struct ArchiveRow {
    /// Its key in the documents' bucket.
    pub key: String,
    /// The export.
    pub request_id: Uuid,
    /// Whose data is in it.
    pub user_id: String,
    #[serde(with = "ts_microseconds")]
    pub begun_at: Instant,
    /// When it is deleted.
    #[serde(with = "ts_microseconds")]
    pub expires_at: Instant,
    /// What is in it, once it is complete.
    pub result: Option<Value>,
}

impl SealedRow for ArchiveRow {
    const TABLE: &'static str = "export_archive";
}

//! Lends the archive out: a link for the requester alone.

use chrono::Duration;
use serde_json::{Value, json};

use super::archives::{self, Archive};
use crate::{
    amounts,
    domain::{
        Instant,
        answer::{Answer, Done, Part},
        event::StepResult,
    },
    operations::{StepContext, StepError},
};

/// Makes the link. It is in the answer and nowhere else; the journal says until when it works.
pub(super) async fn hand_over(context: &StepContext<'_>) -> Result<Done, StepError> {
    let Some(archive) = archives::archive(context).await? else {
        return Err(StepError::Failed(
            "the archive is not there any more: ask for a new export".to_owned(),
        ));
    };
    let left = archive.expires_at - context.now;
    let life = Duration::from_std(context.systems.exports.link).unwrap_or(left);
    let life = life.min(left);
    let link = context
        .systems
        .documents
        .presign_get(&archive.key, life.to_std().unwrap_or_default())
        .await?;
    let until = context.now + life;
    let result = StepResult::from([
        (
            "note".to_owned(),
            "the requester has the link in a direct message".into(),
        ),
        ("link_works_until".to_owned(), json!(told(until))),
        (
            "archive_deleted_at".to_owned(),
            json!(told(archive.expires_at)),
        ),
    ]);
    let answer = answer(context, &archive, link.reveal(), until);
    Ok(Done::answered(result, answer))
}

fn answer(context: &StepContext<'_>, archive: &Archive, link: &str, until: Instant) -> Answer {
    let number = |name: &str| {
        let value = archive.result.get(name).and_then(Value::as_u64);
        value.unwrap_or_default()
    };
    let whom = context.private_data.label.clone().unwrap_or_default();
    let sha256 = archive.result.get("sha256").and_then(Value::as_str);
    Answer::default()
        .heading("The archive is ready")
        .facts([
            ("Whose", whom),
            ("Rows", amounts::count(number("rows"))),
            ("Files in it", amounts::count(number("objects"))),
            ("Size", amounts::bytes(number("archive_bytes"))),
            ("SHA-256", sha256.unwrap_or_default().to_owned()),
        ])
        .with(Part::Link {
            label: format!("Download the archive of {}", context.request.label()),
            url: link.to_owned(),
        })
        .text(format!(
            "The link works until {}, for whoever has it. The archive is deleted on {}; after that, ask for a new export.",
            told(until),
            told(archive.expires_at)
        ))
        .warning("It holds personal data. Hand it to the person over a channel that is theirs alone, and keep no copy.")
}

fn told(time: Instant) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

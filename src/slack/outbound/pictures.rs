//! Pictures of answers: uploaded before the message that shows them is sent, once each, and deleted when the answer is
//! erased. An answer is worth more than its picture: what cannot be uploaded is told in words.

use base64::{Engine, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::{
    LONGEST_PAUSE, Outbound, channel::Outcome, draw::Drawn, pace::Turn, row::Due, send::NotSent,
};
use crate::{
    domain::{answer::Part, private_data::PrivateData},
    journal::sealed::{PictureRow, Sealed, SealedRow},
    slack::{
        cards::Pictures,
        client::{Retry, SlackError},
    },
};

/// How often Slack may refuse a message with a picture before the picture is told in words. Slack works on a file for a
/// while after its upload, and until then takes no message that names it; these tries are spread over half a minute.
const MOST_REFUSALS: i32 = 6;
/// How often a message waits because an upload failed in passing. After that it goes out without the picture.
const UPLOAD_TRIES: i32 = 6;

/// The pictures of one message.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// What Slack has and the message shows.
    pub files: Pictures,
    /// What Slack does not have yet.
    missing: Vec<Missing>,
    /// What Slack has although the answer was erased.
    erased: Vec<PictureRow>,
}

#[derive(Debug)]
struct Missing {
    answer: Uuid,
    part: usize,
    alt: String,
    png: String,
}

impl Outbound {
    /// What is known of the pictures of these answers.
    pub(super) async fn pictures(
        &self,
        answers: &[Uuid],
        private_data: &PrivateData,
    ) -> Result<Wanted, sqlx::Error> {
        let known = self.uploaded(answers).await?;
        let mut wanted = Wanted::default();
        for answer in answers {
            let Some(text) = private_data.answers.get(answer) else {
                let files = known.iter().map(|(row, _)| row);
                let files = files.filter(|row| row.answer == *answer);
                wanted.erased.extend(files.cloned());
                continue;
            };
            for (part, what) in text.parts.iter().enumerate() {
                let Part::Picture { alt, png } = what else {
                    continue;
                };
                let uploaded = known.iter().find(|(row, _)| {
                    row.answer == *answer && usize::try_from(row.part) == Ok(part)
                });
                match uploaded {
                    Some((_, refused)) if *refused >= MOST_REFUSALS => {}
                    Some((row, _)) => {
                        wanted.files.insert((*answer, part), row.file.clone());
                    }
                    None => wanted.missing.push(Missing {
                        answer: *answer,
                        part,
                        alt: alt.clone(),
                        png: png.clone(),
                    }),
                }
            }
        }
        Ok(wanted)
    }

    /// The uploads of these answers, and how often Slack refused each. A row that somebody else wrote counts as none: the
    /// picture is uploaded again.
    async fn uploaded(&self, answers: &[Uuid]) -> Result<Vec<(PictureRow, i32)>, sqlx::Error> {
        let rows = sqlx::query!(
            "select answer, part, file, refused, mac from countersign.picture where answer = any($1) order by answer, part",
            answers
        )
        .fetch_all(&self.journal.pool)
        .await?;
        let genuine = rows.into_iter().filter_map(|it| {
            let row = PictureRow {
                answer: it.answer,
                part: it.part,
                file: it.file,
            };
            let sealed = Sealed { row, mac: it.mac };
            Some((sealed.open(&self.journal.key)?, it.refused))
        });
        Ok(genuine.collect())
    }

    /// Uploads what the message shows and Slack does not have, deletes what was erased, and gives the message as it can
    /// be sent now; else what keeps it.
    pub(super) async fn with_pictures(
        &self,
        turn: &Turn,
        due: &Due,
        drawn: Drawn,
    ) -> Result<Result<Drawn, Outcome>, sqlx::Error> {
        if let Err(error) = self.delete(&drawn.pictures).await {
            return match error {
                NotSent::Slack(error) => self.after_failure(turn, due, &error).await.map(Err),
                NotSent::Store(error) => Err(error),
                NotSent::TurnOver => Ok(Err(Outcome::TurnOver)),
            };
        }
        if drawn.pictures.missing.is_empty() {
            return Ok(Ok(drawn));
        }
        let error = match self.upload(turn, &drawn.pictures.missing).await {
            Ok(()) => return Ok(Ok(self.draw_again(due, drawn).await?)),
            Err(NotSent::TurnOver) => return Ok(Err(Outcome::TurnOver)),
            Err(NotSent::Store(error)) => return Err(error),
            Err(NotSent::Slack(error)) => error,
        };
        match error.retry() {
            Retry::After(wait) => {
                let wait = chrono::Duration::from_std(wait).unwrap_or(LONGEST_PAUSE);
                Ok(Err(Outcome::Rest(self.clock.now() + wait)))
            }
            Retry::Later | Retry::LookFirst if due.attempts < UPLOAD_TRIES => {
                tracing::warn!(slot = %due.slot, %error, "a picture was not uploaded");
                self.rest(due, LONGEST_PAUSE).await.map(Err)
            }
            _ => {
                tracing::error!(slot = %due.slot, %error, "a picture cannot be uploaded; it is told in words");
                metrics::counter!("countersign_slack_pictures_lost_total").increment(1);
                Ok(Ok(drawn))
            }
        }
    }

    async fn draw_again(&self, due: &Due, drawn: Drawn) -> Result<Drawn, sqlx::Error> {
        use super::draw::DrawError;
        match self.draw(&due.slot, due.request_id, due.wanted).await {
            Ok(drawn) => Ok(drawn),
            Err(DrawError::Store(error)) => Err(error),
            // It could be drawn a moment ago, and without the picture it is as true.
            Err(_) => Ok(drawn),
        }
    }

    async fn upload(&self, turn: &Turn, missing: &[Missing]) -> Result<(), NotSent> {
        for picture in missing {
            let Ok(bytes) = STANDARD.decode(&picture.png) else {
                tracing::error!(answer = %picture.answer, "a picture is not in base64");
                continue;
            };
            self.still_my_turn(turn).await?;
            let file = self
                .api
                .upload_file("plot.png", &picture.alt, bytes)
                .await?;
            let row = PictureRow {
                answer: picture.answer,
                part: i32::try_from(picture.part).unwrap_or(i32::MAX),
                file,
            };
            sqlx::query!(
                r#"insert into countersign.picture (answer, part, file, mac) values ($1, $2, $3, $4)
                   on conflict (answer, part) do update set file = excluded.file, refused = 0, mac = excluded.mac"#,
                row.answer,
                row.part,
                row.file,
                row.mac(&self.journal.key)
            )
            .execute(&self.journal.pool)
            .await?;
        }
        Ok(())
    }

    async fn delete(&self, pictures: &Wanted) -> Result<(), NotSent> {
        for picture in &pictures.erased {
            match self.api.delete_file(&picture.file).await {
                Ok(()) | Err(SlackError::Gone { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            sqlx::query!(
                "delete from countersign.picture where answer = $1 and part = $2",
                picture.answer,
                picture.part
            )
            .execute(&self.journal.pool)
            .await?;
        }
        Ok(())
    }

    /// Slack refused a message with these pictures: one of them may not be usable yet.
    pub(super) async fn refused(&self, files: &Pictures) -> Result<(), sqlx::Error> {
        let files: Vec<String> = files.values().cloned().collect();
        sqlx::query!(
            "update countersign.picture set refused = refused + 1 where file = any($1)",
            &files
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }
}

/// Whether a picture may be the reason why Slack does not take a message.
pub(super) fn may_be_why(files: &Pictures, error: &SlackError) -> bool {
    !files.is_empty()
        && matches!(error, SlackError::Refused { code, .. } if code == "invalid_blocks")
}

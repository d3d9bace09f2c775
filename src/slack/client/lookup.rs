use serde::Deserialize;
use serde_json::Value;

use super::{Cause, KEY_FIELD, SlackApi, SlackError, error::Effect};
use crate::runtime::Instant;

/// How many messages are asked for at once. Slack's own recommendation is at most 200.
const PAGE_SIZE: usize = 200;

/// How many pages are read before the search gives up: 10 000 messages since the post in doubt.
pub const MAX_LOOKUP_PAGES: usize = 50;

#[derive(Deserialize)]
struct Page {
    messages: Vec<Message>,
    #[serde(default)]
    response_metadata: Option<Cursor>,
}

#[derive(Deserialize)]
struct Message {
    ts: String,
    #[serde(default)]
    bot_id: Option<String>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Default, Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl SlackApi {
    /// Looks for a message of ours in a channel, or in a thread of it, by its metadata: the timestamp when it is
    /// there, `None` when it is certain that it is not. For posts in doubt.
    ///
    /// `since` is when the first attempt was made, less what the clocks may differ. Messages with our key that another
    /// app posted do not count.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Unavailable`] also after [`MAX_LOOKUP_PAGES`], because then nothing is certain.
    pub async fn find_posted(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        since: Instant,
        event_type: &str,
        key: &str,
    ) -> Result<Option<String>, SlackError> {
        let method = match thread_ts {
            Some(_) => "conversations.replies",
            None => "conversations.history",
        };
        let ourselves = self.ourselves().await?;
        let mut params = vec![
            ("channel", channel.to_owned()),
            ("oldest", format!("{}.000000", since.timestamp())),
            ("inclusive", "true".to_owned()),
            ("limit", PAGE_SIZE.to_string()),
            ("include_all_metadata", "true".to_owned()),
        ];
        params.extend(thread_ts.map(|ts| ("ts", ts.to_owned())));
        let fixed = params.len();
        for _ in 0..MAX_LOOKUP_PAGES {
            let page: Page = self.read(method, &params).await?;
            let found = page.messages.into_iter().find(|message| {
                message.is_by(ourselves.bot_id.as_deref()) && message.has(event_type, key)
            });
            if let Some(message) = found {
                return Ok(Some(message.ts));
            }
            let cursor = page.response_metadata.unwrap_or_default().next_cursor;
            let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
                return Ok(None);
            };
            params.truncate(fixed);
            params.push(("cursor", cursor));
        }
        let cause = Cause::Code("too_many_messages".to_owned());
        Err(SlackError::unavailable(method, Effect::None, cause))
    }
}

impl Message {
    fn is_by(&self, bot_id: Option<&str>) -> bool {
        match (&self.bot_id, bot_id) {
            (Some(author), Some(ours)) => author == ours,
            _ => true,
        }
    }

    fn has(&self, event_type: &str, key: &str) -> bool {
        self.metadata["event_type"] == event_type
            && self.metadata["event_payload"][KEY_FIELD] == key
    }
}

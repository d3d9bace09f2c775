use std::collections::BTreeMap;

use serde::Deserialize;
use slack_morphism::{
    SlackChannelId, SlackMessageContent, SlackMessageMetadata, SlackTs, SlackUserId,
    api::{
        SlackApiChatDeleteRequest, SlackApiChatPostEphemeralRequest,
        SlackApiChatPostMessageRequest, SlackApiChatUpdateRequest,
    },
    blocks::SlackBlock,
};

use super::{SlackApi, SlackError};

/// The field of a message's metadata by which the message is found again.
pub const KEY_FIELD: &str = "key";

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The text for notifications and for screen readers, and the whole message when there are no blocks.
    pub text: String,
    /// What is shown.
    pub blocks: Vec<SlackBlock>,
    /// What the message is about, for programs.
    pub metadata: Option<Metadata>,
}

/// What a message is about. Only text: a number would make the library refuse every click on the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// For example `countersign_request`.
    pub event_type: String,
    /// The facts. [`KEY_FIELD`] is what [`SlackApi::find_posted`] looks for.
    pub event_payload: BTreeMap<String, String>,
}

/// Where a message is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Posted {
    /// The channel, as Slack names it: posting to a person gives the direct message's channel.
    pub channel: String,
    /// The message's timestamp, which is its id in the channel.
    pub ts: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl Metadata {
    /// Metadata with one fact, the key.
    #[must_use]
    pub fn keyed(event_type: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            event_type: event_type.into(),
            event_payload: BTreeMap::from([(KEY_FIELD.to_owned(), key.into())]),
        }
    }
}

impl SlackApi {
    /// Posts a message, into a thread when one is given. Links are not unfolded.
    ///
    /// # Errors
    /// [`SlackError`]. When it is in doubt, look with [`SlackApi::find_posted`] before posting again.
    pub async fn post_message(
        &self,
        channel: &str,
        thread_ts: Option<&str>,
        content: &Content,
    ) -> Result<Posted, SlackError> {
        let request =
            SlackApiChatPostMessageRequest::new(SlackChannelId(channel.to_owned()), post(content))
                .opt_thread_ts(thread_ts.map(|ts| SlackTs(ts.to_owned())))
                .with_unfurl_links(false)
                .with_unfurl_media(false);
        self.write("chat.postMessage", &request).await
    }

    /// Replaces a message's text, blocks and, when given, metadata. May be repeated.
    pub async fn update_message(&self, at: &Posted, content: &Content) -> Result<(), SlackError> {
        // Blocks that are left out would stay as they were.
        let content = post(content).with_blocks(content.blocks.clone());
        let channel = SlackChannelId(at.channel.clone());
        let request = SlackApiChatUpdateRequest::new(channel, content, SlackTs(at.ts.clone()));
        let Nothing {} = self.write("chat.update", &request).await?;
        Ok(())
    }

    /// Deletes a message. May be repeated; then it is [`SlackError::Gone`].
    pub async fn delete_message(&self, at: &Posted) -> Result<(), SlackError> {
        let channel = SlackChannelId(at.channel.clone());
        let request = SlackApiChatDeleteRequest::new(channel, SlackTs(at.ts.clone()));
        let Nothing {} = self.write("chat.delete", &request).await?;
        Ok(())
    }

    /// Posts a message that one person sees until they reload. It cannot be updated, found again or relied on.
    pub async fn post_ephemeral(
        &self,
        channel: &str,
        user: &str,
        thread_ts: Option<&str>,
        content: &Content,
    ) -> Result<(), SlackError> {
        let request = SlackApiChatPostEphemeralRequest::new(
            SlackChannelId(channel.to_owned()),
            SlackUserId(user.to_owned()),
            post(content),
        )
        .opt_thread_ts(thread_ts.map(|ts| SlackTs(ts.to_owned())));
        let Nothing {} = self.write("chat.postEphemeral", &request).await?;
        Ok(())
    }
}

fn post(content: &Content) -> SlackMessageContent {
    let blocks = (!content.blocks.is_empty()).then(|| content.blocks.clone());
    let metadata = content.metadata.as_ref().map(|metadata| {
        let facts = metadata.event_payload.clone().into_iter().collect();
        SlackMessageMetadata::new(metadata.event_type.clone()).with_event_payload(facts)
    });
    SlackMessageContent::new()
        .with_text(content.text.clone())
        .opt_blocks(blocks)
        .opt_metadata(metadata)
}

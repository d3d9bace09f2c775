//! Uploading pictures, in the three calls that Slack wants, and deleting them.

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{Cause, SlackApi, SlackError, error::Effect, measured};

/// The name under which the upload itself appears in errors: its URL is good for whoever has it.
const UPLOAD: &str = "the upload";

#[derive(Deserialize)]
struct Place {
    upload_url: String,
    file_id: String,
}

#[derive(Serialize)]
struct Complete<'a> {
    files: [Named<'a>; 1],
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct Delete<'a> {
    file: &'a str,
}

#[derive(Deserialize)]
struct Nothing {}

impl SlackApi {
    /// Uploads a file that no channel sees, and gives its id. Slack goes on working on it: a message may name it a
    /// moment later only. Repeating it makes another file.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Auth`] without the scope `files:write`.
    pub async fn upload_file(
        &self,
        name: &str,
        title: &str,
        bytes: Vec<u8>,
    ) -> Result<String, SlackError> {
        let length = bytes.len().to_string();
        let params = [("filename", name.to_owned()), ("length", length)];
        let place: Place = self.read("files.getUploadURLExternal", &params).await?;
        self.send_content(&place.upload_url, bytes).await?;
        let id = place.file_id.as_str();
        let complete = Complete {
            files: [Named { id, title }],
        };
        let Nothing {} = self
            .write("files.completeUploadExternal", &complete)
            .await?;
        Ok(place.file_id)
    }

    /// Deletes a file of ours. May be repeated; then it is [`SlackError::Gone`].
    pub async fn delete_file(&self, file: &str) -> Result<(), SlackError> {
        let Nothing {} = self.write("files.delete", &Delete { file }).await?;
        Ok(())
    }

    /// The content goes to an address of its own, without our token.
    async fn send_content(&self, url: &str, bytes: Vec<u8>) -> Result<(), SlackError> {
        let Some(url) = self.upload_place(url) else {
            let foreign = "foreign_url";
            return Err(SlackError::from_code(UPLOAD, Effect::None, foreign, vec![]));
        };
        measured(UPLOAD, self.send_content_to(url, bytes)).await
    }

    async fn send_content_to(&self, url: Url, bytes: Vec<u8>) -> Result<(), SlackError> {
        let call = self.http.post(url).body(bytes).send();
        let response = match tokio::time::timeout(self.timeout, call).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_timeout() => return Err(unavailable(Cause::Timeout)),
            Ok(Err(_)) => return Err(unavailable(Cause::Connection)),
            Err(_) => return Err(unavailable(Cause::Timeout)),
        };
        match response.status().as_u16() {
            200..=299 => Ok(()),
            429 => Err(SlackError::rate_limited(UPLOAD, None)),
            status => Err(SlackError::from_status(UPLOAD, Effect::None, status)),
        }
    }

    /// The URL, when it is on the Web API's own host or on one below it: files go to `files.slack.com`.
    fn upload_place(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let host = url.host_str()?;
        let api_host = self.api_url.host_str()?;
        let below = host.strip_suffix(api_host);
        let is_slack = below.is_some_and(|below| below.is_empty() || below.ends_with('.'));
        (is_slack && url.scheme() == self.api_url.scheme()).then_some(url)
    }
}

/// Content that arrived without its upload being completed has no effect.
fn unavailable(cause: Cause) -> SlackError {
    SlackError::unavailable(UPLOAD, Effect::None, cause)
}

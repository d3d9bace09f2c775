use std::time::Duration;

use serde::Deserialize;
use slack_morphism::{
    SlackTriggerId, SlackViewId,
    api::{SlackApiViewsOpenRequest, SlackApiViewsUpdateRequest},
    blocks::SlackView,
};

use super::{SlackApi, SlackError};

/// How long opening a view may take. Its trigger is worth nothing after three seconds.
const OPEN_TIMEOUT: Duration = Duration::from_millis(2500);

/// A view that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OpenedView {
    /// The view's id.
    pub id: String,
    /// Changes with every update.
    #[serde(default)]
    pub hash: Option<String>,
}

#[derive(Deserialize)]
struct Shown {
    view: OpenedView,
}

impl SlackApi {
    /// Opens a view for the person whose command or click gave the trigger, which works once.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Gone`] when the trigger is used or too old.
    pub async fn open_view(
        &self,
        trigger_id: &str,
        view: SlackView,
    ) -> Result<OpenedView, SlackError> {
        let request = SlackApiViewsOpenRequest::new(SlackTriggerId(trigger_id.to_owned()), view);
        let shown: Shown = self
            .write_within(OPEN_TIMEOUT, "views.open", &request)
            .await?;
        Ok(shown.view)
    }

    /// Replaces a view; with a hash, only when it is still the one that the hash is of.
    ///
    /// # Errors
    /// [`SlackError`]; [`SlackError::Refused`] with `hash_conflict` when it has changed since, [`SlackError::Gone`]
    /// when it was closed.
    pub async fn update_view(
        &self,
        view_id: &str,
        hash: Option<&str>,
        view: SlackView,
    ) -> Result<OpenedView, SlackError> {
        // An empty hash never matches: it is left out.
        let hash = hash.filter(|hash| !hash.is_empty()).map(str::to_owned);
        let request = SlackApiViewsUpdateRequest::new(view)
            .with_view_id(SlackViewId(view_id.to_owned()))
            .opt_hash(hash);
        let shown: Shown = self.write("views.update", &request).await?;
        Ok(shown.view)
    }
}

use std::fmt;

use serde::Deserialize;

use super::{ViewState, lenient};

/// A view (modal or home) that something was done in.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct View {
    /// The view's id, `V…`.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    /// `modal` or `home`.
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    /// Changes with every update of the view by us; given back to update only what the person saw.
    #[serde(deserialize_with = "lenient")]
    pub hash: Option<String>,
    /// Our name for this kind of view.
    #[serde(deserialize_with = "lenient")]
    pub callback_id: Option<String>,
    /// What we stored in the view. It comes back through the person's hands: never authority.
    #[serde(deserialize_with = "lenient")]
    pub private_metadata: Option<String>,
    /// Our own id for the view.
    #[serde(deserialize_with = "lenient")]
    pub external_id: Option<String>,
    /// The first view of the stack.
    #[serde(deserialize_with = "lenient")]
    pub root_view_id: Option<String>,
    /// The workspace of the view.
    #[serde(deserialize_with = "lenient")]
    pub team_id: Option<String>,
    /// The workspace in which the app is installed. It differs from the person's in Slack Connect.
    #[serde(deserialize_with = "lenient")]
    pub app_installed_team_id: Option<String>,
    /// What is typed and chosen.
    #[serde(deserialize_with = "lenient")]
    pub state: ViewState,
}

/// A place to answer to, from a view with a channel select that asks for one.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ViewResponseUrl {
    /// The block of the select.
    pub block_id: Option<String>,
    /// The action of the select.
    pub action_id: Option<String>,
    /// The channel that was chosen.
    pub channel_id: Option<String>,
    /// Where to post. Whoever knows it can post: never log it.
    pub response_url: Option<String>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("id", &self.id)
            .field("callback_id", &self.callback_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ViewResponseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewResponseUrl")
            .field("channel_id", &self.channel_id)
            .finish_non_exhaustive()
    }
}

//! What people and Slack do to the app.

use serde_json::Value;

use super::Workspace;
use crate::slack::{
    deliver::{self, Delivery, Outcome, Pick, Submission, Suggestions},
    signing::Outgoing,
};

impl Workspace {
    /// A person types a command line, such as `/ops whoami`.
    ///
    /// # Errors
    /// When Slack would not let this person type it there. What the app does wrong is in the [`Delivery`].
    pub async fn slash(&self, user: &str, channel: &str, line: &str) -> anyhow::Result<Delivery> {
        deliver::slash(&self.shared, user, channel, line).await
    }

    /// The same with a text that reaches the app exactly as given.
    ///
    /// # Errors
    /// As [`Workspace::slash`].
    pub async fn slash_raw(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> anyhow::Result<Delivery> {
        deliver::slash_raw(&self.shared, user, channel, command, text).await
    }

    /// A person writes a message, in a thread with `thread_ts`; a text with a leading `/` is a command.
    ///
    /// # Errors
    /// When Slack would refuse it.
    pub async fn say(
        &self,
        user: &str,
        channel: &str,
        text: &str,
        thread_ts: Option<&str>,
    ) -> anyhow::Result<Option<Delivery>> {
        deliver::say(&self.shared, user, channel, text, thread_ts).await
    }

    /// A person presses a button of a message.
    ///
    /// # Errors
    /// When there is no such button for this person.
    pub async fn click(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        action_id: &str,
    ) -> anyhow::Result<Delivery> {
        self.pick(&Pick::on_message(user, channel, ts, action_id))
            .await
    }

    /// A person presses or chooses something on a message, in a modal or on the Home tab.
    ///
    /// # Errors
    /// When there is no such thing for this person.
    pub async fn pick(&self, pick: &Pick) -> anyhow::Result<Delivery> {
        deliver::click(&self.shared, pick).await
    }

    /// A person fills a modal in and submits it. `values` is `{block_id: {action_id: entered}}`, where `entered` is an
    /// object as in `state.values`, or in short what was typed or the value of the chosen option.
    ///
    /// # Errors
    /// When the modal is not on top of this person's screen, or has no such input.
    pub async fn submit(
        &self,
        user: &str,
        view_id: &str,
        values: &Value,
    ) -> anyhow::Result<Submission> {
        deliver::submit(&self.shared, user, view_id, values)
            .await
            .map(|(submission, _)| submission)
    }

    /// The same, with the request, so that it can be sent again.
    ///
    /// # Errors
    /// As [`Workspace::submit`].
    pub async fn submit_delivery(
        &self,
        user: &str,
        view_id: &str,
        values: &Value,
    ) -> anyhow::Result<(Submission, Option<Delivery>)> {
        deliver::submit(&self.shared, user, view_id, values).await
    }

    /// A person closes a modal with its cancel button, or with `clear` all of them with the cross. There is a
    /// [`Delivery`] when the app asked to be told.
    ///
    /// # Errors
    /// When it is not open for this person.
    pub async fn close_view(
        &self,
        user: &str,
        view_id: &str,
        clear: bool,
    ) -> anyhow::Result<Option<Delivery>> {
        deliver::close(&self.shared, user, view_id, clear).await
    }

    /// A person types into an external select.
    ///
    /// # Errors
    /// When there is no such select.
    pub async fn suggest(&self, pick: &Pick, typed: &str) -> anyhow::Result<Suggestions> {
        deliver::suggest(&self.shared, pick, typed).await
    }

    /// A person opens the app's Home tab.
    ///
    /// # Errors
    /// When this person cannot use Slack.
    pub async fn open_home(&self, user: &str) -> anyhow::Result<Delivery> {
        deliver::open_home(&self.shared, user).await
    }

    /// Sends an event (the inner object); what fails is sent again as Slack does it.
    pub async fn event(&self, event: &Value) -> Delivery {
        deliver::event(&self.shared, event).await
    }

    /// The handshake for the URL of events.
    ///
    /// # Errors
    /// When the app does not answer the challenge.
    pub async fn verify_url(&self) -> anyhow::Result<()> {
        deliver::verify_url(&self.shared).await
    }

    /// The request that a typed command makes, whoever types it and whether or not they could.
    ///
    /// # Errors
    /// When the person or channel is unknown.
    pub fn command_request(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> anyhow::Result<Outgoing> {
        self.shared.change(|core| {
            deliver::command_request(&self.shared, core, user, channel, command, text)
        })
    }

    /// The request that a click makes, whoever clicks and whether or not they could.
    ///
    /// # Errors
    /// When there is nothing to press.
    pub fn click_request(&self, pick: &Pick) -> anyhow::Result<Outgoing> {
        self.shared
            .change(|core| deliver::click_request(&self.shared, core, pick))
    }

    /// Sends a request to the app as it is: a forged one, or one again.
    pub async fn send(&self, request: &Outgoing) -> Outcome {
        deliver::post(&self.shared, request).await
    }
}

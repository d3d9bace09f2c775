//! The handle on a running workspace.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Context as _;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{
    api,
    call::Call,
    core::{Core, Shared},
    deliver::{self, Delivery, Outcome, Pick, Submission, Suggestions},
    faults::Faults,
    hooks,
    model::{Channel, Message, User, UserGroup, View},
    page_api,
    registry::{Panel, PanelEntry, SwitchEntry},
    server,
    settings::Settings,
    signing::Outgoing,
    waiting,
    world::World,
};

/// How often events that are due again are looked for, in real time.
const TICK: Duration = Duration::from_millis(100);

/// A simulated Slack workspace that is running. Clones are the same workspace.
#[derive(Clone)]
pub struct Workspace {
    pub(super) shared: Arc<Shared>,
}

impl Workspace {
    /// Starts one.
    ///
    /// # Errors
    /// When the address or the record file cannot be used.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.bind)
            .await
            .context("cannot listen for the workspace")?;
        let base_url = format!(
            "http://{}",
            listener.local_addr().context("no local address")?
        );
        let shared = Shared::new(settings, base_url)?;
        let routes = api::router()
            .merge(hooks::router())
            .merge(page_api::router());
        let router = routes
            .layer(api::body_limit())
            .with_state(Arc::clone(&shared));
        shared
            .tasks
            .spawn(server::serve(Arc::clone(&shared), listener, router));
        shared.tasks.spawn(tick(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// Where it listens; the page is here.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// What the app gets as the Web API's URL, without a slash at the end.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}/api", self.shared.base_url)
    }

    /// The secret that requests are signed with.
    #[must_use]
    pub fn signing_secret(&self) -> &str {
        &self.shared.settings.signing_secret
    }

    /// The token that the app has to present.
    #[must_use]
    pub fn bot_token(&self) -> &str {
        &self.shared.settings.bot_token
    }

    /// Where the app listens, without a slash at the end. It may change while everything runs.
    pub fn set_app_url(&self, url: &str) {
        let url = url.trim_end_matches('/').to_owned();
        self.shared.change(|core| core.app_url = Some(url));
    }

    /// Stops everything and waits until it has stopped.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// The switches for what can go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    // What people do.

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

    // What Slack does.

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

    // What is there.

    /// Reads the world.
    pub fn read<T>(&self, read: impl FnOnce(&World) -> T) -> T {
        self.shared.read(|core| read(&core.world))
    }

    /// A copy of the world.
    #[must_use]
    pub fn snapshot(&self) -> World {
        self.read(World::clone)
    }

    /// Waits until `check` finds something; `what` names it in the error, which also shows what there was.
    ///
    /// # Errors
    /// When it does not come about within a generous time.
    pub async fn wait_until<T>(
        &self,
        what: &str,
        check: impl FnMut(&World) -> Option<T>,
    ) -> anyhow::Result<T> {
        waiting::wait_until(&self.shared, what, check).await
    }

    /// What everybody in the channel sees, replies too, oldest first.
    #[must_use]
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        self.read(|world| world.messages(channel).into_iter().cloned().collect())
    }

    /// A parent and its replies.
    #[must_use]
    pub fn thread(&self, channel: &str, ts: &str) -> Vec<Message> {
        self.read(|world| world.thread(channel, ts).into_iter().cloned().collect())
    }

    /// What only this person sees, oldest first.
    #[must_use]
    pub fn ephemerals(&self, user: &str) -> Vec<Message> {
        self.read(|world| world.ephemerals(user).into_iter().cloned().collect())
    }

    /// The messages between the app and this person.
    #[must_use]
    pub fn dm(&self, user: &str) -> Vec<Message> {
        self.read(|world| {
            world
                .dm(user)
                .map(|channel| channel.messages.clone())
                .unwrap_or_default()
        })
    }

    /// This person's open modals; the last one is on top.
    #[must_use]
    pub fn open_views(&self, user: &str) -> Vec<View> {
        self.read(|world| world.open_views(user).into_iter().cloned().collect())
    }

    /// Every request that the app made, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.read(|world| world.calls.clone())
    }

    /// What the app sent that Slack refuses as malformed. Tests assert that there is none.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        self.read(|world| world.unexpected.clone())
    }

    // Changes to the world.

    /// Changes anything.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut World) -> T) -> T {
        self.shared.change(|core| edit(&mut core.world))
    }

    /// Changes a person, for example their flags.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn edit_user(&self, id: &str, edit: impl FnOnce(&mut User)) -> anyhow::Result<()> {
        self.edit(|world| world.users.get_mut(id).map(edit))
            .with_context(|| format!("there is no user {id}"))
    }

    /// Changes a user group, for example its members.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn edit_group(&self, id: &str, edit: impl FnOnce(&mut UserGroup)) -> anyhow::Result<()> {
        self.edit(|world| world.groups.get_mut(id).map(edit))
            .with_context(|| format!("there is no group {id}"))
    }

    /// Changes a channel, for example its members.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn edit_channel(&self, id: &str, edit: impl FnOnce(&mut Channel)) -> anyhow::Result<()> {
        self.edit(|world| world.channels.get_mut(id).map(edit))
            .with_context(|| format!("there is no channel {id}"))
    }

    // What the demo adds to the page.

    /// Adds a switch to the page.
    pub fn register_switch(
        &self,
        id: &str,
        label: &str,
        get: impl Fn() -> bool + Send + Sync + 'static,
        set: impl Fn(bool) + Send + Sync + 'static,
    ) {
        self.shared.registry.add_switch(SwitchEntry {
            id: id.into(),
            label: label.into(),
            get: Arc::new(get),
            set: Arc::new(set),
        });
        self.shared.wake();
    }

    /// Adds a panel to the page; `act` gets the id of the action that was pressed.
    pub fn register_panel<Loading, Acting>(
        &self,
        id: &str,
        title: &str,
        load: impl Fn() -> Loading + Send + Sync + 'static,
        act: impl Fn(String) -> Acting + Send + Sync + 'static,
    ) where
        Loading: Future<Output = Panel> + Send + 'static,
        Acting: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.shared.registry.add_panel(PanelEntry {
            id: id.into(),
            title: title.into(),
            load: Arc::new(move || Box::pin(load())),
            act: Arc::new(move |action| Box::pin(act(action))),
        });
        self.shared.wake();
    }

    /// Tells the page that something changed which the workspace cannot know of, such as a panel's facts.
    pub fn touch(&self) {
        self.shared.wake();
    }

    /// A new time stamp, later than all before, for messages that a test puts in by hand.
    #[must_use]
    pub fn next_ts(&self) -> String {
        self.shared.change(Core::next_ts)
    }
}

/// Sends events again when they are due by the workspace's clock.
async fn tick(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = every.tick() => {}
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = deliver::deliver_due(&shared) => {}
        }
    }
}

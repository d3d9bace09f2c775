//! What is in the workspace: reading it, waiting for it, editing it.

use anyhow::Context as _;
use chrono::TimeDelta;

use super::Workspace;
use crate::slack::{
    call::Call,
    core::Core,
    model::{Channel, Message, User, UserGroup, View},
    waiting,
    world::World,
};

impl Workspace {
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

    /// Has Slack work on files for this long after their upload, before a message can show them.
    pub fn set_file_work(&self, work: TimeDelta) {
        self.shared.change(|core| core.world.file_work = work);
    }

    /// Takes a scope from the app, as after an installation with an older manifest.
    pub fn revoke_scope(&self, scope: &str) {
        self.shared.change(|core| core.world.scopes.remove(scope));
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

    /// A new time stamp, later than all before, for messages that a test puts in by hand.
    #[must_use]
    pub fn next_ts(&self) -> String {
        self.shared.change(Core::next_ts)
    }
}

//! Dialogs open while their trigger lives, for those who may have them. Who somebody is is asked while Slack waits; when it is
//! not known in time, a dialog opens at once that says so and is filled as soon as it is known.

use slack_morphism::blocks::SlackView;

use super::{Delivery, Front};
use crate::{
    config::limits,
    domain::{Person, Refusal, Request, Role, approval::has_role},
    operations::catalogue,
    slack::{
        cards::{self, ModalContext, View},
        client::SlackError,
        directory::Freshness,
        inbound::inbox::{Deadline, Dialog},
        people::{People, PeopleError},
    },
};

/// What somebody reads until it is known who they are.
const LOOKING: &str = "Asking Slack whether you may do this …";
/// What somebody reads when that cannot be known.
const NOT_KNOWN: &str =
    "Slack does not say right now whether you may do this. Close this dialog and try again.";
/// What somebody reads when the dialog cannot be filled.
const NOT_FILLED: &str =
    "Countersign's database does not answer. Close this dialog and try again in a minute.";

/// A dialog that somebody wants.
pub(super) enum Wanted {
    /// The form of an operation.
    Form {
        /// What the operation is called.
        title: String,
        /// The role that may ask for it.
        role: Role,
        /// The form, with what was typed already.
        view: Box<SlackView>,
    },
    /// The dialog of a card's button.
    OfRequest {
        /// Which one.
        dialog: Dialog,
        request: Box<Request>,
        /// What the button said.
        context: ModalContext,
    },
}

/// Whether somebody may have a dialog.
pub(super) enum Verdict {
    /// They may.
    Allowed,
    /// They may not, even by facts that were read just now.
    Refused(Refusal),
    /// It is not known in time.
    Unknown,
}

impl Wanted {
    async fn refusal(
        &self,
        people: &People,
        person: &Person,
    ) -> Result<Option<Refusal>, PeopleError> {
        match self {
            Self::Form { role, .. } => Ok(has_role(person, *role).err()),
            Self::OfRequest {
                dialog,
                request,
                context,
            } => {
                let person = people.before(person, request).await?;
                let nonce = Some(context.nonce.as_str());
                Ok(dialog.refusal(request, &person, context.plan, nonce))
            }
        }
    }

    /// What a dialog shows of a request is for people with a role now, so the facts are fresh. An empty form shows nothing,
    /// and what it brings is decided afresh: facts that were read a while ago may open it, and never refuse it.
    fn first_look(&self) -> Freshness {
        match self {
            Self::OfRequest { .. } => Freshness::Fresh,
            Self::Form { .. } => Freshness::Cached,
        }
    }

    /// What the dialog is called until it is filled.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Form { title, .. } => title.clone(),
            Self::OfRequest { request, .. } => request.label(),
        }
    }
}

impl Front {
    /// Whether somebody may have a dialog, as far as that is known while Slack waits.
    pub(super) async fn verdict(
        &self,
        delivery: &Delivery,
        user: &str,
        wanted: &Wanted,
    ) -> Verdict {
        let people = self.people();
        let look = async {
            let first = people.person(user, wanted.first_look()).await?;
            match wanted.refusal(&people, &first).await? {
                Some(refusal) if refusal.is_rule_violation() => {
                    let now = people.person(user, Freshness::Now).await?;
                    wanted.refusal(&people, &now).await
                }
                refusal => Ok::<_, PeopleError>(refusal),
            }
        };
        let until = Deadline::now() + limits::LOOK_BEFORE_ANSWER;
        match tokio::time::timeout_at(until.min(delivery.answer_by), look).await {
            Ok(Ok(None)) => Verdict::Allowed,
            Ok(Ok(Some(refusal))) => Verdict::Refused(refusal),
            Ok(Err(_)) | Err(_) => Verdict::Unknown,
        }
    }

    /// Opens a dialog. `is_known` says that the person may have it.
    pub(super) fn open(&self, trigger: &str, user: &str, wanted: Wanted, is_known: bool) {
        let front = self.clone();
        let (trigger, user) = (trigger.to_owned(), user.to_owned());
        self.tasks.spawn(async move {
            let opened = match is_known {
                true => front.open_filled(&trigger, &wanted).await,
                false => front.open_empty(&trigger, &user, &wanted).await,
            };
            if let Err(error) = opened {
                tracing::warn!(%error, "a dialog could not be opened");
            }
        });
    }

    async fn open_filled(&self, trigger: &str, wanted: &Wanted) -> Result<(), SlackError> {
        let view = self.view(wanted).await;
        self.api.open_view(trigger, view).await.map(|_| ())
    }

    async fn open_empty(
        &self,
        trigger: &str,
        user: &str,
        wanted: &Wanted,
    ) -> Result<(), SlackError> {
        let title = wanted.title();
        let looking = cards::info_modal(&title, LOOKING);
        let opened = self.api.open_view(trigger, looking).await?;
        let people = self.people();
        let look = async {
            let person = people.person(user, Freshness::Now).await?;
            wanted.refusal(&people, &person).await
        };
        let view = match tokio::time::timeout(limits::CHECK, look).await {
            Ok(Ok(None)) => self.view(wanted).await,
            Ok(Ok(Some(refusal))) => cards::info_modal(&title, &format!("{title}: {refusal}")),
            Ok(Err(error)) => {
                tracing::warn!(%error, "who wants a dialog is not known");
                cards::info_modal(&title, NOT_KNOWN)
            }
            Err(_) => cards::info_modal(&title, NOT_KNOWN),
        };
        self.api
            .update_view(&opened.id, None, view)
            .await
            .map(|_| ())
    }

    async fn view(&self, wanted: &Wanted) -> SlackView {
        match wanted {
            Wanted::Form { view, .. } => (**view).clone(),
            Wanted::OfRequest {
                dialog,
                request,
                context,
            } => self.view_of(*dialog, request, context).await,
        }
    }

    async fn view_of(
        &self,
        dialog: Dialog,
        request: &Request,
        context: &ModalContext,
    ) -> SlackView {
        let private_data = self.journal.private_data(request.id).await;
        let private_data = match private_data {
            Ok(private_data) => private_data,
            Err(error) => {
                tracing::warn!(%error, "a dialog could not be filled");
                return cards::info_modal(&request.label(), NOT_FILLED);
            }
        };
        let title = catalogue::title(&request.operation);
        let view = View {
            request,
            private_data: &private_data,
            title: &title,
            now: self.clock.now(),
            frozen: false,
            last_superseded: None,
            answers: &[],
            pictures: &cards::Pictures::new(),
        };
        match dialog {
            Dialog::Approve => cards::confirm_modal(&view, context),
            Dialog::Deny => cards::deny_modal(&view, context),
            Dialog::Settle => cards::settle_modal(&view, context),
            Dialog::FullPlan => cards::full_plan_modal(&view),
        }
    }
}

//! Clicks on cards. What decides is written down; what opens a modal does so while its trigger lives.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use slack_morphism::blocks::SlackView;

use super::{Front, NotWritten, just_once};
use crate::{
    config::limits,
    domain::{Person, Request, State, approval::may_approve},
    journal::{ReadError, particulars, read},
    operations::catalogue,
    slack::{
        cards::{self, ButtonValue, ModalContext, OfferValue, View, action},
        directory::Freshness,
        inbound::{
            inbox::{Answer, Decision, Deed, What},
            payload::Interaction,
            receive::Verified,
        },
    },
};

pub(super) async fn click(front: &Front, verified: Verified, click: &Interaction) -> Response {
    if let Some(offered) = offered(click) {
        return ask(front, verified, click, offered).await;
    }
    let button = click.action().and_then(|action| {
        let value = ButtonValue::parse(action.value()?)?;
        Some((action.action_id.as_deref()?, value))
    });
    let (Some((action, value)), Some(user)) = (button, click.user_id()) else {
        // A link or a control of no consequence.
        return just_once(front, verified).await;
    };
    let decision = match action {
        action::CANCEL => Decision::Cancel,
        action::STOP => Decision::Stop,
        action::RESUME => Decision::Resume,
        action::APPROVE | action::DENY | action::FULL_PLAN | action::SETTLE => {
            let request = read::request(&front.journal.pool, value.request).await;
            let request = match request {
                Ok(request) => request,
                // Not a card of this store: there is nothing to show and nothing to decide.
                Err(ReadError::NotFound) => return just_once(front, verified).await,
                Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
            };
            let person = front.person(user).await;
            match before_modal(action, &value, &request, person.as_ref()) {
                Some(decision) => decision,
                None => {
                    front.open_modal(action.to_owned(), &value, request, click);
                    return just_once(front, verified).await;
                }
            }
        }
        _ => return just_once(front, verified).await,
    };
    let Some(key) = click.idempotency_key() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let deed = Deed {
        user: user.to_owned(),
        answer: answer_to(click),
        what: What::Decide {
            request: value.request,
            decision,
        },
    };
    written(&front.write_down(&verified, key.as_str(), &deed).await)
}

/// What a button of an answer asks for.
fn offered(click: &Interaction) -> Option<OfferValue> {
    let action = click.action()?;
    let is_offer = action.action_id.as_deref()?.starts_with(action::ASK);
    is_offer
        .then(|| OfferValue::parse(action.value()?))
        .flatten()
}

/// The person who clicks asks, with their own rights and under their own name.
async fn ask(
    front: &Front,
    verified: Verified,
    click: &Interaction,
    offered: OfferValue,
) -> Response {
    let (Some(user), Some(key)) = (click.user_id(), click.idempotency_key()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let deed = Deed {
        user: user.to_owned(),
        answer: answer_to(click),
        what: What::Ask {
            operation: offered.operation,
            asking: offered.asking,
        },
    };
    written(&front.write_down(&verified, key.as_str(), &deed).await)
}

fn answer_to(click: &Interaction) -> Answer {
    match &click.response_url {
        Some(url) => Answer::ResponseUrl { url: url.clone() },
        None => Answer::Direct,
    }
}

fn written(outcome: &Result<(), NotWritten>) -> Response {
    match outcome {
        Ok(()) => StatusCode::OK.into_response(),
        Err(NotWritten::Replay) => StatusCode::UNAUTHORIZED.into_response(),
        Err(NotWritten::Store) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The decision to write down at once, `None` when a modal has to be filled in first. Whoever may not decide
/// gets no modal: the click itself is put to the rules, which refuse it on record.
fn before_modal(
    action: &str,
    value: &ButtonValue,
    request: &Request,
    person: Option<&Person>,
) -> Option<Decision> {
    match action {
        action::APPROVE => {
            let approve = Decision::Approve {
                plan: value.plan?,
                typed: None,
            };
            let current = request.plan.as_ref();
            let typed = current.is_some_and(|plan| plan.plan.confirm.is_some());
            let awaited = matches!(request.state, State::AwaitingApproval { .. });
            let refused =
                person.is_some_and(|p| may_approve(request, request.state.approvals(), p).is_err());
            let stale = current.map(|plan| plan.digest) != value.plan;
            (!typed || refused || stale || !awaited).then_some(approve)
        }
        _ => None,
    }
}

impl Front {
    /// Who clicked, as far as it is known while Slack waits for the answer; decisions ask afresh.
    async fn person(&self, user: &str) -> Option<Person> {
        let now = self.clock.now();
        let facts = self.directory.person(user, Freshness::Cached, now);
        let facts = tokio::time::timeout(limits::LOOK_BEFORE_ANSWER, facts).await;
        facts.ok()?.ok().map(Into::into)
    }

    fn open_modal(
        &self,
        action: String,
        value: &ButtonValue,
        request: Request,
        click: &Interaction,
    ) {
        let Some(trigger) = click.trigger_id.clone() else {
            return;
        };
        let context = ModalContext {
            request: value.request,
            plan: value.plan,
            channel: click.channel_id().map(str::to_owned),
            message_ts: click.message_ts().map(str::to_owned),
        };
        let front = self.clone();
        self.tasks.spawn(async move {
            let Some(view) = front.modal(&action, &request, &context).await else {
                return;
            };
            if let Err(error) = front.api.open_view(&trigger, view).await {
                tracing::warn!(request = %request.id, %error, "a modal could not be opened");
            }
        });
    }

    async fn modal(
        &self,
        action: &str,
        request: &Request,
        context: &ModalContext,
    ) -> Option<SlackView> {
        let particulars = particulars::of_request(&self.journal.pool, request.id.0).await;
        let particulars = particulars
            .inspect_err(|error| tracing::warn!(%error, "a modal could not be filled"))
            .ok()?;
        let title = catalogue::title(&request.operation);
        let view = View {
            request,
            particulars: &particulars,
            title: &title,
            now: self.clock.now(),
            frozen: false,
            last_superseded: None,
            answers: &[],
            pictures: &cards::Pictures::new(),
        };
        Some(match action {
            action::APPROVE => cards::confirm_modal(&view, context),
            action::DENY => cards::deny_modal(&view, context),
            action::SETTLE => cards::settle_modal(&view, context),
            _ => cards::full_plan_modal(&view),
        })
    }
}

//! The way of every request: written down, put through the faults that are switched on, checked, carried out.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    call::Call,
    core::{Core, Shared},
    faults::{Cut, Failure, Outage},
    gatekeeper,
    idempotency::{Asked, Saved},
    model::EventRequest,
    params::Params,
    refusal::Refusal,
    routes::{self, Found},
};
use crate::hosting::HangUp;

/// One request as it came in.
struct Request {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    /// `req_…`
    id: String,
    /// Its place in the record of calls.
    at: usize,
}

/// Takes every request. What was begun is finished, also when the client goes away meanwhile.
pub(super) async fn receive(
    State(shared): State<Arc<Shared>>,
    Extension(hang_up): Extension<HangUp>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let stop = shared.stop.clone();
    let handled = handle(Arc::clone(&shared), method, uri, headers, body);
    let work = shared.tasks.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => Err(Cut),
            answer = handled => answer,
        }
    });
    match work.await {
        Ok(Ok(response)) => response,
        _ => hang_up.now().await,
    }
}

async fn handle(
    shared: Arc<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Cut> {
    let params = Params::parse(&[uri.query().unwrap_or_default().as_bytes(), &body]);
    let found = routes::find(&method, uri.path());
    let operation = found.as_ref().map_or_else(
        || uri.path().to_owned(),
        |found| found.route.name.to_owned(),
    );
    let key = gatekeeper::header(&headers, "idempotency-key").filter(|_| method == Method::POST);
    let (id, at) = shared.change(|core| {
        let call = Call {
            at: core.time(),
            operation: operation.clone(),
            path: uri.path().to_owned(),
            params: params.as_ref().map_or(Value::Null, Params::to_value),
            idempotency_key: key.clone(),
            status: 0,
            error: None,
            replayed: false,
        };
        core.calls.push(call);
        (core.new_id("req"), core.calls.len() - 1)
    });
    let request = Request {
        method,
        uri,
        headers,
        body,
        id,
        at,
    };
    let mut answer = answer(&shared, &request, params, found, key, &operation).await;
    if let (Ok(answer), Some(retry)) = (&mut answer, shared.faults.advice(&operation)) {
        answer.advise(retry);
    }
    match &answer {
        Err(Cut) => shared.change(|core| {
            core.calls[request.at].error = Some("the connection was cut".to_owned());
        }),
        Ok(answer) => shared.change(|core| note(core, &request, &operation, answer)),
    }
    answer.map(Answer::into_response)
}

/// What is answered; an error cuts the connection.
async fn answer(
    shared: &Shared,
    request: &Request,
    params: Result<Params, Refusal>,
    found: Option<Found>,
    key: Option<String>,
    operation: &str,
) -> Result<Answer, Cut> {
    let id = request.id.as_str();
    match shared.faults.outage() {
        Outage::Off => {}
        Outage::CutOff => return Err(Cut),
        Outage::Unavailable => return Ok(Answer::unavailable(id)),
    }
    if let Some(failure) = shared.faults.take(operation, limits) {
        return Ok(Answer::limited(failure, id));
    }
    let checked = shared.read(|core| {
        gatekeeper::check(
            core,
            &request.headers,
            &request.method,
            &request.body,
            found.as_ref(),
        )
    });
    let started = checked.and(params).and_then(|params| match found {
        Some(found) => Ok((params, found)),
        None => Err(gatekeeper::unrecognised(&request.method, &request.uri)),
    });
    let (params, found) = match started {
        Ok(started) => started,
        Err(refusal) => return Ok(Answer::refused(&refusal, id)),
    };
    let Some(key) = key else {
        return carry_out(shared, request, params, &found, None)
            .await
            .map(|done| done.0);
    };
    let asked = Asked {
        path: request.uri.path().to_owned(),
        params: params.to_value(),
    };
    match shared.change(|core| {
        let now = core.time();
        core.idempotency.begin(&key, &asked, now)
    }) {
        Err(refusal) => return Ok(Answer::refused(&refusal, id)),
        Ok(Some(saved)) => return Ok(Answer::replayed(&saved, id)),
        Ok(None) => {}
    }
    let done = carry_out(shared, request, params, &found, Some(&key)).await;
    let saved = done.as_ref().ok().and_then(|(answer, save)| {
        save.then(|| Saved {
            status: answer.status,
            body: answer.body.clone(),
            request: id.to_owned(),
        })
    });
    shared.change(|core| core.idempotency.end(&key, saved));
    let (answer, _) = done?;
    match shared
        .faults
        .take(operation, |failure| failure == Failure::LostAnswer)
    {
        Some(_) => Err(Cut),
        None => Ok(answer),
    }
}

/// Runs the endpoint between the gates; says too whether an idempotency key saves the answer.
async fn carry_out(
    shared: &Shared,
    request: &Request,
    params: Params,
    found: &Found,
    key: Option<&str>,
) -> Result<(Answer, bool), Cut> {
    let (operation, id) = (found.route.name, request.id.as_str());
    shared.faults.pass(operation, false).await?;
    let before = |failure| failure == Failure::ErrorBefore;
    let refused = |failure| matches!(failure, Failure::Refused(_));
    let outcome = if shared.faults.take(operation, before).is_some() {
        Err(Refusal::internal())
    } else if let Some(Failure::Refused(message)) = shared.faults.take(operation, refused) {
        Err(Refusal::invalid(None, message))
    } else {
        let outcome = shared.change(|core| {
            core.request = EventRequest {
                id: Some(id.to_owned()),
                idempotency_key: key.map(str::to_owned),
            };
            let outcome = in_mode(
                core,
                gatekeeper::is_live_key(&request.headers),
                found,
                params,
            );
            core.request = EventRequest::default();
            outcome
        });
        let after = |failure| failure == Failure::ErrorAfter;
        match shared.faults.take(operation, after) {
            Some(_) => Err(Refusal::internal()),
            None => outcome,
        }
    };
    let slow = shared.faults.slow();
    if !slow.is_zero() {
        // A slow answer is one that waits for its time, or for the end.
        let _ = tokio::time::timeout(slow, shared.stop.cancelled()).await;
    }
    shared.faults.pass(operation, true).await?;
    let lost = |failure| failure == Failure::LostAnswer;
    if key.is_none() && shared.faults.take(operation, lost).is_some() {
        return Err(Cut);
    }
    Ok(match outcome {
        Ok(body) => (Answer::ok(body, id), true),
        Err(refusal) => (Answer::refused(&refusal, id), !refusal.before_start),
    })
}

/// Carries a request out in the mode of its key. An account has both modes, and here one of them is empty.
fn in_mode(core: &mut Core, live: bool, found: &Found, params: Params) -> Result<Value, Refusal> {
    if live == core.live {
        return routes::run(core, found, params);
    }
    let account = std::mem::take(&mut core.account);
    core.live = live;
    let outcome = routes::run(core, found, params);
    core.live = !live;
    core.account = account;
    let is_there = found.is_in(&core.account);
    outcome.map_err(|refusal| match is_there {
        true => refusal.of_other_mode(live),
        false => refusal,
    })
}

fn limits(failure: Failure) -> bool {
    matches!(failure, Failure::RateLimit(_) | Failure::LockTimeout)
}

fn note(core: &mut Core, request: &Request, operation: &str, answer: &Answer) {
    let call = &mut core.calls[request.at];
    call.status = answer.status;
    call.error.clone_from(&answer.error);
    call.replayed = answer.replayed;
    if answer.malformed {
        let error = answer.error.as_deref().unwrap_or_default();
        let params = json!(core.calls[request.at].params);
        core.note(format!("{operation}: {error} (given {params})"));
    }
}

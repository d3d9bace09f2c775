//! What is checked before an endpoint begins: the key and its rights, the version, the form of the request.

use axum::http::{HeaderMap, Method, StatusCode, Uri};

use super::{core::Core, refusal::Refusal, routes::Found, settings::API_VERSION};

/// The account that error messages name.
const ACCOUNT: &str = "acct_1Sandbox";
const FORM: &str = "application/x-www-form-urlencoded";

/// A header as text.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

/// Whether the key of a request is one for real money.
pub(super) fn is_live_key(headers: &HeaderMap) -> bool {
    let given = header(headers, "authorization");
    given.is_none_or(|given| !given.contains("_test_"))
}

/// Lets a request through, or says why not.
pub(super) fn check(
    core: &Core,
    headers: &HeaderMap,
    method: &Method,
    body: &[u8],
    found: Option<&Found>,
) -> Result<(), Refusal> {
    let given = header(headers, "authorization");
    let Some(secret) = given.as_deref().and_then(|it| it.strip_prefix("Bearer ")) else {
        return Err(Refusal::unauthorised(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using \
             Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
        .noted());
    };
    let known = core.account_keys.iter().find(|key| key.secret == secret);
    let Some(key) = known else {
        let shown: String = secret.chars().take(8).collect();
        return Err(Refusal::unauthorised(format!(
            "Invalid API Key provided: {shown}****"
        )));
    };
    check_version(headers)?;
    check_body(headers, method, body)?;
    let Some(right) = found.map(|found| found.route.right) else {
        return Ok(());
    };
    if !key.may(right) {
        return Err(Refusal::forbidden(format!(
            "The provided key '{}' does not have the required permissions for this endpoint on account '{ACCOUNT}'. \
             Having the '{right}' permission would allow this request to continue.",
            key.masked()
        )));
    }
    Ok(())
}

/// A path that no endpoint has.
pub(super) fn unrecognised(method: &Method, uri: &Uri) -> Refusal {
    let message = format!(
        "Unrecognized request URL ({method}: {}). Please see https://stripe.com/docs.",
        uri.path()
    );
    let mut refusal = Refusal::malformed(None, message, "");
    refusal.status = StatusCode::NOT_FOUND;
    refusal
}

fn check_version(headers: &HeaderMap) -> Result<(), Refusal> {
    match header(headers, "stripe-version").as_deref() {
        Some(API_VERSION) => Ok(()),
        Some(other) => Err(Refusal::malformed(
            None,
            format!("Invalid Stripe API version: {other}"),
            "",
        )),
        // The real one takes the account's default then, which anybody can change in the dashboard.
        None => Err(Refusal::malformed(
            None,
            "The header Stripe-Version has to pin a version.",
            "",
        )),
    }
}

fn check_body(headers: &HeaderMap, method: &Method, body: &[u8]) -> Result<(), Refusal> {
    if body.is_empty() {
        return Ok(());
    }
    let kind = header(headers, "content-type").unwrap_or_default();
    if method == Method::POST && kind.split(';').next().unwrap_or_default().trim() == FORM {
        return Ok(());
    }
    let message = format!("Invalid request: a body goes with POST and has the type {FORM}.");
    Err(Refusal::malformed(None, message, ""))
}

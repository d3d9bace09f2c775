//! Live checks, for the doctor and before every start. What is wrong is a fault; what does not answer right now
//! is a warning, except the store, without which nothing can be written down.

use futures::{FutureExt, future::join_all};

mod app_schema;

use super::Parts;
use crate::{
    config::{
        Settings,
        doctor::{Finding, LiveCheck, Report, Verdict, check, examine},
        limits, manifest,
    },
    journal::{chain, migrate},
    slack::client::SlackError,
    systems::{
        object_store::{ObjectStore, StoreError, Versioning},
        stripe::Retry,
    },
};
pub(super) use app_schema::told_of;

/// Everything that can be checked, for `countersign doctor`. Nothing is changed.
pub async fn doctor(settings: &Settings, parts: &Parts) -> Report {
    let checks: Vec<LiveCheck<'_>> = vec![
        store(parts).boxed(),
        workspace(settings, parts).boxed(),
        channels(settings, parts).boxed(),
        app_schema::doctor(settings, parts).boxed(),
        files(parts).boxed(),
        bucket("COUNTERSIGN_BUCKET", &parts.systems.documents).boxed(),
        stripe(parts).boxed(),
    ];
    examine(settings, checks).await
}

/// Brings the store up to date, then checks what would make the service useless or dangerous.
pub async fn before_start(settings: &Settings, parts: &Parts) -> Report {
    let settled = check(settings);
    let faulty = settled
        .into_iter()
        .filter(|one| one.verdict == Verdict::Fault);
    let mut findings = match migrate::migrate(&parts.journal.pool, &parts.journal.key).await {
        Ok(()) => head(parts).await,
        Err(error) => vec![Finding::fault("the store", error.to_string())],
    };
    findings.extend(faulty);
    match parts.systems.app_db.ensure_marker_table().await {
        Ok(()) => {}
        Err(error) if error.is_retryable() => {
            findings.push(Finding::warning("the app's database", error.in_full()));
        }
        Err(error) => findings.push(Finding::fault("the app's database", error.in_full())),
    }
    let checks: Vec<LiveCheck<'_>> = vec![
        app_schema::before_start(settings, parts).boxed(),
        workspace(settings, parts).boxed(),
        channels(settings, parts).boxed(),
        files(parts).boxed(),
        bucket("COUNTERSIGN_BUCKET", &parts.systems.documents).boxed(),
    ];
    findings.extend(join_all(checks).await.into_iter().flatten());
    for finding in &findings {
        tracing::info!(check = %finding.name, verdict = ?finding.verdict, "{}", finding.says);
    }
    Report(findings)
}

async fn store(parts: &Parts) -> Vec<Finding> {
    let asked = tokio::time::timeout(limits::CHECK, migrate::reachable(&parts.journal.pool)).await;
    match asked {
        Ok(Ok(())) => vec![Finding::ok("the store", "answers")],
        Ok(Err(error)) => vec![Finding::fault("the store", error.to_string())],
        Err(_) => vec![Finding::fault("the store", "does not answer in time")],
    }
}

async fn head(parts: &Parts) -> Vec<Finding> {
    match chain::head(&parts.journal.pool, &parts.journal.key).await {
        Ok(head) => vec![Finding::ok(
            "the journal",
            format!("{} entries are chained", head.position),
        )],
        Err(error) => vec![
            Finding::fault("the journal", error.to_string())
                .hint("is COUNTERSIGN_AUDIT_KEY the key under which it was written?"),
        ],
    }
}

async fn workspace(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    const NAME: &str = "SLACK_BOT_TOKEN";
    match parts.slack.auth_test().await {
        Ok(us) if us.team_id == settings.slack.team_id => {
            let mut findings = vec![Finding::ok(NAME, "Slack knows the token")];
            findings.extend(scopes(parts).await);
            findings
        }
        Ok(us) if us.is_enterprise_install => {
            let mut findings = vec![organisation(settings, parts).await];
            findings.extend(scopes(parts).await);
            findings
        }
        Ok(us) => vec![Finding::fault(
            "SLACK_TEAM_ID",
            format!(
                "the token belongs to {}, not to {}",
                us.team_id, settings.slack.team_id
            ),
        )],
        Err(error) => vec![slack_finding(NAME, &error)],
    }
}

/// The token is an organisation's: it has to be allowed in our workspace.
async fn organisation(settings: &Settings, parts: &Parts) -> Finding {
    const NAME: &str = "SLACK_TEAM_ID";
    let team = &settings.slack.team_id;
    match parts.slack.granted_teams().await {
        Ok(teams) if teams.contains(team) => Finding::ok(
            NAME,
            format!("the token is the organisation's, and the app is in {team}"),
        ),
        Ok(_) => Finding::fault(
            NAME,
            format!("the token is the organisation's, and the app is not in {team}"),
        )
        .hint("add the app to the workspace in the organisation's administration"),
        Err(error) => Finding::warning(NAME, error.to_string()),
    }
}

/// Scopes are granted at the installation: a newer manifest has no effect until the app is installed again.
async fn scopes(parts: &Parts) -> Option<Finding> {
    const NAME: &str = "the app's scopes";
    let granted = parts.slack.scopes().await.ok().flatten()?;
    let mut missing = manifest::bot_scopes();
    missing.retain(|scope| !granted.contains(scope));
    if missing.is_empty() {
        return Some(Finding::ok(NAME, "all that the manifest asks for"));
    }
    let says = format!(
        "{} missing: what needs them does not work",
        missing.join(", ")
    );
    Some(
        Finding::warning(NAME, says)
            .hint("update the app from `countersign manifest` and install it again"),
    )
}

async fn channels(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    let channels = [
        (
            "COUNTERSIGN_APPROVALS_CHANNEL",
            &settings.channels.approvals,
        ),
        ("COUNTERSIGN_AUDIT_CHANNEL", &settings.channels.audit),
        ("COUNTERSIGN_INCIDENT_CHANNEL", &settings.channels.incident),
    ];
    let looks = channels.map(|(name, id)| async move {
        match parts.slack.conversations_info(id).await {
            Ok(channel) if channel.is_archived => Finding::fault(name, "the channel is archived"),
            Ok(channel) if !channel.is_member => {
                Finding::fault(name, "the bot is not in the channel")
                    .hint("type /invite @countersign there")
            }
            Ok(channel) if channel.is_ext_shared => Finding::warning(
                name,
                "another organisation is in the channel and reads along",
            ),
            Ok(_) => Finding::ok(name, "the bot is in the channel"),
            Err(error) => slack_finding(name, &error),
        }
    });
    join_all(looks).await
}

/// What Slack refuses is wrong; what it does not answer may come.
fn slack_finding(name: &str, error: &SlackError) -> Finding {
    match error {
        SlackError::Unavailable { .. } | SlackError::RateLimited { .. } => {
            Finding::warning(name, error.to_string())
        }
        SlackError::Refused { .. } | SlackError::Gone { .. } | SlackError::Auth { .. } => {
            Finding::fault(name, error.to_string())
        }
    }
}

/// The app's bucket. What a deletion needs beyond reading it: a listing, and versions that can be deleted.
async fn files(parts: &Parts) -> Vec<Finding> {
    const NAME: &str = "S3_BUCKET";
    let store = &parts.systems.files;
    let mut findings = bucket(NAME, store).await;
    // An account that there is not: only whether the question is answered counts.
    if let Ok(prefix) = parts.systems.user_prefix.for_user("countersign-doctor")
        && findings
            .iter()
            .all(|finding| finding.verdict == Verdict::Ok)
    {
        let asked = tokio::time::timeout(limits::CHECK, store.find(&[prefix], &[])).await;
        if let Ok(Err(error)) = asked {
            findings.push(store_finding(NAME, &error));
        }
    }
    findings
}

async fn bucket(name: &'static str, store: &ObjectStore) -> Vec<Finding> {
    let asked = tokio::time::timeout(limits::CHECK, store.check()).await;
    let check = match asked {
        Ok(Ok(check)) => check,
        Ok(Err(error)) => return vec![store_finding(name, &error)],
        Err(_) => return vec![Finding::warning(name, "does not answer in time")],
    };
    let versions = match check.versioning {
        Versioning::Never => "keeps no versions",
        Versioning::NotSupported => "keeps no versions: the store does not support versioning",
        Versioning::Enabled => "keeps versions",
        Versioning::Suspended => "keeps the versions from before versioning was suspended",
    };
    let mut findings = vec![Finding::ok(
        name,
        format!("{} can be read; it {versions}", store.bucket()),
    )];
    if check.mfa_delete {
        findings.push(
            Finding::warning(
                name,
                "deleting a version takes an MFA code, so no file can be erased from here",
            )
            .hint("switch MFA Delete off, or erase files by hand"),
        );
    }
    findings
}

fn store_finding(name: &str, error: &StoreError) -> Finding {
    if error.is_retryable() {
        Finding::warning(name, error.in_full())
    } else {
        Finding::fault(name, error.in_full())
    }
}

/// Asked when there is a key. What the key may do beyond this shows when it is used.
async fn stripe(parts: &Parts) -> Vec<Finding> {
    const NAME: &str = "STRIPE_SECRET_KEY";
    let Some(stripe) = &parts.systems.stripe else {
        return vec![];
    };
    let asked = tokio::time::timeout(limits::CHECK, stripe.balance()).await;
    vec![match asked {
        Ok(Ok(balance)) if balance.livemode => Finding::ok(NAME, "Stripe knows the key"),
        Ok(Ok(_)) => Finding::warning(NAME, "Stripe knows the key, in test mode")
            .hint("payments and refunds are test data: no real money moves"),
        Ok(Err(error)) if error.refusal().is_some_and(|refusal| refusal.status == 403) => {
            Finding::warning(NAME, format!("Stripe knows the key, but {error}"))
        }
        Ok(Err(error)) if error.retry() == Retry::Pointless => {
            Finding::fault(NAME, error.to_string())
        }
        Ok(Err(error)) => Finding::warning(NAME, error.to_string()),
        Err(_) => Finding::warning(NAME, "does not answer in time"),
    }]
}

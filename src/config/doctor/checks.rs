//! The doctor's checks that need nothing but the settings.

use std::collections::BTreeSet;

use super::{Finding, secrets};
use crate::config::{
    database_url::DatabaseUrl,
    effective::Origin,
    limits,
    names::{self as n, Name},
    settings::{RoleEntry, Settings},
    vendors::Vendor,
};

pub(super) fn all(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![configuration(settings), approvers(settings)];
    findings.extend(secrets::all(settings));
    findings.push(channels(settings));
    findings.push(expiry(settings));
    findings.extend(times(settings));
    findings.extend(database(n::DATABASE_URL, &settings.app.database));
    findings.extend(store(settings));
    findings.extend(legal_hold(settings));
    findings.push(files(settings));
    findings.extend(vendors(settings));
    findings.extend(webhooks(settings));
    findings
}

fn configuration(settings: &Settings) -> Finding {
    let count = |origin| {
        settings
            .effective
            .0
            .iter()
            .filter(|line| line.origin == origin)
            .count()
    };
    let (file, environment) = (count(Origin::File), count(Origin::Environment));
    Finding::ok(
        "configuration",
        format!("{file} settings from the file, {environment} from the environment"),
    )
}

/// Whether enough different people can approve what one of them asks for. Who is in a user group is Slack's to say.
fn approvers(settings: &Settings) -> Finding {
    let mut people = BTreeSet::new();
    for entry in &settings.roles.admins {
        match entry {
            RoleEntry::Group(_) => {
                return Finding::ok("admins", "named by a user group, which Slack resolves");
            }
            RoleEntry::User(id) => people.insert(person(settings, id)),
        };
    }
    let policy = &settings.policy;
    let needed = usize::from(
        policy
            .approvals_sensitive
            .max(policy.approvals_destructive)
            .get(),
    ) + 1;
    let says = format!(
        "people: {}; at least {needed} are needed, as one asks and the others approve",
        people.len()
    );
    if people.len() < needed {
        let hint = format!("name more admins in {}", n::COUNTERSIGN_ADMINS.env);
        return Finding::warning("admins", says).hint(hint);
    }
    Finding::ok("admins", says)
}

/// The account that stands for a person: the first of the linked ones.
fn person<'a>(settings: &'a Settings, id: &'a str) -> &'a str {
    let linked = settings
        .linked
        .iter()
        .find(|accounts| accounts.iter().any(|account| account == id));
    linked
        .and_then(|accounts| accounts.first())
        .map_or(id, String::as_str)
}

fn channels(settings: &Settings) -> Finding {
    let channels = &settings.channels;
    let different =
        BTreeSet::from([&channels.approvals, &channels.audit, &channels.incident]).len();
    if channels.approvals == channels.audit {
        let says = "approvals and audit share a channel, so the audit trail and its witnesses are lost in talk";
        return Finding::warning("channels", says).hint("give each a channel of its own");
    }
    if different < 3 {
        let says =
            "approvals, audit and incidents share a channel, so witnesses and alarms drown in talk";
        return Finding::warning("channels", says).hint("give each a channel of its own");
    }
    Finding::ok(
        "channels",
        "approvals, audit and incidents each have their own",
    )
}

fn expiry(settings: &Settings) -> Finding {
    let name = n::COUNTERSIGN_APPROVAL_EXPIRY.env;
    let expiry = settings.policy.approval_expiry;
    let says = humantime::format_duration(expiry).to_string();
    if expiry < limits::EXPIRY_SENSIBLE {
        let says = format!("requests expire within {says}, before people have read them");
        return Finding::warning(name, says);
    }
    Finding::ok(name, says)
}

/// Times that are allowed and seldom meant.
fn times(settings: &Settings) -> Vec<Finding> {
    let policy = &settings.policy;
    let shown = |time| humantime::format_duration(time).to_string();
    let mut findings = Vec::new();
    if policy.cooling_off < limits::COOLING_OFF_SENSIBLE {
        let says = format!(
            "what cannot be undone can be stopped for {} only, which nobody manages",
            shown(policy.cooling_off)
        );
        let finding = Finding::warning(n::COUNTERSIGN_COOLING_OFF.env, says);
        findings.push(finding.hint("1m or more leaves time to press Stop; the default is 10m"));
    }
    if policy.approval_expiry > limits::EXPIRY_SENSIBLE_MOST {
        let says = format!(
            "requests can be approved for {}, long after anybody knows why they were made",
            shown(policy.approval_expiry)
        );
        findings.push(Finding::warning(n::COUNTERSIGN_APPROVAL_EXPIRY.env, says));
    }
    if policy.link_expiry > limits::LINK_EXPIRY_SENSIBLE {
        let says = format!(
            "whoever holds a link can download a person's data for {}",
            shown(policy.link_expiry)
        );
        let finding = Finding::warning(n::COUNTERSIGN_LINK_EXPIRY.env, says);
        findings.push(finding.hint("the default is 1h"));
    }
    if policy.link_expiry > policy.export_retention {
        let says = format!(
            "links are made for {}, but the archive is deleted after {}",
            shown(policy.link_expiry),
            shown(policy.export_retention)
        );
        let finding = Finding::warning(n::COUNTERSIGN_EXPORT_RETENTION.env, says);
        findings.push(finding.hint("keep archives at least as long as links work"));
    }
    if policy.backup_retention.is_zero() {
        let says = "is 0: certificates say that backups keep nothing of erased data";
        findings.push(Finding::warning(n::COUNTERSIGN_BACKUP_RETENTION.env, says));
    }
    findings
}

/// The hold is by the app's user id. An address would protect nobody.
fn legal_hold(settings: &Settings) -> Option<Finding> {
    let held = &settings.app.legal_hold;
    let count = held.iter().filter(|id| id.contains('@')).count();
    let says =
        format!("entries that look like e-mail addresses: {count}; only user ids are matched");
    (count > 0).then(|| {
        Finding::warning(n::COUNTERSIGN_LEGAL_HOLD.env, says)
            .hint("`/ops user show <address>` shows the id; an id that holds @ itself is fine")
    })
}

fn database(name: &Name, url: &DatabaseUrl) -> Vec<Finding> {
    let mut findings = vec![reached(name, url)];
    let doubts = url.doubts.iter();
    findings.extend(doubts.map(|doubt| Finding::warning(name.env, doubt)));
    findings
}

fn reached(name: &Name, url: &DatabaseUrl) -> Finding {
    if !url.private {
        let says = format!("{} may be reached without encryption", url.shown);
        return Finding::warning(name.env, says)
            .hint("add sslmode=require, or better verify-full, to the URL");
    }
    let pooled = if url.pooled { ", through a pooler" } else { "" };
    Finding::ok(name.env, format!("{}{pooled}", url.shown))
}

fn store(settings: &Settings) -> Vec<Finding> {
    let (store, app) = (&settings.store.database, &settings.app.database);
    let set = settings
        .effective
        .0
        .iter()
        .find(|line| line.name == n::COUNTERSIGN_DATABASE_URL.env);
    if store.url.expose() == app.url.expose() {
        if set.is_some_and(|line| line.origin != Origin::Unset) {
            let says = "is DATABASE_URL: the same database and the same role";
            let finding = Finding::warning(n::COUNTERSIGN_DATABASE_URL.env, says);
            return vec![
                finding.hint("leave it unset, or name a database whose role nothing else uses"),
            ];
        }
        let says = "in the app's own database, under its own schema";
        return vec![Finding::ok("store", says)];
    }
    database(n::COUNTERSIGN_DATABASE_URL, store)
}

fn files(settings: &Settings) -> Finding {
    let s3 = &settings.s3;
    if s3
        .endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"))
    {
        let says = "is plain http: files and exports can be read on the way";
        return Finding::warning(n::AWS_ENDPOINT_URL_S3.env, says)
            .hint("use https, unless the service runs beside it");
    }
    let columns = s3.user_columns.len();
    Finding::ok(
        "files",
        format!(
            "in {} under {}, and named by {columns} columns",
            s3.bucket, s3.user_prefix
        ),
    )
}

fn vendors(settings: &Settings) -> Vec<Finding> {
    let missing = settings.vendors.missing().into_iter();
    missing
        .map(|missing| match missing.half {
            true => Finding::warning(missing.vendor, missing.to_string())
                .hint("its operations are off until then"),
            false => Finding::ok(missing.vendor, "off: not configured"),
        })
        .collect()
}

fn webhooks(settings: &Settings) -> Vec<Finding> {
    let stripe = matches!(&settings.vendors.stripe, Vendor::Ready(stripe) if stripe.webhook_secret.is_none());
    let vercel = matches!(&settings.vendors.vercel, Vendor::Ready(vercel) if vercel.webhook_secret.is_none());
    let checks = [
        (stripe, n::STRIPE_WEBHOOK_SECRET),
        (vercel, n::VERCEL_WEBHOOK_SECRET),
    ];
    let missing = checks.into_iter().filter(|(missing, _)| *missing);
    missing
        .map(|(_, name)| {
            Finding::warning(name.env, "is unset, so webhooks are refused").hint(name.about)
        })
        .collect()
}

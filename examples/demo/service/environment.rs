//! The service's configuration: what anybody would set for the real Slack, Postgres and S3, set for the sandbox's.

use std::fs;

use countersign_sandbox::{data, s3::S3Server, slack::Workspace, stripe::Stripe};

use crate::{
    arguments::{Arguments, Shape},
    folder::Folder,
    stage::DOCUMENTS,
};

/// What the real shape needs beside the environment: the columns that name files and no folder per person does.
/// Where the application deviates from the runbook the service finds out by itself.
const REAL_COLUMNS: &str = "Response.audioUrl";

/// What the configuration is made from.
pub struct Environment<'a> {
    pub arguments: &'a Arguments,
    pub slack: &'a Workspace,
    pub s3: &'a S3Server,
    pub s3_keys: &'a (String, String),
    pub stripe: &'a Stripe,
    pub webhook_secret: &'a str,
    pub database: &'a str,
    pub folder: &'a Folder,
}

impl Environment<'_> {
    /// The environment variables. The file that is written beside them names what has no variable.
    pub fn variables(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        fs::write(self.folder.config(), FILE)?;
        let mut variables = vec![
            ("COUNTERSIGN_LISTEN", "127.0.0.1:0".to_owned()),
            ("SLACK_API_URL", self.slack.api_url()),
            ("SLACK_BOT_TOKEN", self.slack.bot_token().to_owned()),
            (
                "SLACK_SIGNING_SECRET",
                self.slack.signing_secret().to_owned(),
            ),
            (
                "SLACK_TEAM_ID",
                self.slack.read(|world| world.team.id.clone()),
            ),
            ("COUNTERSIGN_APPROVALS_CHANNEL", "C0APPROVALS".to_owned()),
            ("COUNTERSIGN_AUDIT_CHANNEL", "C0AUDIT".to_owned()),
            ("COUNTERSIGN_INCIDENT_CHANNEL", "C0INCIDENTS".to_owned()),
            ("COUNTERSIGN_ADMINS", "S0ADMINS".to_owned()),
            ("COUNTERSIGN_OPERATORS", "S0OPERATORS".to_owned()),
            ("COUNTERSIGN_VIEWERS", "S0VIEWERS".to_owned()),
            (
                "COUNTERSIGN_COOLING_OFF",
                self.arguments.cooling_off.clone(),
            ),
            (
                "COUNTERSIGN_APPROVAL_EXPIRY",
                self.arguments.approval_expiry.clone(),
            ),
            ("COUNTERSIGN_AUDIT_KEY", self.folder.audit_key()?),
            ("COUNTERSIGN_BUCKET", DOCUMENTS.to_owned()),
            ("DATABASE_URL", self.database.to_owned()),
            ("S3_BUCKET", data::BUCKET.to_owned()),
            ("AWS_REGION", data::REGION.to_owned()),
            ("AWS_ENDPOINT_URL_S3", self.s3.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.s3_keys.0.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.s3_keys.1.clone()),
            ("STRIPE_SECRET_KEY", self.stripe.secret_key()),
            ("STRIPE_API_BASE", self.stripe.url().to_owned()),
            ("STRIPE_WEBHOOK_SECRET", self.webhook_secret.to_owned()),
        ];
        if self.arguments.shape == Shape::Real {
            variables.push(("S3_USER_COLUMNS", REAL_COLUMNS.to_owned()));
        }
        Ok(variables)
    }
}

/// Keeps the service from reading a `countersign.toml` of the folder that the demo is started in.
const FILE: &str = "# The demo configures the service by its environment.\n";

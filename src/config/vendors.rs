//! The vendors: each one ready, or off with the settings that it still needs.

use std::fmt;

use super::{
    checks,
    names::{self as n, Name},
    reader::Reader,
    secret::Secret,
};

/// A vendor that is ready to use, or what it lacks.
#[derive(Debug, Clone)]
pub enum Vendor<T> {
    /// All that it needs is set.
    Ready(T),
    /// Its operations are off.
    Off(Missing),
}

impl<T> Vendor<T> {
    /// The vendor's settings, or the message for whoever asks for one of its operations.
    ///
    /// # Errors
    /// The settings that are missing.
    pub fn get(&self) -> Result<&T, &Missing> {
        match self {
            Self::Ready(settings) => Ok(settings),
            Self::Off(missing) => Err(missing),
        }
    }
}

/// The settings that a vendor lacks. Its display is ready to be shown to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The vendor's name, such as `Stripe`.
    pub vendor: &'static str,
    /// The names of the settings that have to be set, never empty.
    pub settings: Vec<&'static str>,
    /// Whether some of the vendor's settings are there, so that this looks like an oversight.
    pub half: bool,
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.half {
            "only half configured"
        } else {
            "not configured"
        };
        write!(
            out,
            "{} is {how}: set {}",
            self.vendor,
            self.settings.join(" and ")
        )
    }
}

impl std::error::Error for Missing {}

#[derive(Debug, Clone)]
pub struct Vendors {
    /// Payments.
    pub stripe: Vendor<Stripe>,
    /// Hosting.
    pub vercel: Vendor<Vercel>,
    /// The database's host.
    pub neon: Vendor<Neon>,
    /// The app's AI.
    pub openai: Vendor<OpenAi>,
    /// Mail.
    pub resend: Vendor<Resend>,
    /// Sign-in.
    pub google: Vendor<Google>,
}

#[derive(Debug, Clone)]
pub struct Stripe {
    /// Authorises calls.
    pub secret_key: Secret,
    /// Verifies webhooks; without it they are refused.
    pub webhook_secret: Option<Secret>,
    /// The base URL, without `/v1`.
    pub api_base: String,
}

#[derive(Debug, Clone)]
pub struct Vercel {
    /// Authorises calls.
    pub token: Secret,
    pub project_id: String,
    /// The team; `None` for a personal account.
    pub team_id: Option<String>,
    /// Verifies webhooks; without it they are refused.
    pub webhook_secret: Option<Secret>,
    /// The base URL.
    pub api_base: String,
}

#[derive(Debug, Clone)]
pub struct Neon {
    /// Authorises calls.
    pub api_key: Secret,
    pub project_id: String,
    /// The base URL, with `/api/v2`.
    pub api_base: String,
}

/// OpenAI.
#[derive(Debug, Clone)]
pub struct OpenAi {
    /// The key that the app uses.
    pub api_key: Secret,
    /// Reads costs; without it they are not known.
    pub admin_key: Option<Secret>,
    /// The base URL, with `/v1`.
    pub api_base: String,
    /// The models that the app uses; without them nothing is known of their shutdown.
    pub models: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Resend {
    /// Authorises calls.
    pub api_key: Secret,
    /// The sender of the mails.
    pub from: String,
    /// The base URL.
    pub api_base: String,
}

/// Google's sign-in, as the app uses it.
#[derive(Debug, Clone)]
pub struct Google {
    /// The OAuth client.
    pub client_id: String,
    /// The app's public URL, which the callback URL begins with.
    pub app_url: String,
}

impl Vendors {
    pub(super) fn read(read: &mut Reader, app_url: Option<&str>) -> Self {
        Self {
            stripe: stripe(read),
            vercel: vercel(read),
            neon: neon(read),
            openai: openai(read),
            resend: resend(read),
            google: google(read, app_url),
        }
    }

    /// What each vendor that is off lacks.
    #[must_use]
    pub fn missing(&self) -> Vec<&Missing> {
        let Self {
            stripe,
            vercel,
            neon,
            openai,
            resend,
            google,
        } = self;
        [
            stripe.get().err(),
            vercel.get().err(),
            neon.get().err(),
            openai.get().err(),
            resend.get().err(),
            google.get().err(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn stripe(read: &mut Reader) -> Vendor<Stripe> {
    let secret_key = read.secret(n::STRIPE_SECRET_KEY);
    let webhook_secret = read.secret(n::STRIPE_WEBHOOK_SECRET);
    let api_base = read.need(n::STRIPE_API_BASE, checks::base_url);
    match secret_key {
        Some(secret_key) => Vendor::Ready(Stripe {
            secret_key,
            webhook_secret,
            api_base,
        }),
        None => off(read, "Stripe", &[n::STRIPE_SECRET_KEY]),
    }
}

fn vercel(read: &mut Reader) -> Vendor<Vercel> {
    let (token, project_id) = (
        read.secret(n::VERCEL_TOKEN),
        read.plain(n::VERCEL_PROJECT_ID),
    );
    let team_id = read.plain(n::VERCEL_TEAM_ID);
    let webhook_secret = read.secret(n::VERCEL_WEBHOOK_SECRET);
    let api_base = read.need(n::VERCEL_API_BASE, checks::base_url);
    match (token, project_id) {
        (Some(token), Some(project_id)) => Vendor::Ready(Vercel {
            token,
            project_id,
            team_id,
            webhook_secret,
            api_base,
        }),
        _ => off(read, "Vercel", &[n::VERCEL_TOKEN, n::VERCEL_PROJECT_ID]),
    }
}

fn neon(read: &mut Reader) -> Vendor<Neon> {
    let api_base = read.need(n::NEON_API_BASE, checks::base_url);
    match (read.secret(n::NEON_API_KEY), read.plain(n::NEON_PROJECT_ID)) {
        (Some(api_key), Some(project_id)) => Vendor::Ready(Neon {
            api_key,
            project_id,
            api_base,
        }),
        _ => off(read, "Neon", &[n::NEON_API_KEY, n::NEON_PROJECT_ID]),
    }
}

fn openai(read: &mut Reader) -> Vendor<OpenAi> {
    let admin_key = read.secret(n::OPENAI_ADMIN_KEY);
    let api_base = read.need(n::OPENAI_API_BASE, checks::base_url);
    let models = read.list(n::OPENAI_MODELS, |id| Ok(id.to_owned()));
    match read.secret(n::OPENAI_API_KEY) {
        Some(api_key) => Vendor::Ready(OpenAi {
            api_key,
            admin_key,
            api_base,
            models,
        }),
        None => off(read, "OpenAI", &[n::OPENAI_API_KEY]),
    }
}

fn resend(read: &mut Reader) -> Vendor<Resend> {
    let api_base = read.need(n::RESEND_API_BASE, checks::base_url);
    match (read.secret(n::RESEND_API_KEY), read.plain(n::RESEND_FROM)) {
        (Some(api_key), Some(from)) => Vendor::Ready(Resend {
            api_key,
            from,
            api_base,
        }),
        _ => off(read, "Resend", &[n::RESEND_API_KEY, n::RESEND_FROM]),
    }
}

fn google(read: &mut Reader, app_url: Option<&str>) -> Vendor<Google> {
    match (read.plain(n::GOOGLE_CLIENT_ID), app_url) {
        (Some(client_id), Some(app_url)) => Vendor::Ready(Google {
            client_id,
            app_url: app_url.to_owned(),
        }),
        _ => off(read, "Google sign-in", &[n::GOOGLE_CLIENT_ID, n::APP_URL]),
    }
}

/// A vendor that is off, for want of what is unset among `needed`. It is half configured when anything under its section
/// of the file is set, in the file or by the environment.
fn off<T>(read: &Reader, vendor: &'static str, needed: &[&Name]) -> Vendor<T> {
    let section = needed.first().map(|name| name.section);
    let half = n::ALL
        .iter()
        .any(|name| Some(name.section) == section && read.is_set(name));
    let settings = needed
        .iter()
        .filter(|name| !read.is_set(name))
        .map(|name| name.env)
        .collect();
    Vendor::Off(Missing {
        vendor,
        settings,
        half,
    })
}

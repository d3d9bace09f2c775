//! Vendors that are ready, off, or half configured.

use super::{faults, good};

#[test]
fn a_vendor_that_is_not_configured_is_off_and_says_what_to_set() {
    let settings = good(&[]);
    let missing: Vec<_> = settings
        .vendors
        .missing()
        .into_iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(missing.join("\n"), @r"
    Stripe is not configured: set STRIPE_SECRET_KEY
    Vercel is not configured: set VERCEL_TOKEN and VERCEL_PROJECT_ID
    Neon is not configured: set NEON_API_KEY and NEON_PROJECT_ID
    OpenAI is not configured: set OPENAI_API_KEY
    Resend is not configured: set RESEND_API_KEY and RESEND_FROM
    Google sign-in is not configured: set GOOGLE_CLIENT_ID and APP_URL
    ");
}

#[test]
fn a_half_configured_vendor_names_only_what_is_still_missing() {
    let settings = good(&[
        ("VERCEL_PROJECT_ID", "prj_1"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_1"),
        ("GOOGLE_CLIENT_ID", "id"),
    ]);
    let missing: Vec<_> = settings
        .vendors
        .missing()
        .into_iter()
        .filter(|it| it.half)
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(missing.join("\n"), @r"
    Stripe is only half configured: set STRIPE_SECRET_KEY
    Vercel is only half configured: set VERCEL_TOKEN
    Google sign-in is only half configured: set APP_URL
    ");
}

#[test]
fn the_apps_url_alone_is_no_half_configured_sign_in() {
    let settings = good(&[("APP_URL", "https://app.example.com")]);
    assert!(
        settings
            .vendors
            .missing()
            .iter()
            .all(|missing| !missing.half)
    );
}

#[test]
fn a_configured_vendor_is_ready() {
    let settings = good(&[
        ("VERCEL_TOKEN", "token"),
        ("VERCEL_PROJECT_ID", "prj_1"),
        ("VERCEL_API_BASE", "http://127.0.0.1:9999/vercel/"),
        ("APP_URL", "https://app.example.com/"),
        ("GOOGLE_CLIENT_ID", "id"),
    ]);
    let vercel = settings.vendors.vercel.get().expect("ready");
    assert_eq!(
        (vercel.token.expose(), vercel.project_id.as_str()),
        ("token", "prj_1")
    );
    assert_eq!(vercel.api_base, "http://127.0.0.1:9999/vercel");
    assert_eq!(vercel.team_id, None);
    assert_eq!(
        settings.vendors.google.get().expect("ready").app_url,
        "https://app.example.com"
    );
}

#[test]
fn deleting_the_stripe_customer_without_a_key_for_stripe_is_a_fault() {
    let delete = ("COUNTERSIGN_STRIPE_CUSTOMER", "delete");
    insta::assert_snapshot!(faults(None, &[delete]), @r"
    the configuration has 1 fault:
      - COUNTERSIGN_STRIPE_CUSTOMER: is `delete`, which needs STRIPE_SECRET_KEY -> without Stripe in use, leave it at keep
    ");
    good(&[delete, ("STRIPE_SECRET_KEY", "rk_live_1")]);
}

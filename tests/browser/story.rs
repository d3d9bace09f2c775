//! One story: a demo, a browser on its page, and what is done there.

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures::FutureExt;

use crate::{browser::Browser, demo::Demo, page::Page};

/// The people of the workspace.
pub const ADA: &str = "U0ADA";
pub const GRACE: &str = "U0GRACE";
pub const GIL: &str = "U0GIL";

/// What Ada asks for, and its confirmation.
pub const ASK: &str = "/ops user delete maria@example.com asked for erasure by mail";
pub const MARIA: &str = "usr_1";

/// What cannot be undone waits no longer than is needed to see it.
pub const QUICK: &[&str] = &["--cooling-off", "1s"];
/// The same, on the application as it really is.
pub const REAL: &[&str] = &["--cooling-off", "1s", "--shape", "real"];

/// Starts the demo with these arguments, opens its page as Ada, and carries out the story. A story that fails leaves
/// a screenshot, and never a browser.
pub async fn story(name: &'static str, arguments: &[&str], acts: impl AsyncFnOnce(&Page)) {
    // The browser last: whatever fails before leaves none behind.
    let demo = Demo::start(arguments).await;
    let browser = Browser::start().await;
    let page = Page::new(browser.client.clone(), name);
    let told = async {
        page.open(demo.url(), ADA).await;
        acts(&page).await;
    };
    let outcome = AssertUnwindSafe(told).catch_unwind().await;
    if outcome.is_err() {
        page.screenshot("failed").await;
    }
    browser.close().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

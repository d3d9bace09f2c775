//! What the demo says to people.

use crate::{arguments::Arguments, stage::Stage};

/// What the page shows while a command is typed.
pub const COMMAND_HINT: &str = "user delete maria@example.com asked for erasure by mail";

/// The steps of the page's tour.
pub fn story(real: bool) -> Vec<String> {
    let ask = if real {
        "As *Ada* ask: `/ops user delete usr_1 asked for erasure` What this app cannot do is said on the card."
    } else {
        "As *Ada* ask: `/ops user delete maria@example.com asked for erasure`"
    };
    [
        ask,
        "In #ops-approvals press *Approve*: refused, as Ada asked. Become *Grace* (top right) and approve.",
        "*Stop* it within seconds, or watch rows and files go. #ops-audit has it all, the certificate too.",
        "Then *kill -9 in the middle* (Backstage), and `/ops user delete tara@example.com left` It goes on within half a minute.",
        "More: `/ops stats users` `/ops admins review` `/ops refund pi_maria_pro a mistake` `/ops help`",
    ]
    .map(str::to_owned)
    .into()
}

/// What the terminal shows when everything runs.
pub fn welcome(stage: &Stage, arguments: &Arguments) -> String {
    let kept = match &arguments.data {
        Some(folder) => format!("The database stays in {}.", folder.display()),
        None => "Nothing stays when it is stopped but the log.".to_owned(),
    };
    format!(
        "
Countersign runs, and everything around it is simulated. Open

    {url}/

and try:
  1. As Ada, in #ops:  /ops user delete maria@example.com asked for erasure by mail
  2. In #ops-approvals press Approve as Ada (refused), then as Grace, who is chosen at the top right.
  3. Watch Backstage on the right: rows and files go. Kill the service in the middle: it finishes all the same.
  4. Much more can be asked:  /ops user show usr_1, /ops stats revenue, /ops refund pi_maria_pro a mistake.  /ops help has it all.

The service's log: {log}
{kept} Ctrl-C stops everything.",
        url = stage.slack.base_url(),
        log = stage.folder.log().display(),
    )
}

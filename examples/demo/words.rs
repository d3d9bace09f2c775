//! What the demo says to people.

use crate::{arguments::Arguments, stage::Stage};

/// What the page shows while a command is typed.
pub const COMMAND_HINT: &str = "user delete maria@example.com asked for erasure by mail";

/// The steps of the page's tour.
pub fn story(real: bool) -> Vec<String> {
    let ask = if real {
        "You are *Ada*. Ask for a deletion: `/ops user delete usr_1 asked for erasure by mail`. This app cannot block accounts \
         or end sessions: the card says so before anybody approves. Try `/ops user delete hana@example.com left the school` too."
    } else {
        "You are *Ada*. Ask for a deletion: `/ops user delete maria@example.com asked for erasure by mail`. The answer and the \
         card in #ops-approvals say what would go."
    };
    [
        ask,
        "Open #ops-approvals and press *Approve*: nobody approves what they asked for. Become *Grace* at the top right, press it \
         again and type the user id that the card names.",
        "The account is blocked at once, and a few seconds are left to *Stop* it. Then watch rows and files go in Backstage, and \
         #ops-audit tell it all: the certificate is in the thread.",
        "Once more, with trouble: press *kill -9 in the middle of the next deletion* in Backstage, ask for \
         `/ops user delete tara@example.com closed the account`, approve it, and see it finish all the same.",
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

The service's log: {log}
{kept} Ctrl-C stops everything.",
        url = stage.slack.base_url(),
        log = stage.folder.log().display(),
    )
}

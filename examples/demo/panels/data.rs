//! The panel of the application's data: what of one person is there.

use std::sync::Arc;

use anyhow::bail;
use countersign_sandbox::slack::{Panel, PanelAction, PanelRow, Workspace};
use tokio::sync::watch;

use crate::app::{App, Facts, Standing};

const NEXT: &str = "next";
const PRACTISE: &str = "practise";
const RESTORE: &str = "restore";

pub fn register(slack: &Workspace, app: &Arc<App>, facts: &Arc<watch::Sender<Facts>>) {
    let shown = facts.clone();
    let load = move || {
        let panel = panel(&shown.borrow());
        async move { panel }
    };
    let (app, facts) = (app.clone(), facts.clone());
    let act = move |action: String| {
        let (app, facts) = (app.clone(), facts.clone());
        async move {
            match action.as_str() {
                NEXT => app.next_person().await?,
                PRACTISE => app.practise().await?,
                RESTORE => app.restore().await?,
                other => bail!("there is no action {other}"),
            }
            facts.send_replace(app.facts().await?);
            Ok(())
        }
    };
    slack.register_panel("data", "The app's data", load, act);
}

fn panel(facts: &Facts) -> Panel {
    let person = &facts.person;
    let (account, tone) = match facts.standing {
        Standing::Active => ("active", None),
        Standing::Blocked => ("blocked", Some("bad")),
        Standing::Gone => ("erased", Some("good")),
    };
    let total: i64 = facts.tables.iter().map(|(_, rows)| rows).sum();
    let mut rows = vec![
        row(
            &person.name,
            &format!("{}, {}", person.id, person.email),
            None,
        ),
        row("Account", account, tone),
    ];
    rows.extend(facts.role.iter().map(|role| row("Role", role, None)));
    let credits = facts.credits.iter();
    rows.extend(credits.map(|credits| row("Credits", &credits.to_string(), None)));
    rows.push(row("Rows", &total.to_string(), gone(total == 0)));
    rows.extend(
        facts
            .tables
            .iter()
            .map(|(table, rows)| row(&format!("· {table}"), &rows.to_string(), Some("muted"))),
    );
    rows.push(row(
        "File versions",
        &facts.versions.to_string(),
        gone(facts.versions == 0),
    ));
    rows.extend(certificates(facts));
    let unused = match facts.unused {
        (0, _) => "none".to_owned(),
        (count, minutes) => format!("{count}, for {minutes} min"),
    };
    rows.push(row("Unused connections", &unused, None));
    let first_name = person.name.split(' ').next().unwrap_or(&person.name);
    let what_happens = match facts.standing {
        Standing::Gone => action(
            RESTORE,
            &format!("A restored backup brings {first_name} back"),
        ),
        Standing::Active | Standing::Blocked => {
            action(PRACTISE, &format!("{first_name} goes on practising"))
        }
    };
    Panel {
        rows,
        actions: vec![action(NEXT, "Show another person"), what_happens],
    }
}

/// The certificates so far, and where copies of them are.
fn certificates(facts: &Facts) -> Vec<PanelRow> {
    if facts.certificates == 0 {
        return vec![row("Certificates", "none yet", Some("muted"))];
    }
    vec![
        row("Certificates", &facts.certificates.to_string(), None),
        row("· copied to", &facts.copies, Some("muted")),
    ]
}

fn gone(gone: bool) -> Option<&'static str> {
    gone.then_some("good")
}

fn row(label: &str, value: &str, tone: Option<&str>) -> PanelRow {
    PanelRow {
        label: label.to_owned(),
        value: value.to_owned(),
        tone: tone.map(str::to_owned),
    }
}

fn action(id: &str, label: &str) -> PanelAction {
    PanelAction {
        id: id.to_owned(),
        label: label.to_owned(),
        tone: None,
    }
}

//! The panel of the service: how its process stands, and how to kill it.

use std::sync::Arc;

use anyhow::bail;
use countersign_sandbox::{
    s3::S3Server,
    slack::{Panel, PanelAction, PanelRow, Workspace},
};
use tokio::sync::{mpsc, watch};

use crate::{
    folder::Folder,
    service::{DOWN_FOR, Order, Service, State, Status},
};

const KILL: &str = "kill";
const KILL_LATER: &str = "kill-in-the-middle";
const START: &str = "start";

/// The call of S3 that is under way in the middle of a deletion: the rows are gone, the files are not.
const IN_THE_MIDDLE: &str = "DeleteObjects";

pub fn register(slack: &Workspace, service: &Service, s3: &Arc<S3Server>, folder: &Folder) {
    let status = service.status();
    let log = folder.log().display().to_string();
    let load = move || {
        let panel = panel(&status.borrow(), &log);
        async move { panel }
    };
    let (orders, status) = (service.orders(), service.status());
    let (s3, page) = (s3.clone(), slack.clone());
    let act = move |action: String| {
        let (orders, status, s3, page) = (orders.clone(), status.clone(), s3.clone(), page.clone());
        async move {
            match action.as_str() {
                KILL => orders.send(Order::Kill).await?,
                START => orders.send(Order::Start).await?,
                KILL_LATER => arm(orders, status, s3, page),
                other => bail!("there is no action {other}"),
            }
            Ok(())
        }
    };
    slack.register_panel("service", "The service", load, act);
}

/// Kills the service when it next deletes files. The call that it had under way is cut without an effect.
fn arm(
    orders: mpsc::Sender<Order>,
    status: Arc<watch::Sender<Status>>,
    s3: Arc<S3Server>,
    page: Workspace,
) {
    let newly = status.send_if_modified(|status| !std::mem::replace(&mut status.armed, true));
    if !newly {
        return;
    }
    tokio::spawn(async move {
        let gate = s3.faults().hold(IN_THE_MIDDLE);
        gate.arrived().await;
        // Without the one who takes orders the demo is about to end.
        let _ = orders.send(Order::Kill).await;
        let mut changes = status.subscribe();
        let _ = changes
            .wait_for(|status| matches!(status.state, State::Down { .. }))
            .await;
        gate.drop_connections();
        status.send_modify(|status| status.armed = false);
        page.touch();
    });
}

fn panel(status: &Status, log: &str) -> Panel {
    let (state, tone) = match &status.state {
        State::Starting => ("starting".to_owned(), "muted"),
        State::Running { .. } => ("running".to_owned(), "good"),
        State::Down { how } => {
            let again = DOWN_FOR.as_secs();
            (format!("dead ({how}); starts again after {again} s"), "bad")
        }
    };
    let mut rows = vec![row("Process", &state, Some(tone))];
    if let State::Running { pid } = status.state {
        rows.push(row("Process id", &pid.to_string(), None));
    }
    rows.push(row(
        "Killed so far",
        &status.kills.to_string(),
        Some("muted"),
    ));
    if status.armed {
        rows.push(row("Next", "killed while it deletes files", Some("bad")));
    }
    rows.push(row("Log", log, Some("muted")));
    let actions = match status.state {
        State::Down { .. } => vec![action(START, "Start it now", "good")],
        State::Starting => vec![],
        State::Running { .. } if status.armed => vec![action(KILL, "kill -9 now", "bad")],
        State::Running { .. } => vec![
            action(KILL, "kill -9 now", "bad"),
            action(KILL_LATER, "kill -9 in the middle of a deletion", "bad"),
        ],
    };
    Panel { rows, actions }
}

fn row(label: &str, value: &str, tone: Option<&str>) -> PanelRow {
    PanelRow {
        label: label.to_owned(),
        value: value.to_owned(),
        tone: tone.map(str::to_owned),
    }
}

fn action(id: &str, label: &str, tone: &str) -> PanelAction {
    PanelAction {
        id: id.to_owned(),
        label: label.to_owned(),
        tone: Some(tone.to_owned()),
    }
}

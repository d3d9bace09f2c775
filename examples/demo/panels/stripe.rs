//! The panel of the simulated Stripe: what was paid and given back, and what banks do about it; and its switches.

use anyhow::bail;
use countersign_sandbox::{
    slack::{Panel, PanelAction, PanelRow, Workspace},
    stripe::{NewRefunds, Outage, Refund, Settlement, Stripe},
};

const ARRIVE: &str = "arrive";
const RETURN: &str = "return";
/// Refunds that are shown, the newest ones.
const SHOWN: usize = 5;

pub fn register(slack: &Workspace, stripe: &Stripe) {
    let shown = stripe.clone();
    let load = move || {
        let panel = panel(&shown);
        async move { panel }
    };
    let bank = stripe.clone();
    let act = move |action: String| {
        let bank = bank.clone();
        async move {
            let how = match action.as_str() {
                ARRIVE => Settlement::Succeeded,
                RETURN => Settlement::Failed("expired_or_canceled_card".to_owned()),
                other => bail!("there is no action {other}"),
            };
            for refund in bank.account().refunds.iter().filter(|it| is_pending(it)) {
                bank.settle_refund(&refund.id, &how);
            }
            Ok(())
        }
    };
    slack.register_panel("stripe", "Stripe", load, act);
    switches(slack, stripe);
}

fn switches(slack: &Workspace, stripe: &Stripe) {
    let (pending, set_pending) = (stripe.clone(), stripe.clone());
    slack.register_switch(
        "stripe_pending",
        "Stripe leaves new refunds pending",
        move || pending.new_refunds() == NewRefunds::Processing,
        move |on| {
            set_pending.set_new_refunds(if on {
                NewRefunds::Processing
            } else {
                NewRefunds::Succeed
            });
        },
    );
    let (down, set_down) = (stripe.clone(), stripe.clone());
    slack.register_switch(
        "stripe_down",
        "Stripe is down",
        move || down.faults().outage() != Outage::Off,
        move |on| {
            let outage = if on { Outage::Unavailable } else { Outage::Off };
            set_down.faults().set_outage(outage);
        },
    );
}

fn panel(stripe: &Stripe) -> Panel {
    let account = stripe.account();
    let paid = account.charges.iter().filter(|charge| charge.paid).count();
    let refunds: Vec<&Refund> = account.refunds.iter().collect();
    let mut rows = vec![
        row("Payments", &paid.to_string(), None),
        row("Refunds", &refunds.len().to_string(), None),
    ];
    rows.extend(refunds.iter().rev().take(SHOWN).map(|refund| {
        let payment = refund.payment_intent.as_deref().unwrap_or(&refund.charge);
        let tone = match refund.status {
            "succeeded" => "good",
            "failed" => "bad",
            _ => "muted",
        };
        let currency = refund.currency.to_uppercase();
        let value = format!(
            "{} of the smallest {currency}, {}",
            refund.amount, refund.status
        );
        row(&format!("· {payment}"), &value, Some(tone))
    }));
    let actions = if refunds.iter().any(|refund| is_pending(refund)) {
        vec![
            action(ARRIVE, "The bank takes what is pending"),
            action(RETURN, "The bank sends it back"),
        ]
    } else {
        vec![]
    };
    Panel { rows, actions }
}

fn is_pending(refund: &Refund) -> bool {
    refund.status == "pending"
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

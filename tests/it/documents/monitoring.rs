//! The list of metrics, and the dashboard that shows them.

use std::{collections::BTreeSet, fs, path::Path};

use countersign::telemetry::METRICS;

use super::{assert_part_is_current, cell};

#[test]
fn the_page_lists_every_metric_as_it_is_declared() {
    let mut table = "| metric | kind | labels | what it tells |\n|---|---|---|---|\n".to_owned();
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|one| format!("`{one}`")).collect();
        let (name, kind, labels) = (metric.name, metric.kind.word(), labels.join(", "));
        table.push_str(&format!(
            "| `{name}` | {kind} | {labels} | {} |\n",
            cell(metric.help)
        ));
    }
    assert_part_is_current("docs/monitoring.md", "metrics", &table);
}

#[test]
fn the_dashboard_and_the_alerts_name_declared_metrics_and_labels_only() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let dashboard = fs::read_to_string(docs.join("grafana-dashboard.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&dashboard).unwrap();
    let page = fs::read_to_string(docs.join("monitoring.md")).unwrap();
    for text in [dashboard, page] {
        for name in named(&text) {
            let series = ["_bucket", "_count", "_sum"];
            let declared = METRICS.iter().find(|metric| {
                let rest = name.strip_prefix(metric.name);
                rest.is_some_and(|rest| rest.is_empty() || series.contains(&rest))
            });
            assert!(declared.is_some(), "there is no metric {name}");
        }
    }
}

#[test]
fn names_and_labels_follow_the_conventions_of_prometheus() {
    let mut names = BTreeSet::new();
    for metric in METRICS {
        let name = metric.name;
        assert!(names.insert(name), "{name} is declared twice");
        assert!(name.starts_with("countersign_"), "{name}");
        assert_eq!(
            metric.kind.word() == "counter",
            name.ends_with("_total"),
            "{name}"
        );
        let is_time = format!("{:?}", metric.unit) == "Seconds";
        assert_eq!(is_time, name.ends_with("_seconds"), "{name}");
        assert!(metric.help.ends_with('.'), "{name}");
    }
}

/// The names of metrics in a text.
fn named(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("countersign_") {
        let rest = &text[at..];
        let is_part = |char: char| char.is_ascii_lowercase() || char == '_';
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        names.insert(&rest[..end]);
    }
    names
}

//! The metrics recorder.

use axum::response::IntoResponse as _;
use countersign::http::metrics::{Exposition, Metrics};

#[test]
fn several_services_in_one_process_share_the_recorder() {
    let first = Metrics::install().expect("installed");
    let second = Metrics::install().expect("found");
    metrics::counter!("config_test_total").increment(3);
    metrics::histogram!("config_test_seconds").record(0.02);
    second.upkeep();
    assert!(
        first.render().contains("config_test_total 3"),
        "{}",
        first.render()
    );
    assert!(
        second
            .render()
            .contains("config_test_seconds_bucket{le=\"0.025\"} 1"),
        "{}",
        second.render()
    );
    assert_eq!(
        Exposition(first.render()).into_response().headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
}

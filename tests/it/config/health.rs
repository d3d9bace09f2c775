//! What health and readiness answer.

use axum::response::IntoResponse as _;
use countersign::http::health::{Check, Health, Readiness};
use http::StatusCode;

#[test]
fn one_failed_check_makes_the_service_unready_and_is_named() {
    let readiness = Readiness::of(vec![
        Check::ok("store"),
        Check::failed("app database", "does not answer"),
    ]);
    insta::assert_json_snapshot!(readiness, @r#"
    {
      "status": "failed",
      "checks": [
        {
          "name": "store",
          "status": "ok"
        },
        {
          "name": "app database",
          "status": "failed",
          "message": "does not answer"
        }
      ]
    }
    "#);
    assert_eq!(
        readiness.into_response().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[test]
fn a_service_whose_checks_all_went_well_is_ready() {
    assert_eq!(
        Readiness::of(vec![Check::ok("store")])
            .into_response()
            .status(),
        StatusCode::OK
    );
}

#[test]
fn a_process_that_answers_is_up() {
    assert_eq!(Health::up().into_response().status(), StatusCode::OK);
}

//! The command line.

use clap::{CommandFactory as _, Parser as _};
use countersign::config::cli::{AuditCommand, Cli, Command};

fn parsed(line: &str) -> Result<Cli, String> {
    Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn witnesses_are_positions_with_hashes() {
    let hash = "ab".repeat(32);
    let cli = parsed(&format!(
        "countersign audit --config a.toml verify --witness 7:{hash} --witness 9:{hash}"
    ))
    .expect("fine");
    let Command::Audit(audit) = cli.command else {
        panic!("not audit")
    };
    assert_eq!(
        audit.config.config.expect("a path").to_str(),
        Some("a.toml")
    );
    let AuditCommand::Verify { witness } = audit.command else {
        panic!("not verify")
    };
    assert_eq!(
        witness
            .iter()
            .map(|it| (it.position, it.hash))
            .collect::<Vec<_>>(),
        [(7, [0xab; 32]), (9, [0xab; 32])]
    );
}

#[test]
fn a_bad_witness_is_explained() {
    let error = parsed("countersign audit verify --witness 7:abc").expect_err("too short");
    assert!(
        error.contains("`abc` is not a hash of 64 hexadecimal digits"),
        "{error}"
    );
}

#[test]
fn an_export_may_be_of_one_request() {
    let cli = parsed("countersign audit export --request OPS-1042").expect("fine");
    let Command::Audit(audit) = cli.command else {
        panic!("not audit")
    };
    assert!(matches!(
        audit.command,
        AuditCommand::Export {
            request: Some(1042)
        }
    ));
    parsed("countersign audit export --request OPS-x").expect_err("not a number");
}

#[test]
fn a_manifest_needs_a_url_unless_it_is_for_socket_mode() {
    parsed("countersign manifest").expect_err("no URL");
    parsed("countersign manifest --socket-mode").expect("no URL needed");
    parsed("countersign manifest --url https://ops.example.com").expect("fine");
}

#[test]
fn the_configuration_file_may_stand_after_the_last_word_too() {
    let cli = parsed("countersign audit rebuild --config a.toml").expect("fine");
    let Command::Audit(audit) = cli.command else {
        panic!("not audit")
    };
    assert_eq!(
        audit.config.config.expect("a path").to_str(),
        Some("a.toml")
    );
}

#[test]
fn the_doctor_can_be_asked_for_a_mapping() {
    let cli = parsed("countersign doctor --suggest-mapping --config a.toml").expect("fine");
    let Command::Doctor(doctor) = cli.command else {
        panic!("not doctor")
    };
    assert!(doctor.suggest_mapping);
    assert_eq!(
        doctor.config.config.expect("a path").to_str(),
        Some("a.toml")
    );
}

//! The commands of the command line, carried out. Each gives the process's exit status.

use std::{path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Parts, Service, StartError, Tuning, assemble::store_pool, checks};
use crate::{
    config::{
        Settings,
        cli::{AuditArgs, AuditCommand, Cli, Command, ManifestArgs},
        doctor::Report,
        manifest,
    },
    journal::{
        export::{Selection, export},
        rebuild::rebuild,
        verify::verify,
    },
    runtime::SystemClock,
    systems::app_db::Mapping,
};

/// What is logged when `RUST_LOG` says nothing.
const LOG_FILTER: &str = "info";

/// Carries out a command line.
pub async fn run(cli: Cli) -> ExitCode {
    super::prepare_process();
    let outcome = match cli.command {
        Command::Serve(args) => serve(args.config.as_deref()).await,
        Command::Doctor(args) if args.suggest_mapping => {
            suggest_mapping(args.config.config.as_deref()).await
        }
        Command::Doctor(args) => doctor(args.config.config.as_deref()).await,
        Command::Audit(args) => audit(args).await,
        Command::Manifest(args) => print_manifest(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

fn settings(config: Option<&Path>) -> anyhow::Result<Settings> {
    Settings::from_process(config)
        .map_err(|faults| anyhow::anyhow!("{}", Report::of_faults(&faults)))
}

async fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    log_as_json();
    let settings = settings(config)?;
    let mut ended = (
        signal(SignalKind::terminate()).context("cannot listen for signals")?,
        signal(SignalKind::interrupt()).context("cannot listen for signals")?,
    );
    let service = match Service::start(&settings, Arc::new(SystemClock), Tuning::default()).await {
        Ok(service) => service,
        Err(StartError::Faults(report)) => {
            eprintln!("Countersign does not start:\n{report}");
            return Ok(ExitCode::FAILURE);
        }
        Err(StartError::Other(error)) => return Err(error),
    };
    println!("Countersign listens on http://{}", service.address);
    let status = tokio::select! {
        _ = ended.0.recv() => ExitCode::SUCCESS,
        _ = ended.1.recv() => ExitCode::SUCCESS,
        () = service.ended() => ExitCode::FAILURE,
    };
    tracing::info!("stopping: what is under way is finished first");
    service.stop().await;
    Ok(status)
}

async fn doctor(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let settings = settings(config)?;
    println!("{}", settings.effective);
    let parts = Parts::assemble(&settings, Arc::new(SystemClock)).await?;
    let report = checks::doctor(&settings, &parts).await;
    println!("{report}");
    Ok(ExitCode::from(report.exit_code()))
}

/// The snippet alone goes to the standard output, so that it can be redirected into a file.
async fn suggest_mapping(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (database, has_schema) = Settings::app_database(config)
        .map_err(|faults| anyhow::anyhow!("{}", Report::of_faults(&faults)))?;
    let app_db = super::assemble::app_db(&database, Mapping::default())?;
    let suggestion = app_db.suggest_mapping().await?;
    print!("{}", suggestion.toml);
    eprint!(
        "{}",
        checks::told_of(&suggestion, &database.shown, has_schema)
    );
    Ok(match suggestion.accounts {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

async fn audit(args: AuditArgs) -> anyhow::Result<ExitCode> {
    let settings = settings(args.config.config.as_deref())?;
    let pool = store_pool(&settings)?;
    let key = settings.store.audit_key.clone();
    match args.command {
        AuditCommand::Verify { witness } => {
            let mut witnesses: Vec<_> = witness
                .into_iter()
                .map(|w| Some((i64::try_from(w.position).unwrap_or(i64::MAX), w.hash)))
                .collect();
            if witnesses.is_empty() {
                witnesses.push(None);
            }
            let mut status = 0;
            for witness in witnesses {
                let report = verify(&pool, &key, witness).await?;
                println!("{report}");
                status = status.max(report.exit_status());
            }
            Ok(ExitCode::from(status))
        }
        AuditCommand::Rebuild => {
            let requests = rebuild(&pool, &key).await?;
            println!("the tables of {requests} requests were made anew from the journal");
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Export { request } => {
            let request = request.map(i64::try_from).transpose()?;
            let selection = Selection {
                request,
                ..Selection::default()
            };
            export(&pool, selection, &mut tokio::io::stdout()).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn print_manifest(args: &ManifestArgs) -> anyhow::Result<ExitCode> {
    match &args.url {
        Some(url) if !args.socket_mode => println!("{}", manifest::http(url)?),
        _ => println!("{}", manifest::SOCKET_MODE),
    }
    Ok(ExitCode::SUCCESS)
}

/// One line of JSON per entry. A second initialisation is refused, which only tests meet.
fn log_as_json() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_FILTER));
    let _ = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

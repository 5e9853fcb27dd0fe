//! `libcdiff-probe-audit FOLDER`: exits 0 when every program in the folder is what its flavour says, 1 with one line for
//! each broken rule, 3 when it could not judge.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use libcdiff_probe_audit::{Audit, Error, Libraries, Program, Record, audit, record, rules};
use libcdiff_protocol::Flavour;

/// Looks at every built program and says where one is not what its flavour says.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The folder that probes/build/build.sh filled.
    folder: PathBuf,
    /// The folder that holds the glibc that was linked against [default: as the build record says].
    #[arg(long, value_name = "FOLDER")]
    glibc: Option<PathBuf>,
    /// The libc.a of the musl that was linked against [default: as the build record says].
    #[arg(long, value_name = "FILE")]
    musl: Option<PathBuf>,
    /// The build record [default: build.json in the folder].
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write what was found into the build record.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(audit) if audit.findings.is_empty() => {
            print_summary(&audit);
            ExitCode::SUCCESS
        }
        Ok(audit) => {
            for finding in &audit.findings {
                eprintln!("audit: {finding}");
            }
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("audit: {error}");
            ExitCode::from(3)
        }
    }
}

fn run(arguments: &Arguments) -> Result<Audit, Error> {
    let path = arguments.record.clone().unwrap_or_else(|| arguments.folder.join(record::FILE));
    let mut record = Record::read(&path)?;
    let glibc = arguments.glibc.as_ref().unwrap_or(&record.libraries.glibc);
    let musl = arguments.musl.as_ref().unwrap_or(&record.libraries.musl);
    let libraries = Libraries::read(glibc, musl)?;
    let audit = audit(&arguments.folder, &libraries)?;
    if arguments.json && audit.findings.is_empty() {
        record.complete(&audit, &libraries);
        record.write(&path)?;
    }
    Ok(audit)
}

fn print_summary(audit: &Audit) {
    for (flavour, programs) in &audit.flavours {
        println!("{flavour:12} {} programs, {:30} {}", programs.len(), libc(*flavour, programs), stacks(programs));
    }
}

/// Which C library the programs of a flavour need or hold.
fn libc(flavour: Flavour, programs: &[Program]) -> String {
    let newest = programs.iter().filter_map(rules::newest).max();
    let held = programs.iter().find_map(|p| p.musl_version.as_ref());
    match (flavour, newest, held) {
        (Flavour::Reference, ..) => "asks no C library".into(),
        (_, Some(version), _) => format!("needs glibc {version} (floor {})", rules::FLOOR),
        (_, None, Some(version)) => format!("holds musl {version}"),
        (_, None, None) => "needs any musl".into(),
    }
}

/// The stack size, and the programs that are to have another.
fn stacks(programs: &[Program]) -> String {
    let others = programs.iter().filter(|p| rules::stack_bytes(&p.name) != 0);
    let others: String = others.map(|p| format!(", {} {}", p.name, rules::stack_bytes(&p.name))).collect();
    format!("stack size 0{others}")
}

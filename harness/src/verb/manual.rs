//! `libcdiff completions` and `libcdiff man`: what shells and `man` know of the command line, from its own definition.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::print;
use crate::cli::Cli;
use crate::exit::Failure;

/// Prints what completes the command line in a shell.
///
/// # Errors
/// Of printing.
pub fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "libcdiff", &mut text);
    print(&String::from_utf8_lossy(&text))
}

/// Prints the manual page, or writes it and those of all verbs into a folder.
///
/// # Errors
/// Of printing, and of writing.
pub fn pages(folder: Option<&Path>) -> Result<(), Failure> {
    // How one program was built is not what a manual is about.
    let command = Cli::command().long_version(env!("CARGO_PKG_VERSION")).disable_help_subcommand(true);
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&String::from_utf8_lossy(&page));
    };
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|e| Failure::request(format!("writing manual pages into {}: {e}", folder.display())))
}

//! The manual pages and completions, read by what reads them: mandoc or man, and the shells.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn libcdiff(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(arguments).output().expect("libcdiff starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What a command says, where it is installed.
fn said(command: &mut Command) -> Option<Output> {
    let output = command.output();
    if output.is_err() {
        eprintln!("unsupported: {} is not here", command.get_program().display());
    }
    output.ok()
}

/// What bash offers after these words, with the completions sourced.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let script = folder.join("libcdiff.bash");
    fs::write(&script, libcdiff(&["completions", "bash"])).expect("writable");
    let ask = "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
               _libcdiff libcdiff \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; \
               printf '%s\\n' \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["--norc", "-euc", ask, "bash"]).arg(script).args(words).output();
    let output = output.expect("bash starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_their_values() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(offered(folder.path(), &["libcdiff", "che"]), ["check"]);
    assert_eq!(offered(folder.path(), &["libcdiff", "check", "--pol"]), ["--policy"]);
    assert_eq!(offered(folder.path(), &["libcdiff", "run", "--format", "mark"]), ["markdown"]);
    assert_eq!(offered(folder.path(), &["libcdiff", "image", "pru"]), ["prune"]);
}

#[test]
fn the_other_shells_read_their_completions() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["zsh", "fish"] {
        let script = folder.path().join(shell);
        let text = libcdiff(&["completions", shell]);
        assert!(text.contains("baseline") && text.contains("against"), "{shell}: {text}");
        fs::write(&script, text).expect("writable");
        let Some(output) = said(Command::new(shell).arg("-n").arg(&script)) else { continue };
        assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn every_verb_has_a_manual_page_that_reads_without_complaint() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man");
    libcdiff(&["man", &pages.display().to_string()]);
    let first = fs::read_to_string(pages.join("libcdiff.1")).expect("the first page");
    assert_eq!(first, libcdiff(&["man"]));
    let found: Vec<_> = fs::read_dir(&pages).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    for verb in ["run", "check", "baseline-accept", "image-inspect", "kubernetes-carrier", "completions"] {
        let name = pages.join(format!("libcdiff-{verb}.1"));
        assert!(found.contains(&name), "no {}: {found:?}", name.display());
    }
    for page in &found {
        let Some(output) = said(Command::new("mandoc").args(["-T", "lint", "-W", "error"]).arg(page)) else { return };
        let complaints = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    }
    let shown = said(Command::new("mandoc").args(["-T", "utf8"]).arg(pages.join("libcdiff-check.1"))).expect("mandoc");
    // Bold is a letter struck twice, with a backspace between.
    let mut text = String::new();
    for letter in String::from_utf8_lossy(&shown.stdout).chars() {
        match letter {
            '\u{8}' => drop(text.pop()),
            _ => text.push(letter),
        }
    }
    assert!(text.contains("BASELINE.json") && text.contains("policy"), "{text}");
}

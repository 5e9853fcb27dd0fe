//! What real loaders report of a program in a root: each is started in a user namespace of its own, in a copy of nothing but the
//! program's file, and loads the program without running it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What a loader looks for in vain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// Libraries.
    pub libraries: BTreeSet<String>,
    /// Versions that libraries do not define.
    pub versions: BTreeSet<String>,
    /// Symbols.
    pub symbols: BTreeSet<String>,
}

/// Runs a shell's script in a root, in which the program is `/tmp/program`; `None` where there are no namespaces.
fn in_root(root: &Path, program: &Path, script: &str) -> Option<String> {
    let place = "mount -t tmpfs none \"$1/tmp\" && cp \"$2\" \"$1/tmp/program\" && chmod 755 \"$1/tmp/program\"";
    let whole = format!("{place} || exit 99; {script}");
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &whole, "sh"])
        .args([root, program])
        .output()
        .ok()?;
    if output.status.code() == Some(99) {
        eprintln!(
            "unsupported: no namespaces here, or no /tmp in the root: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        return None;
    }
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// What musl's loader of a root says.
pub fn musl_says(root: &Path, program: &Path) -> Option<Reported> {
    let loader = format!("/lib/ld-musl-{}.so.1", std::env::consts::ARCH);
    let said = in_root(root, program, &format!("chroot \"$1\" {loader} --list /tmp/program"))?;
    let mut found = Reported::default();
    for line in said.lines() {
        if let Some(rest) = line.strip_prefix("Error loading shared library ") {
            found.libraries.extend(rest.split(':').next().map(str::to_owned));
        }
        if let Some(rest) =
            line.strip_prefix("Error relocating ").and_then(|rest| rest.strip_suffix(": symbol not found"))
        {
            found.symbols.extend(rest.rsplit(": ").next().map(str::to_owned));
        }
    }
    Some(found)
}

/// The path of glibc's loader.
const GLIBC: &str =
    if cfg!(target_arch = "aarch64") { "/lib/ld-linux-aarch64.so.1" } else { "/lib64/ld-linux-x86-64.so.2" };

/// Whether a shell starts by glibc's loader of a root, and the versions for lack of which it does not: asked to trace, some loaders
/// say nothing of versions.
pub fn glibc_starts(root: &Path, shell: &Path) -> Option<(bool, BTreeSet<String>)> {
    let said = in_root(root, shell, &format!("chroot \"$1\" {GLIBC} /tmp/program -c 'echo started'"))?;
    let versions = said.lines().filter_map(|line| line.split_once("version `")?.1.split('\'').next());
    Some((said.lines().any(|line| line == "started"), versions.map(str::to_owned).collect()))
}

/// What glibc's loader of a root says, in the way that `ldd -r` asks it.
pub fn glibc_says(root: &Path, program: &Path) -> Option<Reported> {
    let asked = "LD_TRACE_LOADED_OBJECTS=1 LD_WARN=yes LD_BIND_NOW=yes LD_VERBOSE=";
    // The variables are for the loader alone: of `chroot`, which is a program itself, they would list the libraries.
    let said = in_root(root, program, &format!("chroot \"$1\" sh -c '{asked} exec {GLIBC} /tmp/program'"))?;
    let mut found = Reported::default();
    for line in said.lines().map(str::trim) {
        if let Some(name) = line.strip_suffix(" => not found") {
            found.libraries.insert(name.to_owned());
        } else if let Some((_, rest)) = line.split_once("version `") {
            found.versions.extend(rest.split('\'').next().map(str::to_owned));
        } else if let Some(rest) = line.strip_prefix("undefined symbol: ") {
            found.symbols.extend(rest.split([',', ' ', '\t']).next().map(str::to_owned));
        } else if let Some(rest) = line.strip_prefix("symbol ") {
            found.symbols.extend(rest.split([',', ' ']).next().map(str::to_owned));
        }
    }
    Some(found)
}

/// The symbols that a program leaves to others, by `nm`; `None` without it.
pub fn imports(program: &Path) -> Option<BTreeSet<String>> {
    let Ok(output) = Command::new("nm").arg("-D").arg(program).output() else {
        eprintln!("unsupported: no nm here");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // Undefined, weak, and variables of which a copy is kept.
    let names = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().rev();
        let (name, kind) = (words.next()?, words.next()?);
        matches!(kind, "U" | "w" | "v" | "B" | "V").then(|| name.split('@').next().unwrap_or(name).to_owned())
    });
    Some(names.collect())
}

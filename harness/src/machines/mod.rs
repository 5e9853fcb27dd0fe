//! Machines: whose programs can run here, and how. This machine's own run by themselves; another's do where they were built
//! along and an emulator is at hand. What it lacks is said with the way to mend it; nothing is installed or set.
//!
//! Only probes are emulated. The agent, its namespaces and its DNS servers are this machine's own.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::bundle;
use crate::image::Arch;

pub mod doubtful;
mod qemu;

/// How another machine's programs run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emulation {
    /// The emulator, as it names itself: `qemu-aarch64 7.2.22`.
    pub name: String,
    /// The emulator's file, where the sandbox tells its own kernel about it; `None` where the machine's has been told.
    pub program: Option<PathBuf>,
}

/// How programs for `arch`, which is not this machine's, run here.
///
/// # Errors
/// What would make them: words that go on after "or".
pub fn emulation(arch: &'static Arch) -> Result<Emulation, String> {
    static KNOWN: OnceLock<Vec<(&'static str, Result<Emulation, String>)>> = OnceLock::new();
    let others = || Arch::all().iter().filter(|other| *other != Arch::native());
    let known = KNOWN.get_or_init(|| others().map(|other| (other.name, sought(other))).collect());
    let found = known.iter().find(|(name, _)| *name == arch.name);
    found.map_or_else(|| Err(String::new()), |(_, found)| found.clone())
}

fn sought(arch: &'static Arch) -> Result<Emulation, String> {
    if bundle::is_built_for(arch.name) {
        return qemu::find(arch);
    }
    // What there are probes for at all (probes/build/machine.sh).
    match ["x86_64", "aarch64"].contains(&arch.name) {
        true => Err(format!("build this program with probes for it: make harness ARCH={}", arch.name)),
        false => Err(String::new()),
    }
}

/// Which images for other machines can be used ([`crate::image::Store::with_abroad`]).
pub fn abroad(arch: &'static Arch) -> Result<(), String> {
    emulation(arch).map(drop)
}

/// One line for `libcdiff doctor`: for each machine whose programs were built along, whether and how they run here.
pub fn state() -> String {
    let built = Arch::all().iter().filter(|arch| *arch != Arch::native() && bundle::is_built_for(arch.name));
    let told: Vec<String> = built
        .map(|arch| match emulation(arch) {
            Ok(Emulation { name, program: Some(program) }) => {
                format!("{} by {name} ({}), in the sandbox alone", arch.name, program.display())
            }
            Ok(Emulation { name, program: None }) => format!("{} by {name}, as binfmt_misc is set here", arch.name),
            Err(lacking) => format!("{} not; {lacking}", arch.name),
        })
        .collect();
    match told.is_empty() {
        true => format!("none: this program holds probes for {} alone", Arch::native().name),
        false => told.join("; "),
    }
}

//! QEMU's user-mode emulator: where it is, and how a kernel learns to start other machines' programs with it.
//!
//! Inside a root file system that has no emulator the kernel must bring it along: an entry of binfmt_misc with the flag F,
//! which holds the file open. Since Linux 6.7 a user namespace may have entries of its own, so the sandbox makes one, and
//! nothing is set on the machine. An older kernel must have been told by root.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Emulation;
use crate::image::{Arch, Elf};

/// The kernel that lets a user namespace have entries of its own.
const OWN_ENTRIES: (u32, u32) = (6, 7);
/// Where the kernel shows its entries.
const ENTRIES: &str = "/proc/sys/fs/binfmt_misc";

/// How programs of an architecture can be started here; else what would let them.
pub fn find(arch: &Arch) -> Result<Emulation, String> {
    let static_one = static_emulator(arch);
    if let Some(program) = &static_one
        && has_own_entries()
    {
        return Ok(Emulation { name: named(program, arch), program: Some(program.clone()) });
    }
    if let Some(interpreter) = registered(arch) {
        return Ok(Emulation { name: named(&interpreter, arch), program: None });
    }
    Err(match (static_one, has_own_entries()) {
        (None, true) => format!("install qemu-user-static, whose {} runs its programs", file_names(arch)[0]),
        (None, false) => format!(
            "install qemu-user-static and let binfmt_misc know it with the flag F (this kernel is older than {}.{}, \
             which needs no root for that)",
            OWN_ENTRIES.0, OWN_ENTRIES.1
        ),
        (Some(program), _) => format!(
            "let this kernel's binfmt_misc know {} with the flag F, as root (from Linux {}.{} on it needs no root)",
            program.display(),
            OWN_ENTRIES.0,
            OWN_ENTRIES.1
        ),
    })
}

fn file_names(arch: &Arch) -> [String; 2] {
    let name = if arch.name == "i686" { "i386" } else { arch.name };
    [format!("qemu-{name}-static"), format!("qemu-{name}")]
}

/// An emulator that needs no library, since it works inside of roots that have none for it.
fn static_emulator(arch: &Arch) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]).collect();
    let names = file_names(arch);
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.filter(|path| path.is_absolute()).find(|path| {
        let elf = File::open(path).ok().and_then(Elf::read);
        elf.is_some_and(|elf| elf.loadable && elf.arch == Some(Arch::native()) && elf.interpreter.is_none())
    })
}

/// Whether this kernel has binfmt_misc, and lets a user namespace have entries.
fn has_own_entries() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let known = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    version(&release) >= OWN_ENTRIES && known.lines().any(|line| line.ends_with("\tbinfmt_misc"))
}

fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(['.', '-']).map(|n| n.trim().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The interpreter that this kernel starts programs of the architecture with, whatever their root.
fn registered(arch: &Arch) -> Option<PathBuf> {
    if fs::read_to_string(Path::new(ENTRIES).join("status")).ok()?.trim() != "enabled" {
        return None;
    }
    let entries = fs::read_dir(ENTRIES).ok()?.flatten();
    entries.filter_map(|entry| fs::read_to_string(entry.path()).ok()).find_map(|text| entry(&text, arch))
}

/// The interpreter of an entry, as the kernel shows it, if it is for programs of the architecture in every root.
fn entry(text: &str, arch: &Arch) -> Option<PathBuf> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let fixed = field("flags:")?.contains('F');
    let magic = field("magic")?;
    let (class, order) = (if arch.wide { "02" } else { "01" }, if arch.little { "01" } else { "02" });
    let machine = arch.machine.0;
    let machine = if arch.little { machine.to_le_bytes() } else { machine.to_be_bytes() };
    let fits = field("offset")? == "0"
        && magic.starts_with(&format!("7f454c46{class}{order}"))
        && magic.get(36..40) == Some(&format!("{:02x}{:02x}", machine[0], machine[1]));
    (text.starts_with("enabled") && fixed && fits).then(|| field("interpreter").map(PathBuf::from))?
}

/// The emulator's name and version, as far as it says them.
fn named(program: &Path, arch: &Arch) -> String {
    let said = Command::new(program).arg("--version").env_clear().output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let version = said.split("version ").nth(1).and_then(|rest| rest.split_whitespace().next());
    format!("qemu-{} {}", arch.name, version.unwrap_or("of unknown version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: POCF\noffset 0\n\
        magic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n";

    fn arch(name: &str) -> &'static Arch {
        Arch::by_name(name).expect("known")
    }

    #[test]
    fn an_entry_counts_for_its_machine_in_every_root_and_when_enabled() {
        let found = entry(SHOWN, arch("aarch64")).expect("it fits");
        assert_eq!(found, Path::new("/usr/libexec/qemu-binfmt/aarch64-binfmt-P"));
        assert_eq!(entry(SHOWN, arch("riscv64")), None);
        assert_eq!(entry(SHOWN, arch("arm")), None);
        assert_eq!(entry(&SHOWN.replace("POCF", "POC"), arch("aarch64")), None);
        assert_eq!(entry(&SHOWN.replace("enabled", "disabled"), arch("aarch64")), None);
        let big = "enabled\ninterpreter /q\nflags: F\noffset 0\nmagic 7f454c4602020100000000000000000000020016\n";
        assert_eq!(entry(big, arch("s390x")), Some("/q".into()));
    }

    #[test]
    fn kernels_are_compared_by_their_numbers() {
        assert!(version("6.18.44-fc-v595\n") >= OWN_ENTRIES);
        assert!(version("6.6.9-1-lts") < OWN_ENTRIES && version("5.10.0") < OWN_ENTRIES);
    }
}

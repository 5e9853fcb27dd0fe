//! The machines that probes are built for: what an ELF header calls them, and their loaders.

use object::elf;

/// A machine.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// As `uname -m` says.
    pub name: &'static str,
    /// ELF's `e_machine`.
    pub number: u16,
    /// glibc's loader: the interpreter of its programs.
    pub glibc: &'static str,
    /// musl's.
    pub musl: &'static str,
}

/// All of them.
pub static MACHINES: [Machine; 2] = [
    Machine {
        name: "x86_64",
        number: elf::EM_X86_64.0,
        glibc: "/lib64/ld-linux-x86-64.so.2",
        musl: "/lib/ld-musl-x86_64.so.1",
    },
    Machine {
        name: "aarch64",
        number: elf::EM_AARCH64.0,
        glibc: "/lib/ld-linux-aarch64.so.1",
        musl: "/lib/ld-musl-aarch64.so.1",
    },
];

impl Machine {
    /// By the number in an ELF header.
    pub fn by_number(number: u16) -> Option<&'static Self> {
        MACHINES.iter().find(|machine| machine.number == number)
    }
}

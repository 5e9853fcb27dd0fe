//! Architectures: the names that the kernel, image formats and ELF files give them, and where their C libraries' loaders lie.
//!
//! The loader paths are those that compilers write into programs; an image in which a loader cannot be reached by that path
//! cannot run such programs.

use object::elf;

use super::libc::Family;

/// An architecture by all its names.
#[derive(Debug, PartialEq, Eq)]
pub struct Arch {
    /// As `uname -m` says.
    pub name: &'static str,
    /// As OCI images and Go say.
    pub oci: &'static str,
    /// `e_machine` of its programs.
    pub machine: elf::Machine,
    /// Whether its programs are 64-bit ones.
    pub wide: bool,
    /// Whether its programs are little-endian.
    pub little: bool,
    /// Debian's folder name below `/lib`.
    pub triplet: &'static str,
    /// The interpreter of programs linked against glibc.
    pub glibc: &'static str,
    /// The interpreter of programs linked against musl.
    pub musl: &'static str,
}

/// What images are commonly made for, from the gcc and musl sources' loader names.
#[rustfmt::skip]
static ARCHES: [Arch; 11] = [
    Arch { name: "x86_64", oci: "amd64", machine: elf::EM_X86_64, wide: true, little: true, triplet: "x86_64-linux-gnu", glibc: "/lib64/ld-linux-x86-64.so.2", musl: "/lib/ld-musl-x86_64.so.1" },
    Arch { name: "x32", oci: "amd64p32", machine: elf::EM_X86_64, wide: false, little: true, triplet: "x86_64-linux-gnux32", glibc: "/libx32/ld-linux-x32.so.2", musl: "/lib/ld-musl-x32.so.1" },
    Arch { name: "i686", oci: "386", machine: elf::EM_386, wide: false, little: true, triplet: "i386-linux-gnu", glibc: "/lib/ld-linux.so.2", musl: "/lib/ld-musl-i386.so.1" },
    Arch { name: "aarch64", oci: "arm64", machine: elf::EM_AARCH64, wide: true, little: true, triplet: "aarch64-linux-gnu", glibc: "/lib/ld-linux-aarch64.so.1", musl: "/lib/ld-musl-aarch64.so.1" },
    Arch { name: "arm", oci: "arm", machine: elf::EM_ARM, wide: false, little: true, triplet: "arm-linux-gnueabihf", glibc: "/lib/ld-linux-armhf.so.3", musl: "/lib/ld-musl-armhf.so.1" },
    Arch { name: "riscv64", oci: "riscv64", machine: elf::EM_RISCV, wide: true, little: true, triplet: "riscv64-linux-gnu", glibc: "/lib/ld-linux-riscv64-lp64d.so.1", musl: "/lib/ld-musl-riscv64.so.1" },
    Arch { name: "ppc64le", oci: "ppc64le", machine: elf::EM_PPC64, wide: true, little: true, triplet: "powerpc64le-linux-gnu", glibc: "/lib64/ld64.so.2", musl: "/lib/ld-musl-powerpc64le.so.1" },
    Arch { name: "s390x", oci: "s390x", machine: elf::EM_S390, wide: true, little: false, triplet: "s390x-linux-gnu", glibc: "/lib/ld64.so.1", musl: "/lib/ld-musl-s390x.so.1" },
    Arch { name: "loongarch64", oci: "loong64", machine: elf::EM_LOONGARCH, wide: true, little: true, triplet: "loongarch64-linux-gnu", glibc: "/lib64/ld-linux-loongarch-lp64d.so.1", musl: "/lib/ld-musl-loongarch64.so.1" },
    Arch { name: "mips64", oci: "mips64le", machine: elf::EM_MIPS, wide: true, little: true, triplet: "mips64el-linux-gnuabi64", glibc: "/lib64/ld.so.1", musl: "/lib/ld-musl-mips64el.so.1" },
    Arch { name: "mips", oci: "mipsle", machine: elf::EM_MIPS, wide: false, little: true, triplet: "mipsel-linux-gnu", glibc: "/lib/ld.so.1", musl: "/lib/ld-musl-mipsel.so.1" },
];

impl Arch {
    /// All known ones.
    pub fn all() -> &'static [Self] {
        &ARCHES
    }

    /// The one that this program, and so its probes, was built for.
    pub fn native() -> &'static Self {
        let name = match std::env::consts::ARCH {
            "x86" => "i686",
            "powerpc64" => "ppc64le",
            other => other,
        };
        ARCHES.iter().find(|a| a.name == name).unwrap_or(&ARCHES[0])
    }

    /// By the name that the kernel has for it.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        ARCHES.iter().find(|a| a.name == name)
    }

    /// The interpreter of programs linked against this family; `None` for families whose programs are not asked.
    pub fn loader(&self, family: &Family) -> Option<&'static str> {
        match family {
            Family::Glibc => Some(self.glibc),
            Family::Musl => Some(self.musl),
            Family::Other(_) => None,
        }
    }

    /// By the name in an image's configuration.
    pub fn by_oci(name: &str) -> Option<&'static Self> {
        ARCHES.iter().find(|a| a.oci == name)
    }

    /// By what an ELF header says.
    pub fn by_elf(machine: elf::Machine, wide: bool, little: bool) -> Option<&'static Self> {
        ARCHES.iter().find(|a| (a.machine, a.wide, a.little) == (machine, wide, little))
    }

    /// Both names where they differ, for messages: `aarch64 (arm64)`.
    pub fn spoken(&self) -> String {
        match self.name == self.oci {
            true => self.name.into(),
            false => format!("{} ({})", self.name, self.oci),
        }
    }
}

/// Whether an image for another architecture can be used here; if not, what would let it be: `build programs for it`.
pub type Abroad = fn(&'static Arch) -> Result<(), String>;

/// Takes images for this machine alone.
pub fn nowhere(_: &'static Arch) -> Result<(), String> {
    Err(String::new())
}

/// Takes images for any machine, for those who run nothing of them.
pub(crate) fn anywhere(_: &'static Arch) -> Result<(), String> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_loaders_and_elf_headers_identify_one_architecture() {
        for a in &ARCHES {
            let same = |f: &dyn Fn(&Arch) -> bool| ARCHES.iter().filter(|b| f(b)).count();
            assert_eq!(same(&|b| b.name == a.name), 1, "{}", a.name);
            assert_eq!(same(&|b| b.oci == a.oci), 1, "{}", a.oci);
            assert_eq!(same(&|b| b.musl == a.musl), 1, "{}", a.musl);
            assert_eq!(Arch::by_elf(a.machine, a.wide, a.little), Some(a));
        }
    }

    #[test]
    fn this_machine_is_known() {
        assert_eq!(Arch::native().name, std::env::consts::ARCH);
        assert_eq!(Arch::by_oci("amd64").map(|a| a.name), Some("x86_64"));
    }
}

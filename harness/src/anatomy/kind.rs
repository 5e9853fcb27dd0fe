//! Kinds of files: what fills an image, in words that say whether it could do without.

use serde::{Deserialize, Serialize};

/// What a file is for, by where it lies, what it is called and how it begins; the first that fits counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Programs: ELF files that are executed.
    Programs,
    /// Shared objects.
    Libraries,
    /// Archives and objects for a linker (`.a`, `.o`).
    Archives,
    /// Headers (`/usr/include`, `.h`).
    Headers,
    /// Programs in text: those that begin with `#!`.
    Scripts,
    /// Source of interpreted languages.
    Source,
    /// Python's compiled files.
    Bytecode,
    /// Manuals, documentation, licences.
    Documentation,
    /// Locales, translations and character maps.
    Locales,
    /// Time zones.
    TimeZones,
    /// Certificates.
    Certificates,
    /// What package managers know.
    PackageData,
    /// Caches and logs, which a smaller image would leave out.
    Caches,
    /// Everything else.
    Other,
}

/// How much there is of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Amount {
    /// Files, each counted once whatever its names.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Folders that say what is in them, by the beginning of a path; the first that fits counts.
const FOLDERS: [(&str, Kind); 26] = [
    ("var/lib/dpkg/", Kind::PackageData),
    ("lib/apk/", Kind::PackageData),
    ("usr/lib/apk/", Kind::PackageData),
    ("etc/apk/", Kind::PackageData),
    ("var/lib/rpm/", Kind::PackageData),
    ("usr/lib/sysimage/rpm/", Kind::PackageData),
    ("var/lib/pacman/", Kind::PackageData),
    ("var/cache/", Kind::Caches),
    ("var/lib/apt/lists/", Kind::Caches),
    ("var/log/", Kind::Caches),
    ("root/.cache/", Kind::Caches),
    ("usr/share/zoneinfo/", Kind::TimeZones),
    ("usr/share/locale/", Kind::Locales),
    ("usr/lib/locale/", Kind::Locales),
    ("usr/share/i18n/", Kind::Locales),
    ("usr/lib/x86_64-linux-gnu/gconv/", Kind::Locales),
    ("usr/lib/aarch64-linux-gnu/gconv/", Kind::Locales),
    ("usr/lib64/gconv/", Kind::Locales),
    ("usr/share/ca-certificates/", Kind::Certificates),
    ("usr/share/doc/", Kind::Documentation),
    ("usr/share/man/", Kind::Documentation),
    ("usr/share/info/", Kind::Documentation),
    ("usr/share/licenses/", Kind::Documentation),
    ("usr/share/common-licenses/", Kind::Documentation),
    ("usr/include/", Kind::Headers),
    ("etc/ssl/certs/", Kind::Certificates),
];

const ENDINGS: [(&str, Kind); 12] = [
    (".pyc", Kind::Bytecode),
    (".py", Kind::Source),
    (".js", Kind::Source),
    (".rb", Kind::Source),
    (".pl", Kind::Source),
    (".pm", Kind::Source),
    (".a", Kind::Archives),
    (".o", Kind::Archives),
    (".h", Kind::Headers),
    (".hpp", Kind::Headers),
    (".pem", Kind::Certificates),
    (".crt", Kind::Certificates),
];

/// `ET_EXEC` and `ET_DYN` of ELF.
const EXECUTED: u16 = 2;
const DYNAMIC: u16 = 3;

impl Kind {
    /// Of a file at `path` below the root, without a slash before it, that begins with `first`; `executable` is whether any
    /// execute bit is set.
    pub fn of(path: &[u8], first: &[u8], executable: bool) -> Self {
        let text = String::from_utf8_lossy(path);
        if let Some((_, kind)) = FOLDERS.iter().find(|(folder, _)| text.starts_with(folder)) {
            return *kind;
        }
        if let Some(elf) = Self::elf(&text, first, executable) {
            return elf;
        }
        if let Some((_, kind)) = ENDINGS.iter().find(|(ending, _)| text.ends_with(ending)) {
            return *kind;
        }
        match first.starts_with(b"#!") {
            true => Self::Scripts,
            false => Self::Other,
        }
    }

    fn elf(path: &str, first: &[u8], executable: bool) -> Option<Self> {
        let kind = first.get(16..18).filter(|_| first.starts_with(b"\x7fELF"))?;
        let kind = match first.get(5) {
            Some(2) => u16::from_be_bytes([kind[0], kind[1]]),
            _ => u16::from_le_bytes([kind[0], kind[1]]),
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        let shared = name.contains(".so.") || name.ends_with(".so");
        Some(match kind {
            EXECUTED => Self::Programs,
            // A program that can be loaded anywhere is a shared object too.
            DYNAMIC if executable && !shared => Self::Programs,
            DYNAMIC => Self::Libraries,
            _ => Self::Archives,
        })
    }

    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Programs => "programs",
            Self::Libraries => "shared objects",
            Self::Archives => "archives for a linker",
            Self::Headers => "headers",
            Self::Scripts => "scripts",
            Self::Source => "source of interpreted languages",
            Self::Bytecode => "Python bytecode",
            Self::Documentation => "documentation",
            Self::Locales => "locales",
            Self::TimeZones => "time zones",
            Self::Certificates => "certificates",
            Self::PackageData => "package databases",
            Self::Caches => "caches and logs",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(kind: u16) -> Vec<u8> {
        let mut first = b"\x7fELF\x02\x01\x01".to_vec();
        first.resize(16, 0);
        first.extend(kind.to_le_bytes());
        first
    }

    #[test]
    fn files_are_what_they_lie_in_hold_and_are_called() {
        for (path, first, executable, kind) in [
            ("usr/bin/python3.11", &elf(3)[..], true, Kind::Programs),
            ("sbin/ldconfig", &elf(2), true, Kind::Programs),
            ("usr/lib/libz.so.1.3", &elf(3), true, Kind::Libraries),
            ("lib/ld-musl-x86_64.so.1", &elf(3), true, Kind::Libraries),
            ("usr/lib/crt1.o", &elf(1), false, Kind::Archives),
            ("usr/lib/libc.a", b"!<arch>\n", false, Kind::Archives),
            ("usr/lib/x86_64-linux-gnu/gconv/UTF-16.so", &elf(3), false, Kind::Locales),
            ("usr/bin/ldd", b"#!/bin/bash\n", true, Kind::Scripts),
            ("usr/lib/python3/os.py", b"r\"\"\"", false, Kind::Source),
            ("usr/share/doc/bash/README", b"x", false, Kind::Documentation),
            ("var/lib/dpkg/status", b"Package:", false, Kind::PackageData),
            ("var/cache/apt/pkgcache.bin", b"", false, Kind::Caches),
            ("etc/passwd", b"root:x", false, Kind::Other),
        ] {
            assert_eq!(Kind::of(path.as_bytes(), first, executable), kind, "{path}");
        }
    }
}

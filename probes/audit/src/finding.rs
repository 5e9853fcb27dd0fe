//! What the audit has to say: one broken rule of one file, in one line.

use std::fmt;
use std::path::PathBuf;

/// What every program is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// It is a 64-bit little-endian ELF program for the machine that is built for.
    Elf,
    /// It is of the kind that an ordinary compiler call makes: position independent where dynamic, fixed where static.
    Kind,
    /// It asks for the loader of its own C library, or for none.
    Interpreter,
    /// It needs no library but its own C library.
    Needed,
    /// It brings no search path for libraries along.
    RunPath,
    /// Its symbol versions exist in the oldest glibc that it is meant for.
    Floor,
    /// Its stack header says nothing that an ordinary program's does not say.
    Stack,
    /// It has a symbol table, without which the rules on code below could not be checked.
    Symbols,
    /// Dynamic: no function of the C library is linked in.
    LinkedIn,
    /// Static: each C library function in it is musl's own, byte for byte.
    OwnCode,
    /// Static: nothing of glibc is in it.
    Foreign,
    /// Static: it says which musl it holds.
    Version,
    /// Preloaded: it takes the place of every function of an allocator, and can prove that it does.
    Exports,
    /// Every flavour has the same programs.
    Complete,
}

impl Rule {
    /// The name in the audit's output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Elf => "elf",
            Self::Kind => "kind",
            Self::Interpreter => "interpreter",
            Self::Needed => "needed",
            Self::RunPath => "run-path",
            Self::Floor => "floor",
            Self::Stack => "stack",
            Self::Symbols => "symbols",
            Self::LinkedIn => "linked-in",
            Self::OwnCode => "own-code",
            Self::Foreign => "foreign",
            Self::Version => "version",
            Self::Exports => "exports",
            Self::Complete => "complete",
        }
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The program, or the folder.
    pub file: PathBuf,
    /// The rule.
    pub rule: Rule,
    /// What is there.
    pub found: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}: {}", self.file.display(), self.rule.name(), self.found, self.remedy)
    }
}

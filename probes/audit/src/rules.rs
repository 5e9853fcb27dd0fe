//! What each flavour must be, as tables, and the judgement of one program by them.
//!
//! A rule is here because breaking it changed an answer once, or would: a glibc program built for the musl target, a stack
//! size in PT_GNU_STACK that hides the default thread stack, a `memcpy` of the compiler's in place of the image's.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use libcdiff_protocol::Flavour;
use object::elf;

use crate::finding::{Finding, Rule};
use crate::program::Program;
use crate::{Libraries, Machine};

/// glibc's own libraries, its loader among them; `libc.so.6` first.
pub const GNU_LIBRARIES: &[&str] = &[
    "libc.so.6",
    "libpthread.so.0",
    "libdl.so.2",
    "libm.so.6",
    "librt.so.1",
    "libresolv.so.2",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// The oldest glibc that a gnu probe must start on.
pub const FLOOR: SymbolVersion = SymbolVersion(2, 17, 0);

/// Programs whose stack header is their question, with the size they are linked with.
pub const STACK_BYTES: &[(&str, u64)] = &[("threads-stack8m", 8 << 20)];

/// Functions that every program may define although the C library has their names, and why.
pub const OWN_FUNCTIONS: &[(&str, &str)] = &[
    ("main", "the program"),
    ("_start", "start file crt1.o"),
    ("_init", "start file crti.o"),
    ("_fini", "start file crti.o"),
];

/// What an allocator that takes the place of a C library's own must offer; all that the C libraries and programs call.
pub const ALLOCATION: &[&str] =
    &["malloc", "calloc", "realloc", "free", "aligned_alloc", "posix_memalign", "memalign", "malloc_usable_size"];

/// What an allocator may offer beside [`ALLOCATION`] although C libraries have these names: older relatives, glibc's names
/// for its own, functions that give memory of `malloc`'s to their caller, and `pthread_atfork`, which glibc links into
/// whoever calls it.
const ALLOCATION_RELATIVES: &[&str] = &[
    "cfree",
    "pthread_atfork",
    "pvalloc",
    "valloc",
    "reallocarray",
    "strdup",
    "strndup",
    "free_sized",
    "free_aligned_sized",
    "__libc_malloc",
    "__libc_calloc",
    "__libc_realloc",
    "__libc_free",
    "__libc_memalign",
    "__libc_valloc",
    "__libc_pvalloc",
    "__posix_memalign",
];

/// The allocators by name, and the functions by which a program proves that one is live.
pub const ALLOCATORS: &[(&str, &[&str])] = &[
    ("jemalloc", &["mallctl"]),
    ("mimalloc", &["mi_is_in_heap_region", "mi_version"]),
    ("mimalloc-secure", &["mi_is_in_heap_region", "mi_version"]),
];

/// The program that brings an allocator of its own, to ask about just that.
const INTERPOSED: &str = "alloc-interposed";
/// The program that measures, linked with an allocator: `bench-NAME`.
const BENCH: &str = "bench-";

/// Functions that one program, and those that differ from it by an allocator, have from Rust's compiler, and ask no C
/// library about.
pub const BROUGHT: &[(&str, &[&str])] = &[("bench", &["ceil", "floor"])];

/// How a program must be linked.
#[derive(Clone, Copy, Debug)]
pub enum Linkage {
    /// Against the image's C library.
    Dynamic {
        /// The loader.
        interpreter: &'static str,
        /// What it may need.
        libraries: &'static [&'static str],
        /// Which C library it is.
        libc: Libc,
    },
    /// Loaded before the C library, to take the place of its allocator.
    Preloaded {
        /// What it may need.
        libraries: &'static [&'static str],
        /// Which C library it goes along with.
        libc: Libc,
    },
    /// With everything inside.
    Static {
        /// Whether the C library inside is the one that answers, so that each of its functions must be its own.
        answers: bool,
    },
}

/// A C library, as a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libc {
    /// GNU's.
    Glibc,
    /// musl.
    Musl,
}

/// The agent asks no C library, and must run in an image that has none.
pub const AGENT: Linkage = Linkage::Static { answers: false };

/// How the programs of a flavour must be linked, for a machine.
pub fn of(flavour: Flavour, machine: &Machine) -> Linkage {
    match flavour {
        Flavour::Gnu => Linkage::Dynamic { interpreter: machine.glibc, libraries: GNU_LIBRARIES, libc: Libc::Glibc },
        Flavour::Musl => Linkage::Dynamic { interpreter: machine.musl, libraries: &["libc.so"], libc: Libc::Musl },
        Flavour::MuslStatic => Linkage::Static { answers: true },
        Flavour::Reference => Linkage::Static { answers: false },
    }
}

/// How an allocator must be linked that is preloaded into the programs of a flavour; `None` where nothing can be.
pub fn preloaded(flavour: Flavour, machine: &Machine) -> Option<Linkage> {
    match of(flavour, machine) {
        Linkage::Dynamic { libraries, libc, .. } => Some(Linkage::Preloaded { libraries, libc }),
        _ => None,
    }
}

/// A version of glibc's symbols: `GLIBC_2.17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SymbolVersion(u32, u32, u32);

impl FromStr for SymbolVersion {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let mut numbers = name.strip_prefix("GLIBC_").ok_or(())?.splitn(3, '.').map(u32::from_str);
        let mut next = || numbers.next().unwrap_or(Ok(0)).map_err(|_| ());
        Ok(Self(next()?, next()?, next()?))
    }
}

impl fmt::Display for SymbolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)?;
        if self.2 > 0 { write!(f, ".{}", self.2) } else { Ok(()) }
    }
}

/// The newest version of glibc's symbols that a program needs.
pub fn newest(program: &Program) -> Option<SymbolVersion> {
    program.versions.iter().filter_map(|name| name.parse().ok()).max()
}

/// The stack size that a program must be linked with: bytes.
pub fn stack_bytes(program: &str) -> u64 {
    STACK_BYTES.iter().find(|(name, _)| *name == program).map_or(0, |(_, bytes)| *bytes)
}

/// Everything that one program does wrong.
pub fn judge(program: &Program, linkage: Linkage, libraries: &Libraries) -> Vec<Finding> {
    let mut judge = Judge { program, findings: Vec::new() };
    let machine = libraries.machine;
    if program.machine != machine.number {
        let found = format!("built for ELF machine {}, not for {} ({})", program.machine, machine.name, machine.number);
        judge.found(Rule::Elf, found, &format!("build it for {}", machine.name));
        return judge.findings;
    }
    judge.stack();
    judge.run_path();
    match linkage {
        Linkage::Dynamic { interpreter, libraries: allowed, libc } => {
            judge.loads(Some(interpreter), allowed);
            judge.versions(libc);
            judge.nothing_linked_in(libc, libraries);
        }
        Linkage::Preloaded { libraries: allowed, libc } => {
            judge.loads(None, allowed);
            judge.versions(libc);
            judge.nothing_linked_in(libc, libraries);
            judge.takes_over();
        }
        Linkage::Static { answers } => {
            judge.stands_alone();
            judge.nothing_foreign(libraries);
            if answers {
                judge.own_code(libraries);
            }
        }
    }
    judge.findings
}

struct Judge<'a> {
    program: &'a Program,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn found(&mut self, rule: Rule, found: impl Into<String>, remedy: &str) {
        let file = self.program.path.clone();
        self.findings.push(Finding { file, rule, found: found.into(), remedy: remedy.into() });
    }

    fn stack(&mut self) {
        let expected = stack_bytes(&self.program.name);
        match &self.program.stack {
            None => self.found(
                Rule::Stack,
                "no PT_GNU_STACK header, so its stack is executable",
                "link with -z noexecstack",
            ),
            Some(stack) => {
                let (bytes, executable) = (stack.bytes, stack.executable);
                if executable {
                    self.found(Rule::Stack, "PT_GNU_STACK asks for an executable stack", "link with -z noexecstack");
                }
                if bytes != expected {
                    let found = format!("PT_GNU_STACK has a size of {bytes} bytes, not of {expected}");
                    self.found(Rule::Stack, found, &format!("link with -z stack-size={expected}"));
                }
            }
        }
    }

    fn run_path(&mut self) {
        let paths = self.program.dynamic.iter().flat_map(|d| &d.run_paths).cloned().collect::<Vec<_>>().join(":");
        if !paths.is_empty() {
            self.found(Rule::RunPath, format!("it looks for libraries in {paths}"), "link without -rpath");
        }
    }

    /// A dynamic program or shared object: its kind, its loader, what it needs.
    fn loads(&mut self, interpreter: Option<&str>, allowed: &[&str]) {
        if self.program.kind != elf::ET_DYN.0 {
            let found = format!("ELF type {}, not position independent ({})", self.program.kind, elf::ET_DYN.0);
            self.found(Rule::Kind, found, "link with -pie, as an ordinary cc does");
        }
        let asked = self.program.interpreter.as_deref();
        if asked != interpreter {
            let found = format!("interpreter {}, not {}", asked.unwrap_or("none"), interpreter.unwrap_or("none"));
            self.found(
                Rule::Interpreter,
                found,
                "link with the compiler of its own C library: cc for gnu, musl-gcc for musl",
            );
        }
        let Some(dynamic) = &self.program.dynamic else { return };
        if dynamic.packed {
            let remedy = "link with -z nopack-relative-relocs";
            self.found(
                Rule::Floor,
                "packed relocations, which loaders before glibc 2.36 and musl 1.2.4 cannot read",
                remedy,
            );
        }
        let strangers: Vec<_> = dynamic.needed.iter().filter(|n| !allowed.contains(&n.as_str())).cloned().collect();
        for library in strangers {
            let found = format!("it needs {library}, which is not part of its C library");
            self.found(
                Rule::Needed,
                found,
                "link it without that library; probes need no unwinder and no compiler runtime",
            );
        }
    }

    /// An allocator: whatever a program asks for memory, it is this one that answers.
    fn takes_over(&mut self) {
        let name = self.program.name.trim_end_matches(".so");
        let Some((_, proofs)) = ALLOCATORS.iter().find(|(known, _)| *known == name) else {
            return self.found(
                Rule::Complete,
                "no allocator of this name is known",
                "add it to ALLOCATORS of the audit",
            );
        };
        let wanted = ALLOCATION.iter().chain(*proofs);
        let missing: BTreeSet<String> = wanted
            .filter(|name| !self.program.exports.iter().any(|exported| exported == *name))
            .map(|name| (*name).to_owned())
            .collect();
        if !missing.is_empty() {
            let found = format!("it does not export {}", listed(&missing));
            self.found(Rule::Exports, found, "build it with its override of malloc, and export its functions");
        }
    }

    fn versions(&mut self, libc: Libc) {
        let above = |name: &&String| libc == Libc::Musl || name.parse().map_or(true, |v: SymbolVersion| v > FLOOR);
        let names: Vec<_> = self.program.versions.iter().filter(above).cloned().collect();
        for name in names {
            let (found, remedy) = match libc {
                Libc::Musl => (format!("symbol version {name}, and musl has none"), "link it with musl-gcc"),
                Libc::Glibc => (
                    format!("symbol version {name} is above the floor GLIBC_{FLOOR}"),
                    "look the function up at run time, or link against an older glibc",
                ),
            };
            self.found(Rule::Floor, found, remedy);
        }
    }

    /// Names of its functions that pass `is`, less those that it may define.
    fn functions(&mut self, is: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let Some(functions) = &self.program.functions else {
            self.found(Rule::Symbols, "no symbol table", "do not strip it: set strip = \"debuginfo\" in its profile");
            return BTreeSet::new();
        };
        let names =
            functions.iter().map(|f| f.name.as_str()).filter(|name| is(name) && !may_define(&self.program.name, name));
        names.map(str::to_owned).collect()
    }

    fn nothing_linked_in(&mut self, libc: Libc, libraries: &Libraries) {
        let names = self.functions(|name| match libc {
            Libc::Glibc => libraries.glibc.holds(name),
            Libc::Musl => libraries.musl.holds(name),
        });
        if !names.is_empty() {
            let found = format!("functions of the C library are linked in: {}", listed(&names));
            self.found(Rule::LinkedIn, found, "let the image's C library provide them");
        }
    }

    fn stands_alone(&mut self) {
        let program = self.program;
        let remedy = "link with -static and -C relocation-model=static";
        if let Some(interpreter) = &program.interpreter {
            self.found(Rule::Interpreter, format!("it asks for {interpreter}, so it is dynamic"), remedy);
        }
        if program.dynamic.is_some() || program.kind != elf::ET_EXEC.0 {
            let found = format!("ELF type {} with a dynamic section, not a fixed static program", program.kind);
            self.found(Rule::Kind, found, remedy);
        } else if program.relocations > 0 {
            let found = format!("{} relocations that musl's start-up code does not apply", program.relocations);
            self.found(Rule::Kind, found, remedy);
        }
    }

    fn nothing_foreign(&mut self, libraries: &Libraries) {
        let names = self.functions(|name| libraries.glibc.holds(name) && !libraries.musl.holds(name));
        if !names.is_empty() {
            let found = format!("functions that only glibc has: {}", listed(&names));
            self.found(Rule::Foreign, found, "link it with musl-gcc");
        }
    }

    fn own_code(&mut self, libraries: &Libraries) {
        let program = self.program;
        let functions = program.functions.iter().flatten();
        let strangers: BTreeSet<String> = functions
            .filter(|f| libraries.musl.holds(&f.name) && !may_define(&program.name, &f.name))
            .filter(|f| !libraries.musl.owns(program, f))
            .map(|f| f.name.clone())
            .collect();
        if !strangers.is_empty() {
            let found = format!("not musl's own code: {}", listed(&strangers));
            self.found(Rule::OwnCode, found, "link musl's libc.a before anything that defines these names");
        }
        let expected = &libraries.musl.version;
        match &program.musl_version {
            Some(version) if version == expected => {}
            Some(version) => {
                let found = format!("it says that it holds musl {version}, not {expected}");
                self.found(Rule::Version, found, "link it with the libc.a that the audit reads");
            }
            None => self.found(Rule::Version, "it does not say which musl it holds", "link with -Wl,-u,__libc_version"),
        }
    }
}

fn may_define(program: &str, function: &str) -> bool {
    let allocator = program.strip_prefix(BENCH).or(program.strip_suffix(".so"));
    // A program that is linked with an allocator is otherwise the one it is named after.
    let plain = if allocator.is_some() && program.starts_with(BENCH) { "bench" } else { program };
    OWN_FUNCTIONS.iter().any(|(name, _)| *name == function)
        || BROUGHT.iter().any(|(name, functions)| *name == program && functions.contains(&function))
        || (program == INTERPOSED && ALLOCATION.contains(&function))
        || BROUGHT.iter().any(|(name, functions)| *name == plain && functions.contains(&function))
        || (allocator.is_some() && (ALLOCATION.contains(&function) || ALLOCATION_RELATIVES.contains(&function)))
}

/// Whether the program is one that only static flavours have, since dynamic ones have their allocator preloaded.
fn is_static_alone(program: &str) -> bool {
    program.strip_prefix(BENCH).is_some_and(|name| ALLOCATORS.iter().any(|(known, _)| *known == name))
}

/// The first few names; a long list helps nobody.
fn listed(names: &BTreeSet<String>) -> String {
    let shown = names.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 8 { format!("{shown} and {} more", names.len() - 8) } else { shown }
}

/// The flavours that answer for a C library must have the same programs, and every flavour some.
pub fn complete(folder: &Path, flavours: &[(Flavour, Vec<Program>)]) -> Vec<Finding> {
    let names = |programs: &[Program]| {
        programs.iter().map(|p| p.name.clone()).filter(|name| !is_static_alone(name)).collect::<BTreeSet<_>>()
    };
    let probes = flavours.iter().filter(|(flavour, _)| *flavour != Flavour::Reference);
    let all: BTreeSet<String> = probes.clone().flat_map(|(_, programs)| names(programs)).collect();
    let mut findings = Vec::new();
    let mut missing = |flavour: Flavour, found: String| {
        let remedy = "build every flavour from the same sources with 'make probes'".into();
        findings.push(Finding { file: folder.join(flavour.name()), rule: Rule::Complete, found, remedy });
    };
    for (flavour, programs) in flavours {
        if programs.is_empty() {
            missing(*flavour, "no program in it".into());
        }
    }
    for (flavour, programs) in probes.filter(|(_, programs)| !programs.is_empty()) {
        for name in all.difference(&names(programs)) {
            missing(*flavour, format!("no program {name}, which another flavour has"));
        }
    }
    findings
}

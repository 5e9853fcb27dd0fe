//! Proof that the allocator under test is the live one: a figure of another allocator is worse than none, and a preloaded
//! object, a tunable or a linked archive that has no effect is easily had and hardly seen.
//!
//! A name or a version says nothing here; each allocator shows itself by what it does with a fresh block, each tunable by
//! its effect. The proof runs in a child of this very process, with the same image, allocator and environment, so that the
//! heap that is then measured has not been touched. [`prove`] is called before a block is measured, and refuses any
//! allocator but the expected one.

use serde::{Deserialize, Serialize};

use crate::answer::Refusal;
use crate::sys::bound;
use crate::sys::live::{self as sys, Heap};

pub mod tunable;

/// Who is live, and what shows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Proof {
    /// As on the command line of the harness.
    pub name: String,
    /// Its version, where it says one: glibc's, mimalloc's, jemalloc's.
    pub version: Option<String>,
    /// What shows that it is live, in words.
    pub proof: String,
}

/// What can be seen of the allocator in this process; a double of it answers in tests.
pub trait Seen {
    /// The object that `malloc` is in, and the one that the C library is in; `program` where they are linked in.
    fn objects(&self) -> (String, String);
    /// The allocator that the program was linked with, in place of the C library's.
    fn linked(&self) -> Option<&'static str>;
    /// glibc's version, where glibc is loaded.
    fn glibc(&self) -> Option<String>;
    /// What mimalloc says of a fresh block, where it is there.
    fn mimalloc(&self) -> Option<Mimalloc>;
    /// What jemalloc says before and after a fresh block, where it is there.
    fn jemalloc(&self) -> Option<Jemalloc>;
    /// Usable bytes of a fresh block of so many.
    fn usable(&self, bytes: usize) -> usize;
    /// Whether `malloc` gives a block of so many bytes that can be written to.
    fn gives(&self, bytes: usize) -> bool;
    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;
}

/// What mimalloc says.
#[derive(Clone, Copy, Debug)]
pub struct Mimalloc {
    /// `mi_version`: 20302 for 2.3.2.
    pub version: i32,
    /// Whether `mi_is_in_heap_region` knows a block of `malloc`'s.
    pub holds_block: bool,
    /// Whether it knows an address on the stack, which it must not.
    pub holds_stack: bool,
}

/// What jemalloc says.
#[derive(Clone, Debug)]
pub struct Jemalloc {
    /// mallctl `version`.
    pub version: String,
    /// By how many bytes mallctl `thread.allocated` rose while `malloc` gave [`BLOCK`] bytes.
    pub rose_by: u64,
}

/// The size of the fresh block: bytes. No size class of either allocator, so that what it says can be told from chance.
pub const BLOCK: usize = 10_007;

/// Proves that the expected allocator is live in this process: `system`, `mimalloc`, `mimalloc-secure`, `jemalloc`, tunables
/// of glibc joined by `+` (`glibc.arena_max=1`), or the path of an object. The error says what is live instead.
pub fn prove(expected: &str) -> Result<Proof, String> {
    sys::in_child(|| judge(expected, &Heap))
}

/// The allocator of a measurement that begins: the expected one, or where nobody said which, the one that seems to be there;
/// proved either way.
pub fn find(expected: Option<&str>) -> Result<Proof, Refusal> {
    prove(&expected.map_or_else(apparent, str::to_owned)).map_err(Refusal::Broke)
}

/// The allocator that seems to be there, by its name on the command line.
fn apparent() -> String {
    let (malloc, libc) = Heap.objects();
    match Heap.linked() {
        Some(name) => name.into(),
        None if malloc == libc => Heap.variable("GLIBC_TUNABLES").map_or("system".into(), |set| tunable::names(&set)),
        None => malloc,
    }
}

fn judge(expected: &str, seen: &impl Seen) -> Result<Proof, String> {
    let said = |version, proof| Proof { name: expected.to_owned(), version, proof };
    match expected {
        "system" => system(seen).map(|proof| said(seen.glibc(), proof)),
        "mimalloc" | "mimalloc-secure" => mimalloc(seen, expected).map(|(version, proof)| said(Some(version), proof)),
        "jemalloc" => jemalloc(seen).map(|(version, proof)| said(Some(version), proof)),
        path if path.contains('/') => object(seen, path).map(|proof| said(None, proof)),
        list if list.starts_with("glibc.") => {
            if seen.glibc().is_none() {
                return Err(format!("{list} tunes glibc, and this is another C library"));
            }
            let own = own_malloc(seen)?;
            // One process for each, so that none meets a heap that another one has used.
            let shown = |item| sys::in_child(|| tunable::prove(item, &sys::Effects));
            let effects = list.split('+').map(shown).collect::<Result<Vec<_>, _>>()?;
            Ok(said(seen.glibc(), format!("{own}; {}", effects.join("; "))))
        }
        other => Err(format!("no allocator `{other}` is known, so nothing can prove that it is live")),
    }
}

fn system(seen: &impl Seen) -> Result<String, String> {
    if let Some(tunables) = seen.variable("GLIBC_TUNABLES") {
        return Err(format!("the C library's own allocator is tuned: GLIBC_TUNABLES is {tunables}"));
    }
    own_malloc(seen)
}

/// `malloc` is the C library's own.
fn own_malloc(seen: &impl Seen) -> Result<String, String> {
    let (malloc, libc) = seen.objects();
    let stranger = match () {
        () if seen.linked().is_some() => seen.linked().map(str::to_owned),
        () if malloc != libc => Some(malloc.clone()),
        () if seen.mimalloc().is_some() => Some("mimalloc".into()),
        () if seen.jemalloc().is_some() => Some("jemalloc".into()),
        () => None,
    };
    match stranger {
        Some(stranger) => {
            Err(format!("the C library's own allocator is not the one that answers: {stranger} is there"))
        }
        None if malloc == "program" => Ok("malloc is linked in with the C library, and no other allocator is".into()),
        None => Ok(format!("malloc is in {malloc}, as the C library is, and no other allocator is loaded")),
    }
}

fn mimalloc(seen: &impl Seen, name: &str) -> Result<(String, String), String> {
    let place = seen.objects().0;
    let Some(found) = seen.mimalloc() else {
        return Err(format!("mimalloc is not live: nothing exports mi_version, and malloc is in {place}"));
    };
    if !found.holds_block || found.holds_stack {
        return Err(format!(
            "mimalloc is there and not live: of a block of malloc's, mi_is_in_heap_region says {}, and of the stack {} \
             (malloc is in {place})",
            found.holds_block, found.holds_stack
        ));
    }
    // With its guards, mimalloc pads every block and knows its exact size; without, a block has the size of its class.
    let guarded = seen.usable(BLOCK) == BLOCK;
    if guarded != (name == "mimalloc-secure") {
        let what = if guarded { "has its guards" } else { "has no guards" };
        return Err(format!("another mimalloc than {name} is live: it {what} (malloc is in {place})"));
    }
    let version = found.version;
    let version = format!("{}.{}.{}", version / 10_000, version / 100 % 100, version % 100);
    let blocks = if guarded { "blocks are padded" } else { "blocks are not padded" };
    Ok((version, format!("mi_is_in_heap_region knows a fresh block of malloc's; {blocks}; malloc is in {place}")))
}

fn jemalloc(seen: &impl Seen) -> Result<(String, String), String> {
    let place = seen.objects().0;
    let Some(found) = seen.jemalloc() else {
        return Err(format!("jemalloc is not live: no mallctl says its version, and malloc is in {place}"));
    };
    if found.rose_by < BLOCK as u64 {
        return Err(format!(
            "jemalloc is there and not live: thread.allocated rose by {} for a block of {BLOCK} bytes (malloc is in {place})",
            found.rose_by
        ));
    }
    // `5.3.1-0-g81034ce1...`: the release, and its commit.
    let version = found.version.split('-').next().unwrap_or_default().to_owned();
    let proof =
        format!("thread.allocated rose by {} for a block of {BLOCK} bytes; malloc is in {place}", found.rose_by);
    Ok((version, proof))
}

fn object(seen: &impl Seen, path: &str) -> Result<String, String> {
    let (malloc, _) = seen.objects();
    if malloc != path {
        return Err(format!("{path} is not live: malloc is in {malloc}"));
    }
    if !seen.gives(BLOCK) {
        return Err(format!("{path} has malloc, and it gives no block of {BLOCK} bytes"));
    }
    Ok(format!("malloc is in {malloc}"))
}

impl Seen for Heap {
    fn objects(&self) -> (String, String) {
        (bound::malloc(), bound::libc())
    }

    fn linked(&self) -> Option<&'static str> {
        libcdiff_allocators::LINKED
    }

    fn glibc(&self) -> Option<String> {
        bound::glibc_version()
    }

    fn mimalloc(&self) -> Option<Mimalloc> {
        sys::mimalloc(BLOCK)
    }

    fn jemalloc(&self) -> Option<Jemalloc> {
        sys::jemalloc(BLOCK)
    }

    fn usable(&self, bytes: usize) -> usize {
        sys::usable(bytes)
    }

    fn gives(&self, bytes: usize) -> bool {
        sys::gives(bytes)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process as it may be.
    #[derive(Default)]
    struct Process {
        malloc: &'static str,
        libc: &'static str,
        linked: Option<&'static str>,
        mimalloc: Option<Mimalloc>,
        jemalloc: Option<Jemalloc>,
        usable: usize,
        tunables: Option<&'static str>,
    }

    impl Seen for Process {
        fn objects(&self) -> (String, String) {
            (self.malloc.into(), self.libc.into())
        }
        fn linked(&self) -> Option<&'static str> {
            self.linked
        }
        fn glibc(&self) -> Option<String> {
            Some("2.41".into())
        }
        fn mimalloc(&self) -> Option<Mimalloc> {
            self.mimalloc
        }
        fn jemalloc(&self) -> Option<Jemalloc> {
            self.jemalloc.clone()
        }
        fn usable(&self, _: usize) -> usize {
            self.usable
        }
        fn gives(&self, _: usize) -> bool {
            self.usable > 0
        }
        fn variable(&self, name: &str) -> Option<String> {
            assert_eq!(name, "GLIBC_TUNABLES");
            self.tunables.map(str::to_owned)
        }
    }

    const LIVE: Mimalloc = Mimalloc { version: 20302, holds_block: true, holds_stack: false };

    fn plain() -> Process {
        Process { malloc: "/lib/libc.so.6", libc: "/lib/libc.so.6", ..Process::default() }
    }

    fn preloaded() -> Process {
        Process { malloc: "/.libcdiff/x.so", usable: 10_240, ..plain() }
    }

    #[test]
    fn the_c_librarys_own_allocator_is_live_where_nothing_else_is() {
        let proof = judge("system", &plain()).expect("it is live");
        assert_eq!((proof.name.as_str(), proof.version.as_deref()), ("system", Some("2.41")));
        let fixed = Process { malloc: "program", libc: "program", ..Process::default() };
        assert!(judge("system", &fixed).expect("it is live").proof.contains("linked in"));
    }

    #[test]
    fn the_c_librarys_own_allocator_is_refused_where_another_is_or_may_be() {
        for other in [
            preloaded(),
            Process { linked: Some("jemalloc"), ..plain() },
            Process { mimalloc: Some(LIVE), ..plain() },
            Process { tunables: Some("glibc.malloc.arena_max=1"), ..plain() },
        ] {
            assert!(judge("system", &other).is_err());
        }
    }

    #[test]
    fn mimalloc_is_live_where_it_knows_a_fresh_block() {
        let proof = judge("mimalloc", &Process { mimalloc: Some(LIVE), ..preloaded() }).expect("it is live");
        assert_eq!(proof.version.as_deref(), Some("2.3.2"));
    }

    #[test]
    fn mimalloc_that_is_loaded_and_gives_no_blocks_is_refused() {
        for said in [Mimalloc { holds_block: false, ..LIVE }, Mimalloc { holds_stack: true, ..LIVE }] {
            assert!(judge("mimalloc", &Process { mimalloc: Some(said), ..preloaded() }).is_err());
        }
        assert!(judge("mimalloc", &plain()).is_err_and(|e| e.contains("not live")));
    }

    #[test]
    fn mimalloc_with_and_without_guards_are_told_apart() {
        let with = Process { mimalloc: Some(LIVE), usable: BLOCK, ..preloaded() };
        let without = Process { mimalloc: Some(LIVE), ..preloaded() };
        assert!(judge("mimalloc-secure", &with).is_ok() && judge("mimalloc", &without).is_ok());
        assert!(judge("mimalloc", &with).is_err_and(|e| e.contains("guards")));
        assert!(judge("mimalloc-secure", &without).is_err_and(|e| e.contains("guards")));
    }

    #[test]
    fn jemalloc_is_live_where_its_count_moves() {
        let said = |rose_by| Process {
            jemalloc: Some(Jemalloc { version: "5.3.1-0-g81034ce1".into(), rose_by }),
            ..preloaded()
        };
        assert_eq!(judge("jemalloc", &said(10_240)).expect("it is live").version.as_deref(), Some("5.3.1"));
        assert!(judge("jemalloc", &said(0)).is_err_and(|e| e.contains("not live")));
        assert!(judge("jemalloc", &plain()).is_err());
    }

    #[test]
    fn an_object_of_ones_own_is_live_where_malloc_is_in_it() {
        assert!(judge("/.libcdiff/x.so", &preloaded()).is_ok());
        assert!(judge("/.libcdiff/y.so", &preloaded()).is_err_and(|e| e.contains("malloc is in /.libcdiff/x.so")));
        assert!(judge("/.libcdiff/x.so", &Process { usable: 0, ..preloaded() }).is_err());
    }

    #[test]
    fn an_allocator_that_nobody_knows_is_never_live() {
        assert!(judge("hoard", &plain()).is_err_and(|e| e.contains("hoard")));
    }
}

//! glibc's tunables, each proved by its effect on the heap. glibc ignores a tunable that it does not know or whose value it
//! does not like without a word, so the variable alone proves nothing.

/// What can be observed of glibc's heap; each in a process that has used it little.
pub trait Heap {
    /// Arenas that exist once so many threads hold a block each.
    fn arenas(&self, threads: usize) -> Option<usize>;
    /// Blocks of one size that `free` keeps for the thread before one becomes free for all, up to `most`.
    fn cached(&self, most: usize) -> usize;
    /// Whether a block of so many bytes is mapped by itself.
    fn is_mapped(&self, bytes: usize) -> bool;
    /// Whether one is still mapped by itself after one of its size was freed; glibc raises its threshold then, unless it
    /// was told one.
    fn is_mapped_again(&self, bytes: usize) -> bool;
    /// Bytes of the main heap after its first small block.
    fn first_growth(&self) -> usize;
    /// Free bytes at the end of the main heap at which it shrinks, to a block of [`STEP`]; `None` where it does not while
    /// so many are freed.
    fn shrinks_at(&self, bytes: usize) -> Option<usize>;
    /// Whether a large mapping is marked for huge pages, or made of them.
    fn is_huge(&self) -> bool;
}

/// The blocks by which a heap is filled and emptied: bytes.
pub const STEP: usize = 16 << 10;
/// Above this, a threshold is not tried out with a block of its size: bytes.
const LARGEST: usize = 64 << 20;
/// More arenas than this are not counted out.
const MOST_ARENAS: usize = 128;

/// The names on the command line for what a GLIBC_TUNABLES variable says.
pub fn names(variable: &str) -> String {
    let short = |item: &str| item.replacen("glibc.malloc.", "glibc.", 1);
    variable.split(':').map(short).collect::<Vec<_>>().join("+")
}

/// Proves one tunable, like `glibc.arena_max=1`; what was seen, in words.
pub fn prove(item: &str, heap: &impl Heap) -> Result<String, String> {
    let parts = item.strip_prefix("glibc.").and_then(|rest| rest.split_once('='));
    let Some((name, value)) = parts else { return Err(format!("`{item}` is not a tunable with a value")) };
    let name = name.strip_prefix("malloc.").unwrap_or(name);
    let value: usize = value.parse().map_err(|_| format!("`{item}`: the value is not a number"))?;
    let seen = match name {
        "arena_max" => arena_max(value, heap)?,
        "tcache_count" => tcache_count(value, heap),
        "mmap_threshold" => mmap_threshold(value, heap),
        "trim_threshold" => trim_threshold(value, heap),
        "top_pad" => top_pad(value, heap),
        "hugetlb" => hugetlb(value, heap),
        _ => return Err(format!("no effect is known that would show `{item}`")),
    };
    seen.map_or_else(|unseen| Err(format!("{item} has no effect here: {unseen}")), |seen| Ok(format!("{item}: {seen}")))
}

type Effect = Result<String, String>;

fn arena_max(most: usize, heap: &impl Heap) -> Result<Effect, String> {
    if most == 0 || most > MOST_ARENAS {
        return Err(format!("glibc.arena_max={most} cannot be shown: choose from 1 to {MOST_ARENAS}"));
    }
    // Enough threads for an arena each in a glibc that was told nothing, which stops at 8 for each processor.
    let threads = (most + 1).max(2);
    Ok(match heap.arenas(threads) {
        None => Err("malloc_info does not say how many arenas there are".into()),
        Some(arenas) if arenas <= most => Ok(format!("{} threads have arenas: {arenas}", threads + 1)),
        Some(arenas) => Err(format!("{} threads have arenas: {arenas}", threads + 1)),
    })
}

fn tcache_count(count: usize, heap: &impl Heap) -> Effect {
    let kept = heap.cached(count + 8);
    let seen = format!("{kept} freed blocks of one size are kept for the thread");
    if kept == count { Ok(seen) } else { Err(seen) }
}

fn mmap_threshold(bytes: usize, heap: &impl Heap) -> Effect {
    let above = bytes + 8192;
    if above > LARGEST {
        return Err(format!("it is above {LARGEST} bytes, where glibc ignores it"));
    }
    let below = bytes.checked_sub(8192).filter(|below| *below > 0);
    match (below.is_some_and(|below| heap.is_mapped(below)), heap.is_mapped(above), heap.is_mapped_again(above)) {
        (false, true, true) => {
            Ok(format!("a block of {above} bytes is mapped by itself, each time, and none below is"))
        }
        (true, ..) => Err(format!("a block of {} bytes is mapped by itself", bytes - 8192)),
        (_, false, _) => Err(format!("a block of {above} bytes is not mapped by itself")),
        (_, _, false) => Err(format!("a block of {above} bytes is not mapped by itself the second time")),
    }
}

/// A glibc that was told nothing raises both thresholds when a mapped block is freed.
fn is_fixed(heap: &impl Heap) -> bool {
    heap.is_mapped_again(160 << 10)
}

fn trim_threshold(bytes: usize, heap: &impl Heap) -> Effect {
    if !is_fixed(heap) {
        return Err("glibc still moves its thresholds".into());
    }
    if bytes > LARGEST {
        return Ok("glibc no longer moves its thresholds".into());
    }
    // glibc keeps `top_pad` bytes in any case, and looks only when a block of 64 KiB has come together.
    let least = 160 << 10;
    let seen = heap.shrinks_at(bytes + (1 << 20));
    match seen {
        None => Err(format!("the heap does not shrink when {} bytes at its end are freed", bytes + (1 << 20))),
        Some(at) if at.abs_diff(bytes) <= 2 * STEP || (bytes < least && at <= least) => {
            Ok(format!("the heap shrinks at {at} free bytes, and glibc no longer moves its thresholds"))
        }
        Some(at) => Err(format!("the heap shrinks at {at} free bytes")),
    }
}

fn top_pad(bytes: usize, heap: &impl Heap) -> Effect {
    let grown = heap.first_growth();
    let seen = format!("the heap begins with {grown} bytes");
    // A page or two more than was asked for, for the block itself and the end of its page.
    if grown >= bytes && grown <= bytes + (64 << 10) { Ok(seen) } else { Err(seen) }
}

fn hugetlb(value: usize, heap: &impl Heap) -> Effect {
    match (value, heap.is_huge()) {
        (0, false) => Ok("no mapping is marked for huge pages".into()),
        (0, true) => Err("mappings are marked for huge pages".into()),
        (_, true) => Ok("a large mapping is marked for huge pages".into()),
        (_, false) => {
            Err("no mapping is marked for huge pages (glibc 2.35 does, where transparent huge pages are set to \
                          madvise, or with 2 and pages in /proc/sys/vm/nr_hugepages)"
                .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A heap of glibc's that was told these.
    struct Told {
        arena_max: usize,
        tcache_count: usize,
        threshold: usize,
        fixed: bool,
        top_pad: usize,
        trim: usize,
    }

    /// As it is without any tunable.
    const UNTOLD: Told = Told {
        arena_max: usize::MAX,
        tcache_count: 7,
        threshold: 128 << 10,
        fixed: false,
        top_pad: 128 << 10,
        trim: 128 << 10,
    };

    impl Heap for Told {
        fn arenas(&self, threads: usize) -> Option<usize> {
            Some(self.arena_max.min(threads + 1))
        }
        fn cached(&self, most: usize) -> usize {
            self.tcache_count.min(most)
        }
        fn is_mapped(&self, bytes: usize) -> bool {
            bytes >= self.threshold
        }
        fn is_mapped_again(&self, bytes: usize) -> bool {
            self.fixed && bytes >= self.threshold
        }
        fn first_growth(&self) -> usize {
            self.top_pad + 4096
        }
        fn shrinks_at(&self, bytes: usize) -> Option<usize> {
            (bytes >= self.trim).then_some(self.trim - 100)
        }
        fn is_huge(&self) -> bool {
            false
        }
    }

    #[test]
    fn each_tunable_is_shown_by_its_effect_and_only_by_that() {
        let rows: [(&str, Told); 8] = [
            ("glibc.arena_max=1", Told { arena_max: 1, ..UNTOLD }),
            ("glibc.malloc.arena_max=2", Told { arena_max: 2, ..UNTOLD }),
            ("glibc.tcache_count=0", Told { tcache_count: 0, ..UNTOLD }),
            ("glibc.tcache_count=64", Told { tcache_count: 64, ..UNTOLD }),
            ("glibc.mmap_threshold=131072", Told { fixed: true, ..UNTOLD }),
            ("glibc.mmap_threshold=1048576", Told { fixed: true, threshold: 1 << 20, ..UNTOLD }),
            ("glibc.top_pad=1048576", Told { top_pad: 1 << 20, ..UNTOLD }),
            ("glibc.trim_threshold=4194304", Told { trim: 4 << 20, fixed: true, ..UNTOLD }),
        ];
        for (name, told) in rows {
            let shown = prove(name, &told).unwrap_or_else(|e| panic!("{e}"));
            assert!(shown.starts_with(name), "{shown}");
            assert!(prove(name, &UNTOLD).is_err_and(|e| e.contains("no effect")), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        for item in
            ["glibc.arena_max=0", "glibc.arena_max=9999", "glibc.perturb=1", "glibc.arena_max", "glibc.top_pad=x"]
        {
            assert!(prove(item, &UNTOLD).is_err(), "{item}");
        }
    }

    #[test]
    fn a_variable_is_named_as_on_the_command_line() {
        assert_eq!(names("glibc.malloc.arena_max=1:glibc.malloc.top_pad=0"), "glibc.arena_max=1+glibc.top_pad=0");
    }
}

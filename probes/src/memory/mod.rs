//! Memory beside allocation: mappings, named objects that processes share, and the checks that compilers put into programs.

use crate::case::{Case, Needs, cases, count, join};
use crate::sys::memory::checks::{self, Check, fail};
use crate::sys::memory::{maps, shared};

const MMAP: &str = "POSIX mmap; mmap(2); musl src/mman/mmap.c";
const NAMES: &str =
    "POSIX shm_open: implementation-defined without a slash; glibc posix/shm-directory.c, musl src/mman/shm_open.c";
const SEMAPHORES: &str = "POSIX sem_open; glibc sysdeps/htl and nptl/sem_open.c, musl src/thread/sem_open.c";
const FORTIFIED: &str = "glibc debug/, feature_test_macros(7) _FORTIFY_SOURCE";
const NOTHING: Needs = Needs::NOTHING;
/// Old glibc writes to the terminal unless told otherwise.
const REPORT: Needs = Needs::NOTHING.env(&[("LIBC_FATAL_STDERR_", "1")]);
const PRIVATE: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

mod mappings {
    use super::*;
    cases! {
        "memory.map.length-0", "mmap of nothing", "What does mmap say to length 0?", MMAP, NOTHING, |o| maps::map(o, 0, PRIVATE, 0);
        "memory.map.length-max", "mmap of everything", "What does mmap say to the largest length there is?", MMAP, NOTHING,
            |o| maps::map(o, usize::MAX, PRIVATE, 0);
        "memory.map.length-beyond", "mmap beyond PTRDIFF_MAX", "What does mmap say to a length that no pointer difference holds?", MMAP, NOTHING,
            |o| maps::map(o, 1 << 63, PRIVATE, 0);
        "memory.map.offset-unaligned", "mmap at an odd offset", "What does mmap say to an offset that is not of whole pages?", MMAP, NOTHING,
            |o| maps::map(o, 4096, PRIVATE, 1);
        "memory.map.offset-negative", "mmap at a negative offset", "What does mmap say to an offset of -4096?", MMAP, NOTHING,
            |o| maps::map(o, 4096, PRIVATE, -4096);
        "memory.map.flags-none", "mmap neither shared nor private", "What does mmap say to neither MAP_SHARED nor MAP_PRIVATE?", MMAP, NOTHING,
            |o| maps::map(o, 4096, libc::MAP_ANONYMOUS, 0);
        "memory.map.files", "mmap of what cannot be mapped", "What does mmap say to /dev/null and to a closed descriptor?", MMAP, NOTHING, maps::map_files;
        "memory.unmap", "munmap with odd arguments", "What does munmap say to length 0, an odd address and a length beyond memory?", "POSIX munmap", NOTHING, maps::unmap;
        "memory.protect", "mprotect with odd arguments", "What does mprotect say to addresses and lengths that are not of whole pages?",
            "POSIX mprotect: may require whole pages; musl src/mman/mprotect.c rounds", NOTHING, maps::protect;
        "memory.remap", "mremap with odd arguments", "What does mremap say to odd sizes and flags?", "mremap(2); musl src/mman/mremap.c", NOTHING, maps::remap;
        "memory.advise", "advice and locks with odd arguments", "What do madvise, msync, mincore and mlock say to odd arguments?", "POSIX posix_madvise, msync, mlock", NOTHING,
            maps::advise;
        "memory.advise-away", "POSIX_MADV_DONTNEED", "Does posix_madvise with DONTNEED throw away what a page holds?", "POSIX posix_madvise: advice alone; glibc and musl make it nothing", NOTHING,
            maps::advise_away;
        "memory.lock", "mlock2 and mlockall", "What do mlock2 and mlockall say to flags that are none?", "mlock2(2); glibc 2.27", NOTHING, maps::lock;
        "memory.anonymous-file", "memfd_create", "What does memfd_create say to odd arguments?", "memfd_create(2); glibc 2.27, musl 1.1.20", NOTHING, maps::anonymous_file;
        "memory.page-size", "size of a page", "Do getpagesize and sysconf agree?", "POSIX sysconf", NOTHING, maps::page_size;
        "memory.shared.names", "names of shared memory", "Which names does shm_open accept?", NAMES, NOTHING, shared::memory;
        "memory.shared.missing", "shared memory that is not there", "What do shm_open and shm_unlink say to what is not there?", NAMES, NOTHING, shared::memory_missing;
        "memory.semaphore.names", "names of semaphores", "Which names does sem_open accept?", SEMAPHORES, NOTHING, shared::semaphore;
        "memory.semaphore.odd", "semaphores with odd arguments", "What does sem_open say to a value that is too large, and to what is there already?", SEMAPHORES, NOTHING,
            shared::semaphore_odd;
        "memory.queue.names", "names of message queues", "Which names does mq_open refuse, and which does it not find?", "POSIX mq_open; glibc sysdeps/unix/sysv/linux/mq_open.c, musl src/mq/mq_open.c", NOTHING,
            shared::queue;
    }
}

macro_rules! checks {
    ($($id:literal, $title:literal, $check:ident, $source:expr;)*) => {
        cases! { $(
            $id, $title, concat!("What happens when the check fails: ", $title, "?"), $source, REPORT, |o| fail(o, Check::$check);
        )* }
    };
}

mod failures {
    use super::*;
    checks! {
        "memory.check.stack", "a broken stack canary", Stack, "gcc -fstack-protector; glibc debug/stack_chk_fail.c, musl src/env/__stack_chk_fail.c";
        "memory.check.fail", "__chk_fail", Fail, FORTIFIED;
        "memory.check.memcpy", "memcpy of too much", Memcpy, FORTIFIED;
        "memory.check.strcpy", "strcpy of too much", Strcpy, FORTIFIED;
        "memory.check.sprintf", "sprintf of too much", Sprintf, FORTIFIED;
        "memory.check.read", "read of too much", Read, FORTIFIED;
        "memory.check.percent-n", "%n in a format that can be written to", PercentN, "glibc manual, _FORTIFY_SOURCE 2";
        "memory.check.descriptor", "FD_SET of descriptor 2000", Fdelt, "glibc debug/fdelt_chk.c";
    }
}

mod protector {
    use super::*;
    cases! {
        "memory.canary.bytes", "bytes of the stack canary", "Which bytes of the stack protector's canary are always zero?",
            "glibc sysdeps/generic/dl-osinfo.h (lowest byte), musl src/env/__stack_chk_fail.c (second byte)", NOTHING, checks::canary;
    }
}

const TABLES: &[&[Case]] = &[mappings::CASES, failures::CASES, protector::CASES];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);

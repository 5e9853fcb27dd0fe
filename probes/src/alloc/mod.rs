//! Allocation, behaviour and not speed: what the functions answer, what they make of mistakes, what they give back, and which
//! ways into them there are. The table below is the index of the area; each file holds the questions about one noun.

mod aligned;
mod basics;
mod corruption;
mod exhausted;
mod interposition;
mod places;
mod resize;
mod retention;
mod threads;
mod tuning;

use crate::case::Case;

/// Every case of the area.
pub static CASES: &[Case] = &[
    basics::ZERO,
    basics::USABLE,
    basics::ALIGNMENT,
    basics::REUSE,
    basics::CALLOC_ZERO,
    basics::CALLOC_CLEARS,
    basics::FREE_ERRNO,
    basics::FREE_ERRNO_REFUSED,
    exhausted::HUGE,
    exhausted::CALLOC_OVERFLOW,
    exhausted::REALLOC_HUGE,
    exhausted::REALLOCARRAY_OVERFLOW,
    exhausted::LIMITED,
    resize::ZERO,
    resize::NULL,
    resize::SHRINK,
    resize::GROW,
    aligned::ALIGNED_ALLOC,
    aligned::ALIGNED_ALLOC_SIZE,
    aligned::MEMALIGN,
    aligned::POSIX_MEMALIGN,
    aligned::POSIX_MEMALIGN_HUGE,
    corruption::DOUBLE_FREE_SMALL,
    corruption::DOUBLE_FREE_BETWEEN,
    corruption::DOUBLE_FREE_MANY,
    corruption::DOUBLE_FREE_MEDIUM,
    corruption::DOUBLE_FREE_LARGE,
    corruption::FREE_INSIDE,
    corruption::FREE_UNALIGNED,
    corruption::FREE_STACK,
    corruption::REALLOC_FREED,
    corruption::OVERFLOW_ZERO,
    corruption::OVERFLOW_BYTE,
    corruption::OVERFLOW_SLACK,
    corruption::OVERFLOW_FAR,
    corruption::WRITE_FREED,
    corruption::WRITE_FREED_LARGE,
    corruption::CHECKED,
    corruption::WITHOUT_CACHE,
    retention::SMALL,
    retention::SMALL_BACKWARDS,
    retention::SMALL_MOSTLY,
    retention::SMALL_PINNED,
    retention::MEDIUM,
    retention::LARGE,
    retention::TRIM,
    retention::UNCACHED,
    retention::TRIMMED,
    retention::RANDOM,
    threads::HEAPS,
    threads::ADDRESS_SPACE,
    threads::ONE_ADDRESS_SPACE,
    threads::ONE_ARENA,
    threads::ONE_ARENA_TUNABLE,
    threads::LINKED,
    places::BLOCKS,
    places::SECOND,
    places::THRESHOLD_ENVIRONMENT,
    places::THRESHOLD_OPTION,
    places::BREAK,
    tuning::FUNCTIONS,
    tuning::BSD_FUNCTIONS,
    tuning::MALLINFO,
    tuning::MALLOPT,
    tuning::HOOK,
    tuning::PERTURB,
    interposition::USERS,
];

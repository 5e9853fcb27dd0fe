//! `qsort` and its relatives: whether equal items keep their order, and what is compared with what.

use heap::vec::Vec;

use super::asks;
use crate::outcome::Outcome;
use crate::sys::strings::sort::{Item, items, search, sort, with_argument};

const STABLE: &str = "ISO C11 7.22.5.2, 4: the order of equal items is unspecified; glibc NEWS 2.37, 2.38: introsort, and merge sort again; musl src/stdlib/qsort.c: smoothsort";
const CALLS: &str = "ISO C11 7.22.5; glibc stdlib/qsort.c, msort.c; musl src/stdlib/qsort.c";
const QSORT_R: &str = "POSIX.1-2024 qsort_r(); musl WHATSNEW 1.2.3";

/// Whether equal items are in the order of their places.
fn stable(sorted: &[Item]) -> bool {
    sorted
        .windows(2)
        .all(|pair| pair[0].key < pair[1].key || (pair[0].key == pair[1].key && pair[0].place < pair[1].place))
}

fn ordered(o: &mut Outcome, keys: Vec<i32>) {
    let (sorted, asked) = sort(items(keys));
    o.fact("sorted", sorted.windows(2).all(|pair| pair[0].key <= pair[1].key));
    o.fact("equal_keep_order", stable(&sorted));
    o.measured("comparisons", asked.len());
}

fn calls(o: &mut Outcome, keys: &[i32]) {
    let (_, asked) = sort(items(keys.iter().copied()));
    o.fact("pairs", asked.iter().map(|(a, b)| heap::format!("{} {}", a.key, b.key)).collect::<Vec<_>>());
}

/// Keys that repeat in no order: a linear congruence.
fn keys(count: i32, different: i32) -> Vec<i32> {
    (0..count).map(|n| (n.wrapping_mul(1_103_515_245).wrapping_add(12_345) >> 8).rem_euclid(different)).collect()
}

asks! {
    "strings.qsort.stable-10", "10 items, 3 keys", "Do equal items of 10 keep their order in qsort?", STABLE, |o| ordered(o, keys(10, 3));
    "strings.qsort.stable-1000", "1,000 items, 10 keys", "Do equal items of 1,000 keep their order in qsort?", STABLE, |o| ordered(o, keys(1000, 10));
    "strings.qsort.stable-equal", "100 equal items", "Do 100 equal items keep their order in qsort?", STABLE, |o| ordered(o, heap::vec![7; 100]);
    "strings.qsort.stable-2", "two equal items", "Do two equal items keep their order in qsort?", STABLE, |o| ordered(o, heap::vec![7; 2]);
    "strings.qsort.stable-3", "three equal items", "Do three equal items keep their order in qsort?", STABLE, |o| ordered(o, heap::vec![7; 3]);
    "strings.qsort.stable-large", "200,000 items", "Do equal items of 200,000, which need 1.6 MB, keep their order in qsort?", STABLE, |o| ordered(o, keys(200_000, 1000));
    "strings.qsort.stable-reversed", "items in reverse", "Do equal items keep their order in qsort when keys come in reverse?", STABLE, |o| ordered(o, (0..100).map(|n| 10 - n / 10).collect());
    "strings.qsort.calls-3", "comparisons of 3 items", "Which pairs does qsort compare of 3, 1, 2, in which order?", CALLS, |o| calls(o, &[3, 1, 2]);
    "strings.qsort.calls-sorted", "comparisons of sorted items", "Which pairs does qsort compare of 1 to 5 in order?", CALLS, |o| calls(o, &[1, 2, 3, 4, 5]);
    "strings.qsort.calls-1", "comparisons of one item", "Does qsort call the comparison for one item?", CALLS, |o| calls(o, &[1]);
    "strings.qsort.calls-0", "comparisons of nothing", "Does qsort call the comparison for no item?", CALLS, |o| calls(o, &[]);
    "strings.qsort.comparisons", "comparisons of 1,000 items", "Is an item ever compared with itself in qsort of 1,000?", CALLS, |o| {
        let (_, asked) = sort(items(keys(1000, 500)));
        o.fact("with_itself", asked.iter().any(|(a, b)| a == b));
        o.measured("comparisons", asked.len());
    };
    "strings.qsort-r.exists", "qsort_r", "Is there qsort_r, and does it pass its argument on?", QSORT_R, |o| match with_argument(items([3, 1, 2]), -1) {
        Some(sorted) => o.fact("keys", sorted.iter().map(|item| item.key).collect::<Vec<_>>()),
        None => o.line("no qsort_r"),
    };
    "strings.bsearch.found", "bsearch", "Which of 7 items does bsearch look at for the fifth?", CALLS, |o| { let (place, seen) = search(&items([1, 3, 5, 7, 9, 11, 13]), 9); o.fact("place", place); o.fact("seen", seen); };
    "strings.bsearch.missing", "bsearch of what is not there", "Which of 7 items does bsearch look at for one that is not there?", CALLS, |o| { let (place, seen) = search(&items([1, 3, 5, 7, 9, 11, 13]), 4); o.fact("place", place); o.fact("seen", seen); };
    "strings.bsearch.equal", "bsearch of equal items", "Which of 6 equal items does bsearch find?", CALLS, |o| { let (place, seen) = search(&items([7; 6]), 7); o.fact("place", place); o.fact("seen", seen); };
    "strings.bsearch.none", "bsearch of nothing", "Does bsearch call the comparison for no item?", CALLS, |o| { let (place, seen) = search(&[], 7); o.fact("place", place); o.fact("seen", seen); };
}

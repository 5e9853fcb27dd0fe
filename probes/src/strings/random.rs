//! Pseudo-random sequences, which golden files hold and which the standard does not fix, but for `drand48`'s.

use heap::vec::Vec;

use super::asks;
use crate::sys::strings::random::{drand48, lrand48, mrand48, rand, rand_r, random, random_with_state};

const RAND: &str = "ISO C11 7.22.2: the sequence is not specified; musl src/prng/rand.c; glibc stdlib/random_r.c";
const RANDOM: &str = "POSIX.1-2017 random(); musl src/prng/random.c; glibc stdlib/random_r.c";
const FIXED: &str = "POSIX.1-2017 drand48(): the formula is given";

asks! {
    "strings.rand.unseeded", "rand without srand", "Which are the first five numbers of rand?", RAND, |o| o.fact("numbers", rand(None, 5));
    "strings.rand.seed-1", "rand after srand(1)", "Which are the first five numbers of rand after srand(1)?", RAND, |o| o.fact("numbers", rand(Some(1), 5));
    "strings.rand.seed-42", "rand after srand(42)", "Which are the first five numbers of rand after srand(42)?", RAND, |o| o.fact("numbers", rand(Some(42), 5));
    "strings.rand.seed-0", "rand after srand(0)", "Is rand after srand(0) the same as after srand(1)?", RAND, |o| o.fact("same", rand(Some(0), 5) == rand(Some(1), 5));
    "strings.rand.default-seed", "the seed of rand", "Is rand without srand the same as after srand(1)?", RAND, |o| { let first = rand(None, 5); o.fact("same", first == rand(Some(1), 5)); };
    "strings.rand-r.seed-1", "rand_r", "Which are the first five numbers of rand_r from 1?", RAND, |o| o.fact("numbers", rand_r(1, 5));
    "strings.random.unseeded", "random without srandom", "Which are the first five numbers of random?", RANDOM, |o| o.fact("numbers", random(None, 5));
    "strings.random.seed-42", "random after srandom(42)", "Which are the first five numbers of random after srandom(42)?", RANDOM, |o| o.fact("numbers", random(Some(42), 5));
    "strings.random.rand", "random and rand", "Are random and rand one generator?", RANDOM, |o| { let first: Vec<i64> = rand(Some(7), 5).into_iter().map(i64::from).collect(); o.fact("same", first == random(Some(7), 5)); };
    "strings.random.state-8", "random with 8 bytes", "Which are the first three numbers of random with a state of 8 bytes?", RANDOM, |o| o.fact("numbers", random_with_state(8, 3));
    "strings.random.state-128", "random with 128 bytes", "Which are the first three numbers of random with a state of 128 bytes?", RANDOM, |o| o.fact("numbers", random_with_state(128, 3));
    "strings.random.state-4", "random with 4 bytes", "Does initstate take a state of 4 bytes?", RANDOM, |o| o.fact("numbers", random_with_state(4, 3));
    "strings.lrand48.seed-42", "lrand48", "Which are the first three numbers of lrand48 after srand48(42)?", FIXED, |o| o.fact("numbers", lrand48(Some(42), 3));
    "strings.lrand48.unseeded", "lrand48 without a seed", "Which are the first three numbers of lrand48 without srand48?", FIXED, |o| o.fact("numbers", lrand48(None, 3));
    "strings.mrand48.seed-42", "mrand48", "Which are the first three numbers of mrand48 after srand48(42)?", FIXED, |o| o.fact("numbers", mrand48(42, 3));
    "strings.drand48.seed-42", "drand48", "Which bits have the first two numbers of drand48 after srand48(42)?", FIXED, |o| o.fact("bits", drand48(42, 2).iter().map(|bits| heap::format!("{bits:016x}")).collect::<Vec<_>>());
}

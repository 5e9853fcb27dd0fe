//! The table as a program for the kernel (seccomp(2)), in the classic form of the Berkeley Packet Filter: first what kind of
//! call it is, then its number is looked for by halves, and what is not found is allowed. The kernel goes through the program
//! once for each number that it knows when the filter is installed, so that a long way would be paid for in every case.

use std::collections::BTreeMap;

use libc::{
    BPF_ABS, BPF_JA, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W, SECCOMP_RET_ALLOW,
    SECCOMP_RET_ERRNO, SECCOMP_RET_KILL_PROCESS, sock_filter,
};
use nix::errno::Errno;

use super::table::{self, Values};

/// What the kernel calls this architecture (linux/audit.h); `None` for one that the table has not been looked through for.
pub const NATIVE: Option<u32> = match () {
    () if cfg!(target_arch = "x86_64") => Some(0xc000_003e),
    () if cfg!(target_arch = "aarch64") => Some(0xc000_00b7),
    () => None,
};

/// Numbers from here on are x32's, in kernels for x86_64 that have it.
const X32: u32 = 0x4000_0000;

/// Where things stand in what a filter is shown: the number, the architecture, the first argument's lower half.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const FIRST: u32 = 16;

/// The program for this architecture.
pub fn assemble(native: u32) -> Vec<sock_filter> {
    // Another architecture's calls have other numbers, and no program of an image makes one by accident.
    let mut program =
        vec![load(ARCHITECTURE), jump(BPF_JEQ, native, 1, 0), answer(SECCOMP_RET_KILL_PROCESS), load(NUMBER)];
    if cfg!(target_arch = "x86_64") {
        // As in kernels without x32, which are nearly all.
        program.extend([jump(BPF_JGE, X32, 0, 1), refuse(Errno::ENOSYS)]);
    }
    let whole = table::refused().map(|call| (call.number as u32, vec![refuse(call.answer)]));
    let partly = table::PARTLY.iter().map(|call| (call.number as u32, judge(call.refused)));
    let rules: BTreeMap<_, _> = whole.chain(partly).collect();
    program.extend(search(&rules.into_iter().collect::<Vec<_>>()));
    program
}

/// Finds the number among the rules, which are in its order, and does what its rule says.
fn search(rules: &[(u32, Vec<sock_filter>)]) -> Vec<sock_filter> {
    match rules {
        [] => vec![answer(SECCOMP_RET_ALLOW)],
        // An answer about an argument is short.
        [(number, rule)] => std::iter::once(jump(BPF_JEQ, *number, 0, rule.len() as u8))
            .chain(rule.iter().copied())
            .chain([answer(SECCOMP_RET_ALLOW)])
            .collect(),
        _ => {
            let (below, from) = rules.split_at(rules.len() / 2);
            let below = search(below);
            let skip = instruction(BPF_JMP | BPF_JA, below.len() as u32, 0, 0);
            [vec![jump(BPF_JGE, from[0].0, 0, 1), skip], below, search(from)].concat()
        }
    }
}

/// Looks at the first argument, and ends with an answer.
fn judge(values: Values) -> Vec<sock_filter> {
    let (allow, eperm) = (answer(SECCOMP_RET_ALLOW), refuse(Errno::EPERM));
    let load = load(FIRST);
    let ([some, rest], (test, values)) = match values {
        Values::AnyBitOf(bits) => return vec![load, jump(BPF_JSET, bits, 0, 1), eperm, allow],
        Values::OneOf(values) => ([eperm, allow], (BPF_JEQ, values)),
        Values::NoneOf(values) => ([allow, eperm], (BPF_JEQ, values)),
    };
    let tests = values.iter().flat_map(|value| [jump(test, *value, 0, 1), some]);
    std::iter::once(load).chain(tests).chain([rest]).collect()
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0)
}

/// Compares what was loaded with `value`, and skips so many instructions where that is so, and where it is not.
fn jump(test: u32, value: u32, so: u8, not: u8) -> sock_filter {
    instruction(BPF_JMP | test | BPF_K, value, so, not)
}

fn refuse(errno: Errno) -> sock_filter {
    answer(SECCOMP_RET_ERRNO | errno as u32)
}

fn answer(action: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, action, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    // Codes of the classic form have 16 bits.
    sock_filter { code: code as u16, jt, jf, k }
}

//! Domains small enough to ask all of: the words for errors and signals, and every number that sysconf and its relatives
//! may be asked.

use heap::string::String;

use super::super::{Answer, Input, Inputs, Target, decimal};
use crate::sys::strings::texts;
use crate::sys::{fs, locale, process};

/// `strerror` and `strerror_r`.
pub const ERRORS: Target = Target {
    id: "strings.errors",
    what: "the texts of every error number: strerror, and strerror_r as POSIX has it",
    functions: &["strerror", "strerror_r"],
    fields: &["number"],
    inputs: Inputs::All(210, |n| numbered(n, -5)),
    ask: ask_errors,
    ..Target::PLAIN
};

/// `strsignal` and its relatives.
pub const SIGNALS: Target = Target {
    id: "strings.signals",
    what: "the texts of every signal number: strsignal",
    functions: &["strsignal"],
    fields: &["number"],
    inputs: Inputs::All(80, |n| numbered(n, -5)),
    ask: |input, answer| said(answer, "strsignal", texts::signal(input.number(0) as i32)),
    ..Target::PLAIN
};

/// `sigabbrev_np` and `sigdescr_np`.
pub const SIGNAL_NAMES: Target = Target {
    id: "strings.signal_names",
    what: "what GNU has for every signal number: sigabbrev_np and sigdescr_np",
    functions: &["sigabbrev_np", "sigdescr_np"],
    fields: &["number"],
    inputs: Inputs::All(80, |n| numbered(n, -5)),
    ask: ask_signal_names,
    ..Target::PLAIN
};

/// `gai_strerror`.
pub const LOOKUPS: Target = Target {
    id: "dns.errors",
    what: "the texts of every number that getaddrinfo returns: gai_strerror",
    functions: &["gai_strerror"],
    fields: &["number"],
    inputs: Inputs::All(130, |n| numbered(n, -120)),
    ask: |input, answer| said(answer, "gai_strerror", texts::address(input.number(0) as i32)),
    ..Target::PLAIN
};

/// `hstrerror`.
pub const HOSTS: Target = Target {
    id: "dns.host_errors",
    what: "the texts of every value of h_errno: hstrerror",
    functions: &["hstrerror"],
    fields: &["number"],
    inputs: Inputs::All(20, |n| numbered(n, -5)),
    ask: |input, answer| said(answer, "hstrerror", texts::host(input.number(0) as i32)),
    ..Target::PLAIN
};

/// `sysconf`.
pub const SYSCONF: Target = Target {
    id: "process.sysconf",
    what: "sysconf of every number from -1 to 400; what is the machine's is told apart from an error alone",
    functions: &["sysconf"],
    fields: &["name"],
    inputs: Inputs::All(402, |n| numbered(n, -1)),
    env: &[("TZ", "UTC0")],
    ask: ask_sysconf,
    ..Target::PLAIN
};

/// `confstr`.
pub const CONFSTR: Target = Target {
    id: "process.confstr",
    what: "confstr of every number from -1 to 1300; of a C library's own version only that it tells it",
    functions: &["confstr"],
    fields: &["name"],
    inputs: Inputs::All(1302, |n| numbered(n, -1)),
    ask: |input, answer| {
        let (known, string) = known(process::names::answer(input.number(0) as i32), &["none", "EINVAL"]);
        answer.line("confstr", known);
        answer.bytes("string", string.as_bytes());
    },
    ..Target::PLAIN
};

/// `pathconf`.
pub const PATHCONF: Target = Target {
    id: "fs.pathconf",
    what: "pathconf of the root folder and every number from -1 to 400; what is the file system's is told apart from an \
           error alone",
    functions: &["pathconf"],
    fields: &["name"],
    inputs: Inputs::All(402, |n| numbered(n, -1)),
    ask: ask_pathconf,
    ..Target::PLAIN
};

/// `nl_langinfo`.
pub const LANGINFO: Target = Target {
    id: "locale.langinfo",
    what: "nl_langinfo of every item of langinfo.h, in the C locale",
    functions: &["nl_langinfo"],
    fields: &["item"],
    inputs: Inputs::All(ITEMS.len() as u64 + LC_TIME_ITEMS as u64, |n| numbered(item(n), 0)),
    ask: ask_langinfo,
    ..Target::PLAIN
};

/// The element of a domain that begins with `first`.
fn numbered(n: u64, first: i64) -> Input {
    Input(heap::vec![decimal(first + n as i64)])
}

fn said(answer: &mut Answer, name: &str, text: Option<String>) {
    match text {
        Some(text) => answer.bytes(name, text.as_bytes()),
        None => answer.line(name, "no text"),
    }
}

fn ask_errors(input: &Input, answer: &mut Answer) {
    let number = input.number(0) as i32;
    // Whether there is such an error comes before what it is called.
    let (code, text) = texts::error_into(number, 128);
    answer.line("strerror_r", crate::text::errno(code));
    said(answer, "strerror", texts::error(number));
    said(answer, "its text", text);
}

fn ask_signal_names(input: &Input, answer: &mut Answer) {
    let number = input.number(0) as i32;
    let names = [("sigabbrev_np", c"sigabbrev_np"), ("sigdescr_np", c"sigdescr_np")];
    let texts = names.map(|(name, function)| (name, texts::of_glibc(function, number)));
    for (name, text) in &texts {
        answer.line(*name, if text.is_some() { "is there" } else { "absent" });
    }
    for (name, text) in texts {
        text.into_iter().for_each(|text| said(answer, name, text));
    }
}

/// Whether an answer is one of the words for "no figure", and else what there is.
fn known(answer: String, none: &[&str]) -> (String, String) {
    match none.contains(&answer.as_str()) {
        true => (answer, String::new()),
        false => ("known".into(), answer),
    }
}

/// Numbers of sysconf whose figures are the machine's or the session's: limits of processes, pages and memory, processors
/// and their caches, and stacks, which depend on the processor's registers. Both C libraries give the names these numbers.
const OF_THE_MACHINE: [(i32, i32); 10] = [
    (libc::_SC_ARG_MAX, libc::_SC_CHILD_MAX),
    (libc::_SC_OPEN_MAX, libc::_SC_OPEN_MAX),
    (libc::_SC_PAGESIZE, libc::_SC_PAGESIZE),
    (libc::_SC_SIGQUEUE_MAX, libc::_SC_SIGQUEUE_MAX),
    (libc::_SC_THREAD_STACK_MIN, libc::_SC_THREAD_THREADS_MAX),
    (libc::_SC_NPROCESSORS_CONF, libc::_SC_NPROCESSORS_ONLN),
    (libc::_SC_PHYS_PAGES, libc::_SC_AVPHYS_PAGES),
    (libc::_SC_ATEXIT_MAX, libc::_SC_ATEXIT_MAX),
    // _SC_LEVEL1_ICACHE_SIZE to _SC_LEVEL4_CACHE_LINESIZE.
    (185, 199),
    // _SC_MINSIGSTKSZ and _SC_SIGSTKSZ.
    (249, 250),
];

fn ask_sysconf(input: &Input, answer: &mut Answer) {
    let name = input.number(0) as i32;
    figure(answer, "sysconf", &process::numbers::answer(name), inside(&OF_THE_MACHINE, name));
}

fn inside(ranges: &[(i32, i32)], number: i32) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

/// A figure; of one that is not the C library's, only that it is one.
fn figure(answer: &mut Answer, name: &str, said: &str, elsewhere: bool) {
    match said {
        // A limit that is not set, or a cache that is not there, is the machine's as well.
        "EINVAL" | "ENOSYS" | "EOPNOTSUPP" => answer.line(name, said),
        _ if elsewhere => answer.line(name, "known, and not the C library's"),
        "none" => answer.line(name, "known, and has no limit"),
        figure => {
            answer.line(name, "known, a figure");
            answer.line("figure", figure);
        }
    }
}

/// Numbers of pathconf that are the file system's: most links, longest name, sizes of files and of transfers, and whether
/// there are symbolic links.
const OF_THE_FILE_SYSTEM: [(i32, i32); 5] = [(0, 0), (3, 3), (10, 11), (13, 18), (19, 20)];

fn ask_pathconf(input: &Input, answer: &mut Answer) {
    let name = input.number(0) as i32;
    let said = fs::paths::limit_of(c"/", name);
    figure(answer, "pathconf", &said, inside(&OF_THE_FILE_SYSTEM, name));
}

/// `ABDAY_1`, behind which are the items of the category LC_TIME that are strings, up to `ERA_T_FMT`.
const LC_TIME: i32 = 0x2_0000;
const LC_TIME_ITEMS: usize = 0x32;
/// `CODESET`, `RADIXCHAR`, `THOUSEP`, `CRNCYSTR`, `YESEXPR`, `NOEXPR`, `YESSTR` and `NOSTR`.
const ITEMS: [i32; 8] = [14, 0x1_0000, 0x1_0001, 0x4_000f, 0x5_0000, 0x5_0001, 0x5_0002, 0x5_0003];

fn item(n: u64) -> u64 {
    let n = n as usize;
    ITEMS.get(n).map_or(LC_TIME as u64 + n.saturating_sub(ITEMS.len()) as u64, |item| *item as u64)
}

fn ask_langinfo(input: &Input, answer: &mut Answer) {
    let item = input.number(0) as i32;
    // In glibc an item that is no string gives a number for a pointer.
    if !ITEMS.contains(&item) && !(LC_TIME..LC_TIME + LC_TIME_ITEMS as i32).contains(&item) {
        return answer.line("not asked", "no item that is a string");
    }
    answer.bytes("nl_langinfo", locale::langinfo(item).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_another_number() {
        for target in [&ERRORS, &SIGNALS, &SIGNAL_NAMES, &LOOKUPS, &HOSTS, &SYSCONF, &CONFSTR, &PATHCONF, &LANGINFO] {
            let Inputs::All(count, element) = target.inputs else { panic!("{} is a domain", target.id) };
            let numbers: std::collections::BTreeSet<i64> = (0..count).map(|n| element(n).number(0)).collect();
            assert_eq!(numbers.len() as u64, count, "{}", target.id);
        }
    }
}

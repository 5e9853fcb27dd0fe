//! /etc/resolv.conf: which servers are asked, for which names and in which order, and what the caller gets of it.

use core::net::{Ipv4Addr, Ipv6Addr};
use heap::string::String;
use heap::vec::Vec;

use super::super::lookups::{Lookups, Query, Script, describe, names, whom};
use super::super::{Answer, Input, Inputs, Random, Target};
use crate::dns::{Family, Hints};
use crate::sys::dns;

/// A look-up by a file, and the queries that arrive.
pub const TARGET: Target = Target {
    id: "dns.resolvconf",
    what: "the bytes of /etc/resolv.conf: what getaddrinfo comes to, which names are asked for in which order, and of which servers",
    functions: &["getaddrinfo"],
    fields: &["resolv.conf", "name", "answers", "family"],
    inputs: Inputs::Grammar(make),
    batch: 3_000,
    network: true,
    ask,
    ..Target::PLAIN
};

/// Stands before every file, so that a server that is not heard costs less than five seconds, should there be one.
const BEFORE: &[u8] = b"options timeout:2 attempts:1\n";

fn make(random: &mut Random) -> Input {
    let mut conf = String::new();
    for _ in 0..1 + random.below(4) {
        line(random, &mut conf);
    }
    let names =
        ["db", "db", "x.y", "x.y", "a.b.c", "db.", "x.y.", "a.b.c.d.e.f", "DB", "-x", "_a.b", "db..", ".", "a.test"];
    let mut answers = String::new();
    for _ in 0..random.below(4) {
        answers.push_str(random.pick(&["x", "x", "x", "n"]));
    }
    answers.push_str(random.pick(&["", "a", "a", "4", "6"]));
    let family = random.pick(&["", "", "4", "6"]);
    Input(heap::vec![conf.into_bytes(), random.pick(&names).into(), answers.into_bytes(), family.into()])
}

fn line(random: &mut Random, conf: &mut String) {
    if random.one_in(12) {
        conf.push_str(random.pick(&[
            " ",
            "\t",
            ";",
            "#",
            "\n",
            "; c\n",
            "# c\n",
            "x",
            "\u{feff}",
            "search\n",
            "options\n",
        ]));
    }
    // glibc never comes to the end of some, which costs seconds.
    if random.one_in(4000) {
        conf.push_str("sortlist 192.0.2.0");
    }
    match random.below(12) {
        0..3 => {
            conf.push_str(word(
                random,
                &["nameserver"],
                &["NAMESERVER", "Nameserver", "nameservers", "nameserver:", "server"],
            ));
            blank(random, conf);
            conf.push_str(server(random));
        }
        3..6 => {
            conf.push_str(word(random, &["search"], &["SEARCH", "search:", "searchx", "searc"]));
            for _ in 0..random.below(4).max(usize::from(!random.one_in(10))) {
                blank(random, conf);
                domain(random, conf);
            }
        }
        6 => {
            conf.push_str(word(random, &["domain"], &["DOMAIN", "domain=", "domainname"]));
            for _ in 0..1 + random.below(8) / 6 {
                blank(random, conf);
                domain(random, conf);
            }
        }
        7..11 => {
            conf.push_str(word(random, &["options"], &["OPTIONS", "option", "options:", "optionsx"]));
            for _ in 0..1 + random.below(3) {
                blank(random, conf);
                option(random, conf);
            }
        }
        _ => conf.push_str(random.pick(&["lookup file bind", "family inet6", "nameserver", "search", "domain", "x y"])),
    }
    if random.one_in(8) {
        conf.push_str(random.pick(&[" # c.test", " ; c.test", "#c.test", ";c.test", " x", ",", " ,d.test"]));
    }
    conf.push_str(random.pick(&["\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "", "\r", " \n", "\t\n", "\n\n"]));
}

/// A word as it should be, and now and then as it should not.
fn word<'a>(random: &mut Random, usual: &[&'a str], odd: &[&'a str]) -> &'a str {
    if random.one_in(16) { random.pick(odd) } else { random.pick(usual) }
}

fn blank(random: &mut Random, conf: &mut String) {
    let text = word(random, &[" ", " ", "\t", "  "], &["", "\x0b", "\r", " \t ", ",", "\x0c", "\u{a0}", ": "]);
    conf.push_str(text);
}

fn server(random: &mut Random) -> &'static str {
    let usual = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "::1"];
    let odd = [
        "127.6",
        "0177.0.0.7",
        "127.0.0.08",
        "127.0.0.010",
        "0x7f.0.0.9",
        "0x7f000009",
        "2130706442",
        "127.0.0.11x",
        "127.0.0.12.",
        "127.0.0.256",
        "127.0.0.13 127.0.0.14",
        "127.0.0.15,127.0.0.16",
        "127.0.0.17:53",
        "127.0.0.18#53",
        "[::1]",
        "0:0:0:0:0:0:0:1",
        "::01",
        "::ffff:127.0.0.19",
        "::127.0.0.1",
        "localhost",
        "",
        "127.0.0.20;127.0.0.21",
        "127",
        "127.0.1.1/8",
        "+127.0.0.1",
    ];
    if random.one_in(4) { random.pick(&odd) } else { random.pick(&usual) }
}

fn domain(random: &mut Random, conf: &mut String) {
    match random.below(40) {
        0 => conf.push_str(random.pick(&[
            ".",
            "..",
            "a.test.",
            ".a.test",
            "a..test",
            "-",
            "*",
            "#",
            ";",
            "b_.test",
            "h\u{e9}.test",
            "\"a.test\"",
        ])),
        1 => (0..60 + random.below(8)).for_each(|_| conf.push('l')),
        2 => (0..200 + random.below(70)).for_each(|n| conf.push(if n % 40 == 39 { '.' } else { 'l' })),
        3 => (0..7).for_each(|n| conf.push_str(&heap::format!("s{n}.test "))),
        4 => conf.push_str("A.Test"),
        _ => conf.push_str(random.pick(&["a.test", "a.test", "b.test", "c", "test"])),
    }
}

fn option(random: &mut Random, conf: &mut String) {
    let number = |random: &mut Random| -> &'static str {
        let usual = ["0", "1", "1", "2", "2", "3", "4"];
        let odd = [
            "5",
            "15",
            "16",
            "99",
            "-1",
            "",
            "x",
            "+2",
            "0x2",
            "02",
            " 2",
            "2x",
            "2.",
            "4294967298",
            "99999999999999999999",
            "2,",
            "\t2",
        ];
        if random.one_in(3) { random.pick(&odd) } else { random.pick(&usual) }
    };
    match random.below(10) {
        0..5 => {
            conf.push_str(word(
                random,
                &["ndots:"],
                &["ndots=", "NDOTS:", "xndots:", "ndots", "ndots :", "-ndots:", "edns0,ndots:"],
            ));
            conf.push_str(number(random));
        }
        5 => {
            conf.push_str(word(
                random,
                &["attempts:", "timeout:"],
                &["attempt:", "xtimeout:", "timeout=", "retrans:", "retry:"],
            ));
            conf.push_str(number(random));
        }
        _ => conf.push_str(random.pick(&[
            "edns0",
            "use-vc",
            "single-request",
            "single-request-reopen",
            "no-tld-query",
            "no-reload",
            "no-aaaa",
            "trust-ad",
            "inet6",
            "ip6-dotint",
            "no-check-names",
            "insecure1",
            "-edns0",
            "EDNS0",
            "edns",
            "strict-error",
        ])),
    }
}

/// Whether every server that a line may name is one that answers, and each look-up would ask the same one. Lines are read more
/// loosely than any C library reads them.
fn is_near(conf: &[u8]) -> bool {
    let has = |word: &[u8]| conf.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    let mut servers =
        conf.split(|byte| *byte == b'\n').filter_map(|line| line.trim_ascii_start().strip_prefix(b"nameserver"));
    // glibc's begins with one of them by chance.
    !has(b"rotate")
        && servers.all(|rest| rest.trim_ascii().split(|byte| b" \t\r\x0b\x0c#;".contains(byte)).all(answers))
}

/// Whether an address is one on which the server listens, or none at all.
fn answers(address: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(address) else { return true };
    let near = |v4: Ipv4Addr| v4.is_loopback() && v4.octets() != [127, 0, 0, 0] && v4.octets() != [127, 255, 255, 255];
    // What answers from ::1 is not taken for an answer of ::1%1.
    let (unscoped, scope) = text.split_once('%').map_or((text, false), |(before, _)| (before, true));
    match unscoped.parse::<Ipv6Addr>() {
        Ok(v6) => !scope && (v6 == Ipv6Addr::LOCALHOST || v6.to_ipv4_mapped().is_some_and(near)),
        Err(_) => loose(text).is_none_or(near),
    }
}

/// An IPv4 address as inet_aton reads it, whatever follows.
fn loose(text: &str) -> Option<Ipv4Addr> {
    let mut parts = Vec::new();
    for part in text.split('.').take(4) {
        let (digits, radix) = match part.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&part[2..], 16),
            [b'0', _, ..] => (&part[1..], 8),
            _ => (part, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        if end == 0 && radix != 16 {
            break;
        }
        parts.push(u64::from_str_radix(&digits[..end], radix).unwrap_or(if end == 0 { 0 } else { u64::MAX }));
        if end < digits.len() {
            break;
        }
    }
    let (last, first) = parts.split_last()?;
    let high = first.iter().enumerate().fold(0u64, |all, (n, part)| all | (part & 0xff) << (24 - 8 * n));
    Some(Ipv4Addr::from_bits((high | last) as u32))
}

fn ask(input: &Input, answer: &mut Answer) {
    if !is_near(input.field(0)) {
        return answer.line("not asked", "a server that is not here may be meant, or one by chance");
    }
    let conf = [BEFORE, input.field(0)].concat();
    let lasting = [(c"/etc/nsswitch.conf", &b"hosts: dns\n"[..]), (c"/etc/hosts", b"")];
    let script = Script::Names(input.field(2));
    let lookups = match Lookups::arrange(&lasting, &[(c"/etc/resolv.conf", &conf)], &script) {
        Ok(lookups) => lookups,
        Err(reason) => return answer.line("not asked", reason),
    };
    let family = match input.field(3).first() {
        Some(b'4') => Family::Inet,
        Some(b'6') => Family::Inet6,
        _ => Family::Unspecified,
    };
    let hints = Hints { family, socktype: libc::SOCK_STREAM, ..Hints::default() };
    let found = dns::getaddrinfo(&input.c(1), &hints);
    say(&lookups.queries(), answer);
    describe(&crate::dns::Answer { canonical_name: None, ..found }, "", answer);
}

/// The names in their order, and who was asked for the first, and for others where that is not the same.
fn say(queries: &[Query], answer: &mut Answer) {
    let all = names(queries);
    let Some(first) = all.first() else { return answer.line("names asked for", "none") };
    answer.number("names asked for", all.len() as i64);
    answer.bytes("they are", &all.join(&b' '));
    let servers = whom(queries, first);
    // What is asked of them all the same, A or AAAA, is not what makes the difference.
    let mut ways: Vec<&str> = servers.split(' ').map(|query| query.trim_start_matches('A')).collect();
    ways.sort_unstable();
    ways.dedup();
    answer.line("servers", ways.join(" "));
    answer.line("queries", &servers);
    for name in &all[1..] {
        let others = whom(queries, name);
        if others != servers {
            answer.line("servers of another name", others);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_servers_that_are_here_are_asked() {
        for near in [
            "nameserver 127.0.0.1",
            "nameserver\t127.1\n",
            "nameserver 0x7f000001",
            "nameserver ::1",
            "nameserver localhost",
            "nameserver ::ffff:127.0.0.1",
            "search a",
            "nameserver 2130706433",
            "nameserver 0177.0.0.1",
            "nameserver",
            "#nameserver 1.2.3.4",
        ] {
            assert!(is_near(near.as_bytes()), "{near}");
        }
        for far in [
            "nameserver 1.2.3.4",
            "nameserver 127.0.0.1\n nameserver 0.0.0.0",
            "nameserver 128.1",
            "nameserver 0x7e000001",
            "nameserver 1",
            "nameserver ::",
            "nameserver ::1%lo",
            "nameserver 1.2.3.4;",
            "nameserver 1.2.3.4\r",
            "options rotate",
            "nameserver 127.255.255.255",
            "nameserver 127.0.0.1 8.8.8.8",
        ] {
            assert!(!is_near(far.as_bytes()), "{far}");
        }
    }

    #[test]
    fn most_files_of_the_grammar_are_asked() {
        let asked = (0..2000).filter(|n| is_near(make(&mut Random::new(1, "x", *n)).field(0))).count();
        assert!(asked > 1700, "{asked}");
    }
}

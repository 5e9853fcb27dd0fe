//! /etc/hosts: which lines count, which names and addresses they hold, and what is asked of DNS besides.

use core::net::IpAddr;
use heap::vec::Vec;

use super::super::lookups::{Lookups, Script, describe, names, quoted};
use super::super::{Answer, Input, Inputs, Random, Target};
use crate::dns::{Address, Family, Hints, Names};
use crate::sys::dns;

/// Look-ups of a name and of an address, where a server knows no name at all.
pub const TARGET: Target = Target {
    id: "dns.hosts",
    what: "the bytes of /etc/hosts: what getaddrinfo and gethostbyname2 make of a name and getnameinfo of an address, and which \
           names are asked for in DNS, which knows none",
    functions: &["getaddrinfo", "gethostbyname2", "getnameinfo"],
    fields: &["hosts", "name", "how", "address"],
    inputs: Inputs::Grammar(make),
    batch: 3_000,
    network: true,
    ask,
    ..Target::PLAIN
};

/// Bytes of a line that musl reads at once.
const LINE: usize = 512;

fn make(random: &mut Random) -> Input {
    let mut hosts = Vec::new();
    let lines = if random.one_in(60) { 44 + random.below(8) } else { 1 + random.below(4) };
    for _ in 0..lines {
        line(random, &mut hosts, lines);
    }
    let name = if random.one_in(2) { b"db".to_vec() } else { name(random) };
    let how = random.pick(&["", "", "", "4", "6", "6v", "6va", "n", "l"]);
    let address = random.pick(&["192.0.2.7", "192.0.2.7", "2001:db8::7", "127.0.0.1", "::1", "::ffff:192.0.2.7"]);
    Input(heap::vec![hosts, name, how.into(), address.into()])
}

fn line(random: &mut Random, hosts: &mut Vec<u8>, lines: usize) {
    if random.one_in(10) {
        hosts.extend_from_slice(random.pick(&[
            &b" "[..],
            b"\t",
            b"#",
            b"\n",
            b"\r\n",
            b"# c\n",
            b";",
            b"\xef\xbb\xbf",
        ]));
    }
    let start = hosts.len();
    match lines > 9 {
        true => hosts.extend_from_slice(heap::format!("192.0.2.{}", 1 + random.below(200)).as_bytes()),
        false => hosts.extend_from_slice(address(random).as_bytes()),
    }
    if lines <= 9 && random.one_in(20) {
        // A name that begins, ends or stands behind where a buffer of this size is full.
        let until = LINE - 8 + random.below(12);
        while hosts.len() - start < until {
            let length = (until - (hosts.len() - start)).min(60);
            hosts.push(b' ');
            (1..length).for_each(|_| hosts.push(b'l'));
        }
    }
    for _ in 0..random.below(4).max(usize::from(!random.one_in(12))) {
        hosts.extend_from_slice(blank(random));
        match random.one_in(2) {
            true => hosts.extend_from_slice(b"db"),
            false => hosts.extend_from_slice(&name(random)),
        }
    }
    if random.one_in(6) {
        hosts.extend_from_slice(random.pick(&[&b" # db"[..], b"#db", b"# db", b" ; db", b"#", b" #"]));
    }
    let ends: [&[u8]; 11] = [b"\n", b"\n", b"\n", b"\n", b"\n", b"\n", b"\r\n", b"", b"\r", b" \n", b"\t \n"];
    hosts.extend_from_slice(random.pick(&ends));
}

fn blank(random: &mut Random) -> &'static [u8] {
    let usual: [&[u8]; 4] = [b" ", b" ", b"\t", b"  "];
    let odd: [&[u8]; 5] = [b"\x0b", b"\x0c", b"\r", b" \t ", b"\xa0"];
    if random.one_in(12) { random.pick(&odd) } else { random.pick(&usual) }
}

fn address(random: &mut Random) -> &'static str {
    let usual = ["192.0.2.7", "192.0.2.7", "127.0.0.1", "192.0.2.8", "2001:db8::7", "::1", "2001:DB8::8"];
    let odd = [
        "127.1",
        "0177.0.0.1",
        "127.0.0.01",
        "0x7f.0.0.1",
        "192.0.2.256",
        "192.0.2",
        "1",
        "4294967295",
        "256",
        "192.0.2.7/24",
        "192.0.2.7.",
        "+1.2.3.4",
        "192.0.2.7x",
        "0.0.0.0",
        "255.255.255.255",
        "08.1.1.1",
        "fe80::1%lo",
        "fe80::1%1",
        "fe80::1",
        "fe80::1%nope",
        "::ffff:192.0.2.7",
        "::ffff:127.0.0.1",
        "::1.2.3.4",
        "::",
        "2001:db8::7%",
        "[::1]",
        "2001:db8::7/64",
        "1:2:3:4:5:6:7:8:9",
        "2001:db8:0:0:0:0:0:07",
        "2001:db8::00007",
        "db",
        "",
    ];
    if random.one_in(3) { random.pick(&odd) } else { random.pick(&usual) }
}

fn name(random: &mut Random) -> Vec<u8> {
    let usual = ["db", "DB", "db.test", "Db.Test", "a", "localhost", "db.", "db.test."];
    let odd = [
        "b_c",
        "-x",
        "x-",
        "a..b",
        ".",
        ".a",
        "1.2",
        "127.1",
        "192.0.2.9",
        "::2",
        "*",
        "a#b",
        "a;b",
        "a/b",
        "a:b",
        "a%lo",
        "a\\b",
        "a,b",
        "a@b",
        "_a",
        "h\u{e9}",
        "\u{ff}",
        "xn--h-bga",
        "0x7f",
        "db db",
    ];
    match random.below(16) {
        0..10 => random.pick(&usual).into(),
        10 => heap::vec![b'l'; 60 + random.below(8)],
        11 => (0..250 + random.below(8)).map(|n| if n % 50 == 49 { b'.' } else { b'l' }).collect(),
        12 => heap::vec![b'h', random.byte(b"\x80\xff\x01\x7f\xe9")],
        _ => random.pick(&odd).into(),
    }
}

fn ask(input: &Input, answer: &mut Answer) {
    let lasting = [(c"/etc/nsswitch.conf", &b"hosts: files dns\n"[..]), (c"/etc/host.conf", b"multi on\n"), RESOLV];
    let lookups = match Lookups::arrange(&lasting, &[(c"/etc/hosts", input.field(0))], &Script::Names(b"")) {
        Ok(lookups) => lookups,
        Err(reason) => return answer.line("not asked", reason),
    };
    let name = input.c(1);
    let family = match (input.has(2, b'4'), input.has(2, b'6')) {
        (true, _) => Family::Inet,
        (_, true) => Family::Inet6,
        _ => Family::Unspecified,
    };
    let mut flags = libc::AI_CANONNAME;
    for (letter, flag) in [(b'v', libc::AI_V4MAPPED), (b'a', libc::AI_ALL)] {
        flags |= if input.has(2, letter) { flag } else { 0 };
    }
    let hints = Hints { family, socktype: libc::SOCK_STREAM, flags, ..Hints::default() };
    describe(&dns::getaddrinfo(&name, &hints), "", answer);
    let asked = names(&lookups.queries());
    answer.line("in DNS", if asked.is_empty() { "nothing" } else { "something" });
    answer.bytes("asked for", &asked.join(&b' '));
    let family = if input.has(2, b'6') { Family::Inet6 } else { Family::Inet };
    let host = dns::hosts::by_name2(&name, family);
    describe(&host, "gethostbyname2", answer);
    back(input, answer);
    if host.return_code == "0" && input.has(2, b'l') {
        answer.line("gethostbyname2 aliases", quoted(&host.aliases.join(" ")));
    }
}

/// A server that knows no name, and is near: what is not in the file costs no time.
const RESOLV: (&core::ffi::CStr, &[u8]) =
    (c"/etc/resolv.conf", b"nameserver 127.0.0.1\noptions timeout:2 attempts:1\n");

/// The name of an address.
fn back(input: &Input, answer: &mut Answer) {
    let ip = core::str::from_utf8(input.field(3)).ok().and_then(|text| text.parse::<IpAddr>().ok());
    // Of the unspecified IPv6 address glibc never gives back what it took for the look-up (its `gethostbyaddr_r` returns at once,
    // from between the two), so that no later input of the process would have its resolv.conf read.
    let Some(ip) = ip.filter(|ip| ip.is_ipv4() || !ip.is_unspecified()) else { return };
    let flags = if input.has(2, b'n') { libc::NI_NAMEREQD } else { 0 };
    let names = Names { address: Address { ip, scope: 0 }, port: 1, flags, host_size: 1025 };
    let said = dns::names::getnameinfo(&names);
    answer.line("getnameinfo code", &said.return_code);
    if let Some((host, _)) = said.names {
        answer.line("getnameinfo host", quoted(&host));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_the_name_and_long_lines_and_ends_without_a_newline() {
        let all: Vec<Input> = (0..2000).map(|n| make(&mut Random::new(1, "x", n))).collect();
        let holds = |input: &&Input| {
            let (hosts, name) = (input.field(0), input.field(1));
            !name.is_empty() && hosts.windows(name.len()).any(|window| window == name)
        };
        assert!(all.iter().filter(holds).count() > 1000);
        assert!(all.iter().any(|input| input.field(0).split(|b| *b == b'\n').any(|line| line.len() > LINE)));
        assert!(all.iter().any(|input| !input.field(0).ends_with(b"\n")));
        assert!(all.iter().all(|input| input.0.iter().all(|field| !field.contains(&0))));
    }

    #[test]
    fn nothing_below_etc_is_written_where_there_is_a_network() {
        if crate::sys::dns::etc::is_alone() {
            return;
        }
        let mut answer = Answer::default();
        ask(&Input::default(), &mut answer);
        assert!(heap::string::String::from_utf8_lossy(answer.text()).starts_with("not asked: there is a network here"));
    }
}

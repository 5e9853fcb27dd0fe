//! Addresses as text, and text as addresses: what is accepted, and as what.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Put, PutText, Random, Target, decimal, field};
use crate::dns::{Address, Family, Hints, Names};
use crate::sys::dns;
use crate::sys::strings::addresses;
use crate::text;

/// `inet_aton` and its relatives.
pub const ATON: Target = Target {
    id: "strings.inet_aton",
    what: "inet_aton, inet_addr, inet_network: which texts are an IPv4 address, and which one",
    functions: &["inet_aton", "inet_addr", "inet_network"],
    fields: &["text"],
    inputs: Inputs::Grammar(|random| Input(heap::vec![loose(random)])),
    ask: ask_aton,
    ..Target::PLAIN
};

/// `inet_pton`.
pub const PTON: Target = Target {
    id: "strings.inet_pton",
    what: "inet_pton: IPv4 and IPv6 in their strict forms",
    functions: &["inet_pton"],
    fields: &["text", "family"],
    inputs: Inputs::Grammar(strict),
    ask: ask_pton,
    ..Target::PLAIN
};

/// `inet_ntop`.
pub const NTOP: Target = Target {
    id: "strings.inet_ntop",
    what: "inet_ntop: the text of an address of 32 digits, in a buffer of any size up to 64 bytes",
    functions: &["inet_ntop"],
    fields: &["digits", "family", "size"],
    told: true,
    inputs: Inputs::Grammar(written),
    ask: ask_ntop,
    ..Target::PLAIN
};

/// `ether_aton`.
pub const ETHER: Target = Target {
    id: "strings.ether_aton",
    what: "ether_aton and what ether_ntoa makes of its result",
    functions: &["ether_aton", "ether_ntoa"],
    fields: &["text"],
    inputs: Inputs::Grammar(ethernet),
    ask: ask_ether,
    ..Target::PLAIN
};

/// `getaddrinfo` of numbers.
pub const GETADDRINFO: Target = Target {
    id: "dns.getaddrinfo",
    what: "getaddrinfo of numeric hosts and services, which asks nobody: every family, socket type and flag",
    functions: &["getaddrinfo"],
    fields: &["host", "service", "family", "socktype", "flags"],
    told: true,
    inputs: Inputs::Grammar(numeric),
    batch: 50_000,
    ask: ask_getaddrinfo,
    ..Target::PLAIN
};

/// `getnameinfo` in numbers.
pub const GETNAMEINFO: Target = Target {
    id: "dns.getnameinfo",
    what: "getnameinfo in numbers, which asks nobody: addresses, scopes, ports, flags and short buffers",
    functions: &["getnameinfo"],
    fields: &["digits", "family", "scope", "port", "flags", "size"],
    told: true,
    inputs: Inputs::Grammar(named),
    batch: 20_000,
    ask: ask_getnameinfo,
    ..Target::PLAIN
};

/// One to five numbers in any base, and what may stand around them.
fn loose(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    text.put(random.pick(&["", "", "", "", "", " ", "\t", "+", "-"]));
    for n in 0..1 + random.below(5) {
        if n > 0 {
            text.put(random.pick(&[".", ".", ".", ".", ".", "..", ". "]));
        }
        let below = [10, 256, 300, 65_536, 70_000, 16_777_216, 4_294_967_296, 5_000_000_000][random.below(8)];
        let end = if random.one_in(2) { 256 } else { below };
        let number = random.below(end);
        match random.below(16) {
            which @ 0..3 => {
                text.put(if which == 0 { "0X" } else { "0x" });
                text.put_hex(number as u64, 0);
            }
            which @ 3..7 => {
                text.put(if which == 3 { "00" } else { "0" });
                text.put_number(number as i64);
            }
            7 | 8 => text.put(random.pick(&["08", "0x", "", "0", "255", "256", "4294967295", "0xg"])),
            _ => text.put_number(number as i64),
        }
    }
    text.put(random.pick(&["", "", "", "", ".", " ", " x", "\n", "\tgarbage", "x", "/24"]));
    text.into_bytes()
}

fn strict(random: &mut Random) -> Input {
    let v6 = !random.one_in(3);
    let text = match (v6, random.one_in(4)) {
        (false, true) => loose(random),
        (false, false) => v4(random).into_bytes(),
        _ => v6_text(random).into_bytes(),
    };
    let family = if random.one_in(20) {
        "x"
    } else if v6 {
        "6"
    } else {
        "4"
    };
    Input(heap::vec![text, family.into()])
}

fn v4(random: &mut Random) -> String {
    let mut text = String::new();
    for n in 0..4 {
        text.put(if n > 0 { "." } else { "" });
        text.put(if random.one_in(12) { "0" } else { "" });
        let end = if random.one_in(12) { 300 } else { 256 };
        text.put_number(random.below(end) as i64);
    }
    text
}

/// Groups with one run left out, most of the time; an IPv4 address at the end; a scope; and mistakes.
fn v6_text(random: &mut Random) -> String {
    let groups = if random.one_in(3) { 8 } else { random.below(10) };
    let gap = if groups == 8 && !random.one_in(6) { 99 } else { random.below(groups + 1) };
    let mut text = String::new();
    for n in 0..groups {
        if n == gap {
            text.put("::");
        } else if n > 0 {
            text.push(':');
        }
        if n + 1 == groups && random.one_in(5) {
            text.put(&v4(random));
            break;
        }
        let end = [10, 65_536, 65_536, 0x20000][random.below(4)];
        let group = random.below(end) as u64;
        match random.below(6) {
            0 => text.put_hex(group, 4),
            1 => text.put(&heap::format!("{group:X}")),
            2 => {
                text.put("0");
                text.put_hex(group, 0);
            }
            3 => text.put("0"),
            _ => text.put_hex(group, 0),
        }
    }
    if gap == groups {
        text.put("::");
    }
    text.put(random.pick(&["", "", "", "", "", "", ":", "::", "%1", "/64", " "]));
    text
}

fn digits(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..8 {
        let group = if random.one_in(2) { 0 } else { random.below(65_536) };
        text.put_hex(group as u64, 4);
    }
    match random.below(8) {
        0 => text.replace_range(..24, "00000000000000000000ffff"),
        1 => text.replace_range(..24, "000000000000000000000000"),
        2 => text.replace_range(..4, "fe80"),
        3 => text.replace_range(..4, "ff02"),
        _ => (),
    }
    text
}

fn written(random: &mut Random) -> Input {
    let (text, family) = (digits(random), random.pick(&["6", "6", "6", "4", "x"]));
    let size = if random.one_in(2) { 64 } else { random.between(0, 49) };
    Input(heap::vec![text.into_bytes(), family.into(), decimal(size)])
}

fn ethernet(random: &mut Random) -> Input {
    let mut text = String::new();
    for n in 0..if random.one_in(4) { random.below(8) } else { 6 } {
        if n > 0 {
            text.put(random.pick(&[":", ":", ":", ":", ":", ":", ":", "-", " "]));
        }
        text.put(random.pick(&["", "", "", "", "", "", "", "0", "+", " ", "0x", "-"]));
        let below = if random.one_in(12) { 0x1000 } else { 256 };
        let (upper, number) = (random.one_in(8), random.below(below) as u64);
        match upper {
            true => text.put(&heap::format!("{number:X}")),
            false => text.put_hex(number, 2 * random.below(2)),
        }
    }
    text.put(random.pick(&["", "", "", "", ":", " ", "x", " host", "\n"]));
    Input(heap::vec![text.into_bytes()])
}

fn numeric(random: &mut Random) -> Input {
    let host = match random.below(8) {
        0 => loose(random),
        1..3 => v4(random).into_bytes(),
        3 => {
            let scopes = ["%1", "%lo", "%", "%0", "%01", "%4294967296", "%-1", "%lo0", "%1x", "%+1", "% 1", "%0x1"];
            let address = random.pick(&["fe80::1", "fe80::1", "ff02::1", "::1", "2001:db8::1", "fec0::1"]);
            heap::format!("{address}{}", random.pick(&scopes)).into_bytes()
        }
        4 => Vec::from(random.pick(&["", "localhost", "1", "::ffff:1.2.3.4", "127.1", "0", "h\u{e9}"])),
        _ => v6_text(random).into_bytes(),
    };
    let service =
        random.pick(&["", "80", "0", "65535", "65536", "-1", "+80", " 80", "80 ", "0x50", "080", "http", "4294967376"]);
    let family = random.pick(&["", "", "4", "6", "u"]);
    let socktype = random.pick(&["", "", "s", "s", "d", "r", "q"]);
    let mut flags = Vec::new();
    for _ in 0..random.below(4) {
        flags.push(random.byte(b"pcvavacixy"));
    }
    Input(heap::vec![host, service.into(), family.into(), socktype.into(), flags])
}

fn named(random: &mut Random) -> Input {
    let family = random.pick(&["4", "6", "6"]);
    let scope = random.pick(&["0", "0", "1", "4000000000"]);
    let mut flags = Vec::new();
    for _ in 0..random.below(3) {
        flags.push(random.byte(b"fndsi"));
    }
    let port = decimal(random.between(0, 65_535));
    let size = decimal(if random.one_in(3) { random.between(0, 47) } else { 1025 });
    Input(heap::vec![digits(random).into_bytes(), field(family), field(scope), port, flags, size])
}

fn quad(answer: &mut Answer, name: &str, bytes: [u8; 4]) {
    let mut text = Vec::with_capacity(16);
    for (n, byte) in bytes.into_iter().enumerate() {
        if n > 0 {
            text.push(b'.');
        }
        text.put_number(byte.into());
    }
    answer.line(name, text);
}

fn ask_aton(input: &Input, answer: &mut Answer) {
    let text = input.c(0);
    match addresses::from_loose(&text) {
        None => answer.line("inet_aton", "refused"),
        Some(address) => quad(answer, "inet_aton", address),
    }
    quad(answer, "inet_addr", addresses::from_plain(&text));
    match addresses::network(&text) {
        u32::MAX => answer.line("inet_network", "refused"),
        network => answer.number("inet_network", network.into()),
    }
}

fn family_of(input: &Input, place: usize) -> i32 {
    match input.field(place).first() {
        Some(b'4') => libc::AF_INET,
        Some(b'6') => libc::AF_INET6,
        _ => libc::AF_UNIX,
    }
}

fn ask_pton(input: &Input, answer: &mut Answer) {
    let family = family_of(input, 1);
    let (value, errno, address) = addresses::from_text(family, &input.c(0));
    match value {
        1 => answer.line("inet_pton", "accepted"),
        0 => answer.line("inet_pton", "refused"),
        -1 => answer.line("inet_pton", text::errno(errno.0)),
        other => answer.number("inet_pton", other.into()),
    }
    if value == 1 {
        octets(answer, "address", &address);
    }
}

/// Bytes in hexadecimal, quoted: as text, which says nothing of the kind of a difference.
fn octets(answer: &mut Answer, name: &str, bytes: &[u8]) {
    let mut text = Vec::with_capacity(64);
    bytes.iter().for_each(|byte| text.put_hex((*byte).into(), 2));
    answer.bytes(name, &text);
}

/// What an address looks like: which of several texts for it a C library writes.
fn form(answer: &mut Answer, text: &str) {
    let form = match text.find("::") {
        _ if !text.contains(':') => "of version 4",
        _ if text.contains('.') => "with dots at the end",
        Some(0) => "zeros left out at the beginning",
        Some(at) if text[at + 2..].is_empty() || text[at + 2..].starts_with('%') => "zeros left out at the end",
        Some(_) => "zeros left out in between",
        None => "nothing left out",
    };
    answer.line("form", form);
    answer.bytes("text", text.as_bytes());
}

/// 16 bytes of as many digits as there are; other letters count as nothing.
fn address_of(input: &Input, place: usize) -> [u8; 16] {
    let digits = input.field(place).iter().filter_map(|b| char::from(*b).to_digit(16));
    let mut address = [0u8; 16];
    for (n, digit) in digits.take(32).enumerate() {
        address[n / 2] |= (digit as u8) << (4 * (1 - n % 2));
    }
    address
}

fn ask_ntop(input: &Input, answer: &mut Answer) {
    let (family, address, size) = (family_of(input, 1), address_of(input, 0), input.number(2).clamp(0, 64) as u32);
    // With room enough first: whether a text fits follows from what it is.
    for (name, size) in [("inet_ntop", 64), ("inet_ntop in a short buffer", size)] {
        match addresses::to_text(family, address, size) {
            Ok(text) => {
                answer.line(name, "done");
                form(answer, &text);
            }
            Err(errno) => answer.line(name, text::errno(errno.0)),
        }
        if size == 64 {
            break;
        }
    }
}

fn ask_ether(input: &Input, answer: &mut Answer) {
    match addresses::from_ethernet(&input.c(0)) {
        None => answer.line("ether_aton", "refused"),
        Some(address) => {
            answer.line("ether_aton", "accepted");
            octets(answer, "address", &address);
            answer.bytes("ether_ntoa", addresses::to_ethernet(address).unwrap_or_default().as_bytes());
        }
    }
}

fn ask_getaddrinfo(input: &Input, answer: &mut Answer) {
    let host = input.c(0);
    let mut flags = libc::AI_NUMERICHOST | libc::AI_NUMERICSERV;
    for (letter, flag) in [
        (b'p', libc::AI_PASSIVE),
        (b'c', libc::AI_CANONNAME),
        (b'v', libc::AI_V4MAPPED),
        (b'a', libc::AI_ALL),
        // For a name outside of ASCII glibc opens a library, which is the image's.
        (b'i', if host.as_bytes().is_ascii() { 0x40 } else { 0 }),
    ] {
        flags |= if input.has(4, letter) { flag } else { 0 };
    }
    let hints = Hints {
        family: match input.field(2).first() {
            Some(b'4') => Family::Inet,
            Some(b'6') => Family::Inet6,
            Some(b'u') => Family::Unix,
            _ => Family::Unspecified,
        },
        socktype: match input.field(3).first() {
            Some(b's') => libc::SOCK_STREAM,
            Some(b'd') => libc::SOCK_DGRAM,
            Some(b'r') => libc::SOCK_RAW,
            Some(b'q') => libc::SOCK_SEQPACKET,
            _ => 0,
        },
        flags,
        service: (!input.has(4, b'y')).then(|| input.c(1)),
        no_name: input.has(4, b'x'),
        none: false,
    };
    let found = dns::getaddrinfo(&host, &hints);
    answer.line("code", &found.return_code);
    if found.return_code != "0" {
        return;
    }
    // Their order is that of RFC 6724, and depends on the machine's routes.
    let mut addresses = found.addresses;
    addresses.sort();
    addresses.dedup();
    answer.number("addresses", addresses.len() as i64);
    let addresses: Vec<String> = addresses.iter().map(|address| heap::format!("{address}")).collect();
    answer.bytes("which", addresses.join(" ").as_bytes());
    let mut kinds: Vec<String> = Vec::new();
    for entry in &found.entries {
        let kind = heap::format!("{}/{}", kind(entry.socktype), protocol(entry.protocol));
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    answer.line("kinds", kinds.join(" "));
    let mut ports: Vec<u16> = found.entries.iter().map(|entry| entry.port).collect();
    ports.dedup();
    answer.line("ports", heap::format!("{ports:?}"));
    if flags & libc::AI_CANONNAME != 0 {
        answer.line("canonical name", found.canonical_name.as_deref().unwrap_or("none"));
    }
}

fn kind(socktype: i32) -> &'static str {
    match socktype {
        libc::SOCK_STREAM => "stream",
        libc::SOCK_DGRAM => "dgram",
        libc::SOCK_RAW => "raw",
        _ => "other",
    }
}

fn protocol(number: i32) -> &'static str {
    match number {
        0 => "none",
        libc::IPPROTO_TCP => "tcp",
        libc::IPPROTO_UDP => "udp",
        _ => "other",
    }
}

fn ask_getnameinfo(input: &Input, answer: &mut Answer) {
    let address = address_of(input, 0);
    let v4 = input.field(1).first() == Some(&b'4');
    let ip = match v4 {
        true => IpAddr::V4(Ipv4Addr::new(address[0], address[1], address[2], address[3])),
        false => IpAddr::V6(Ipv6Addr::from(address)),
    };
    // Interface 1 is the loopback one; the machine may have some of the next.
    let scope = match input.number(2) as u32 {
        scope @ 2..1_000_000 => scope + 1_000_000,
        scope => scope,
    };
    let mut flags = libc::NI_NUMERICHOST | libc::NI_NUMERICSERV;
    for (letter, flag) in
        [(b'f', libc::NI_NOFQDN), (b'n', libc::NI_NAMEREQD), (b'd', libc::NI_DGRAM), (b's', 0x100), (b'i', 0x20)]
    {
        flags |= if input.has(4, letter) { flag } else { 0 };
    }
    let host_size = input.number(5).clamp(0, 1025) as usize;
    let scope = if v4 { 0 } else { scope };
    let asked = Names { address: Address { ip, scope }, port: input.number(3) as u16, flags, host_size };
    let said = dns::names::getnameinfo(&asked);
    answer.line("code", &said.return_code);
    if let Some((host, service)) = said.names {
        // A caller without room for the host does not ask for it.
        if host_size > 0 {
            form(answer, &host);
        }
        answer.bytes("service", service.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(make: fn(&mut Random) -> Input, field: usize) -> Vec<String> {
        (0..5000)
            .map(|n| String::from_utf8_lossy(make(&mut Random::new(1, "x", n)).field(field)).into_owned())
            .collect()
    }

    #[test]
    fn half_of_the_strict_addresses_are_some() {
        let good = texts(strict, 0).iter().filter(|text| text.parse::<IpAddr>().is_ok()).count();
        assert!((1000..4000).contains(&good), "{good}");
    }

    #[test]
    fn scopes_and_services_that_are_none_are_asked() {
        let hosts = texts(numeric, 0);
        assert!(hosts.iter().any(|host| host.ends_with("%lo")) && hosts.iter().any(|host| host == "127.1"));
        assert!(texts(numeric, 1).iter().any(|service| service == "65536"));
    }

    #[test]
    fn an_address_is_read_from_its_digits() {
        let input = Input(heap::vec![b"c0-a8 01,02".to_vec()]);
        assert_eq!(address_of(&input, 0)[..5], [0xc0, 0xa8, 1, 2, 0]);
    }
}

//! Addresses as text, and text as addresses: what is accepted, and as what.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use heap::string::String;
use heap::vec::Vec;

use super::super::{Answer, Input, Inputs, Random, Target};
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
    what: "inet_pton and what inet_ntop makes of its result: IPv4 and IPv6 in their strict forms",
    functions: &["inet_pton", "inet_ntop"],
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
    inputs: Inputs::Grammar(named),
    batch: 4_000,
    ask: ask_getnameinfo,
    ..Target::PLAIN
};

/// One to five numbers in any base, and what may stand around them.
fn loose(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    text.push_str(random.pick(&["", "", "", "", "", " ", "\t", "+", "-"]));
    for n in 0..1 + random.below(5) {
        if n > 0 {
            text.push_str(random.pick(&[".", ".", ".", ".", ".", "..", ". "]));
        }
        let below = [10, 256, 300, 65_536, 70_000, 16_777_216, 4_294_967_296, 5_000_000_000][random.below(8)];
        let end = if random.one_in(2) { 256 } else { below };
        let number = random.below(end);
        text.push_str(&match random.below(8) {
            0 => heap::format!("0x{number:x}"),
            1 => heap::format!("0X{number:X}"),
            2 => heap::format!("0{number:o}"),
            3 => heap::format!("00{number}"),
            4 => String::from(*random.pick(&[&"08", &"0x", &"", &"0", &"255", &"256", &"4294967295", &"0xg"])),
            _ => heap::format!("{number}"),
        });
    }
    text.push_str(random.pick(&["", "", "", "", ".", " ", " x", "\n", "\tgarbage", "x", "/24"]));
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
    let octets: Vec<String> = (0..4)
        .map(|_| match random.below(12) {
            0 => heap::format!("0{}", random.below(256)),
            1 => heap::format!("{}", random.below(300)),
            _ => heap::format!("{}", random.below(256)),
        })
        .collect();
    octets.join(".")
}

/// Groups with one run left out, most of the time; an IPv4 address at the end; a scope; and mistakes.
fn v6_text(random: &mut Random) -> String {
    let groups = if random.one_in(3) { 8 } else { random.below(10) };
    let gap = if groups == 8 && !random.one_in(6) { 99 } else { random.below(groups + 1) };
    let mut text = String::new();
    for n in 0..groups {
        if n == gap {
            text.push_str("::");
        } else if n > 0 {
            text.push(':');
        }
        if n + 1 == groups && random.one_in(5) {
            text.push_str(&v4(random));
            break;
        }
        let end = [10, 65_536, 65_536, 0x20000][random.below(4)];
        let group = random.below(end);
        text.push_str(&match random.below(6) {
            0 => heap::format!("{group:04x}"),
            1 => heap::format!("{group:X}"),
            2 => heap::format!("0{group:x}"),
            3 => "0".into(),
            _ => heap::format!("{group:x}"),
        });
    }
    if gap == groups {
        text.push_str("::");
    }
    text.push_str(random.pick(&["", "", "", "", "", "", ":", "::", "%1", "/64", " "]));
    text
}

fn digits(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..8 {
        let group = if random.one_in(2) { 0 } else { random.below(65_536) };
        text.push_str(&heap::format!("{group:04x}"));
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
    let size = if random.one_in(2) { 64 } else { random.below(50) };
    Input(heap::vec![text.into_bytes(), family.into(), heap::format!("{size}").into_bytes()])
}

fn ethernet(random: &mut Random) -> Input {
    let mut text = String::new();
    for n in 0..if random.one_in(4) { random.below(8) } else { 6 } {
        if n > 0 {
            text.push_str(random.pick(&[":", ":", ":", ":", ":", ":", ":", "-", " "]));
        }
        text.push_str(random.pick(&["", "", "", "", "", "", "", "0", "+", " ", "0x", "-"]));
        let below = if random.one_in(12) { 0x1000 } else { 256 };
        text.push_str(&match random.one_in(3) {
            true => heap::format!("{:X}", random.below(below)),
            false => heap::format!("{:02x}", random.below(below)),
        });
    }
    text.push_str(random.pick(&["", "", "", "", ":", " ", "x", " host", "\n"]));
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
    let port = heap::format!("{}", random.below(65_536));
    let size = if random.one_in(3) { random.below(48) } else { 1025 };
    let fields = [digits(random).as_bytes(), family.as_bytes(), scope.as_bytes(), port.as_bytes()].map(Vec::from);
    let mut fields = Vec::from(fields);
    fields.extend([flags, heap::format!("{size}").into_bytes()]);
    Input(fields)
}

fn quad(answer: &mut Answer, name: &str, [a, b, c, d]: [u8; 4]) {
    answer.line(name, heap::format!("{a}.{b}.{c}.{d}"));
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

fn family_of(input: &Input, field: usize) -> i32 {
    match input.field(field).first() {
        Some(b'4') => libc::AF_INET,
        Some(b'6') => libc::AF_INET6,
        _ => libc::AF_UNIX,
    }
}

fn ask_pton(input: &Input, answer: &mut Answer) {
    let family = family_of(input, 1);
    let (value, errno, address) = addresses::from_text(family, &input.c(0));
    match value {
        1 => match addresses::to_text(family, address, 64) {
            Ok(text) => answer.line("inet_pton, written by inet_ntop", text),
            Err(errno) => answer.line("inet_ntop", text::errno(errno.0)),
        },
        0 => answer.line("inet_pton", "refused"),
        -1 => answer.line("inet_pton", text::errno(errno.0)),
        other => answer.number("inet_pton", other.into()),
    }
    if value == 1 {
        answer.line("address", heap::format!("{address:02x?}"));
    }
}

/// 16 bytes of as many digits as there are; other letters count as nothing.
fn address_of(input: &Input, field: usize) -> [u8; 16] {
    let digits = input.field(field).iter().filter_map(|b| char::from(*b).to_digit(16));
    let mut address = [0u8; 16];
    for (n, digit) in digits.take(32).enumerate() {
        address[n / 2] |= (digit as u8) << (4 * (1 - n % 2));
    }
    address
}

fn ask_ntop(input: &Input, answer: &mut Answer) {
    let size = input.number(2).clamp(0, 64) as u32;
    match addresses::to_text(family_of(input, 1), address_of(input, 0), size) {
        Ok(text) => answer.line("inet_ntop", text),
        Err(errno) => answer.line("inet_ntop", text::errno(errno.0)),
    }
}

fn ask_ether(input: &Input, answer: &mut Answer) {
    match addresses::from_ethernet(&input.c(0)) {
        None => answer.line("ether_aton", "refused"),
        Some(address) => {
            answer.line("ether_aton", heap::format!("{address:02x?}"));
            answer.line("ether_ntoa", addresses::to_ethernet(address).unwrap_or_default());
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
    let addresses: Vec<String> = addresses.iter().map(|address| heap::format!("{address}")).collect();
    answer.line("addresses", addresses.join(" "));
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
        answer.line("host", if host_size == 0 { "not asked" } else { &host });
        answer.line("service", service);
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

//! Addresses as text: which forms are taken, and how they are written.

use super::asks;
use crate::outcome::Outcome;
use crate::sys::strings::addresses::{
    ethernet_line, from_ethernet, from_loose, from_plain, from_text, network, to_ethernet, to_text,
};
use crate::text;

const LOOSE: &str = "inet_aton(3): a, a.b, a.b.c, a.b.c.d, decimal, octal, hexadecimal; musl src/network/inet_aton.c; glibc resolv/inet_addr.c";
const TEXT: &str = "POSIX.1-2017 inet_pton(), inet_ntop(); RFC 5952";
const ETHER: &str = "ether_aton(3); musl src/network/ether.c; glibc inet/ether_aton_r.c";

fn loose(o: &mut Outcome, input: &core::ffi::CStr) {
    o.fact("address", from_loose(input).map(|a| heap::format!("{}.{}.{}.{}", a[0], a[1], a[2], a[3])));
}

fn strict(o: &mut Outcome, family: i32, input: &core::ffi::CStr) {
    let (value, errno, address) = from_text(family, input);
    o.fact("value", value);
    if value < 0 {
        o.fact("errno", text::errno(errno.0));
    } else if value == 1 {
        o.fact("address", address.iter().map(|byte| heap::format!("{byte:02x}")).collect::<heap::string::String>());
    }
}

fn written(o: &mut Outcome, family: i32, address: [u8; 16], bytes: u32) {
    o.fact("text", to_text(family, address, bytes).unwrap_or_else(|e| text::errno(e.0)));
}

/// An IPv6 address by its eight words.
const fn six(words: [u16; 8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    let mut n = 0;
    while n < 8 {
        bytes[2 * n] = (words[n] >> 8) as u8;
        bytes[2 * n + 1] = words[n] as u8;
        n += 1;
    }
    bytes
}

const V4: i32 = libc::AF_INET;
const V6: i32 = libc::AF_INET6;

asks! {
    "strings.inet-aton.plain", "four parts", "What does inet_aton make of 192.0.2.1?", LOOSE, |o| loose(o, c"192.0.2.1");
    "strings.inet-aton.three", "three parts", "What does inet_aton make of 192.0.513?", LOOSE, |o| loose(o, c"192.0.513");
    "strings.inet-aton.one", "one part", "What does inet_aton make of 3221225985?", LOOSE, |o| loose(o, c"3221225985");
    "strings.inet-aton.octal", "octal", "What does inet_aton make of 010.0.0.1?", LOOSE, |o| loose(o, c"010.0.0.1");
    "strings.inet-aton.octal-bad", "octal with 8", "What does inet_aton make of 08.0.0.1?", LOOSE, |o| loose(o, c"08.0.0.1");
    "strings.inet-aton.hex", "hexadecimal", "What does inet_aton make of 0xc0.0.2.1?", LOOSE, |o| loose(o, c"0xc0.0.2.1");
    "strings.inet-aton.large", "a part above 255", "What does inet_aton make of 256.0.0.1?", LOOSE, |o| loose(o, c"256.0.0.1");
    "strings.inet-aton.overflow", "more than 32 bits", "What does inet_aton make of 4294967296?", LOOSE, |o| loose(o, c"4294967296");
    "strings.inet-aton.trailing-blank", "text after a blank", "What does inet_aton make of an address followed by a blank and text?", LOOSE, |o| loose(o, c"192.0.2.1 text");
    "strings.inet-aton.trailing-newline", "a new line behind", "What does inet_aton make of an address followed by a new line?", LOOSE, |o| loose(o, c"192.0.2.1\n");
    "strings.inet-aton.trailing-text", "text behind", "What does inet_aton make of 192.0.2.1x?", LOOSE, |o| loose(o, c"192.0.2.1x");
    "strings.inet-aton.leading-blank", "a blank before", "What does inet_aton make of an address after a blank?", LOOSE, |o| loose(o, c" 192.0.2.1");
    "strings.inet-aton.trailing-dot", "a dot behind", "What does inet_aton make of 192.0.2.1. with a dot behind?", LOOSE, |o| loose(o, c"192.0.2.1.");
    "strings.inet-aton.empty", "nothing", "What does inet_aton make of an empty text?", LOOSE, |o| loose(o, c"");
    "strings.inet-aton.sign", "a sign", "What does inet_aton make of +1.2.3.4?", LOOSE, |o| loose(o, c"+1.2.3.4");
    "strings.inet-addr.broadcast", "inet_addr of the broadcast address", "Can 255.255.255.255 be told from a failure of inet_addr?", LOOSE, |o| o.fact("same", from_plain(c"255.255.255.255") == from_plain(c"x"));
    "strings.inet-addr.blank", "inet_addr of a blank", "What does inet_addr make of a blank?", LOOSE, |o| o.fact("address", from_plain(c" ").to_vec());
    "strings.inet-network.plain", "inet_network", "What does inet_network make of 192.0.2?", LOOSE, |o| o.fact("number", network(c"192.0.2"));
    "strings.inet-network.zeros", "inet_network of octal", "What does inet_network make of 0x7f.010?", LOOSE, |o| o.fact("number", network(c"0x7f.010"));
    "strings.inet-network.large", "inet_network of a part above 255", "What does inet_network make of 1.300?", LOOSE, |o| o.fact("number", network(c"1.300"));
    "strings.inet-pton.v4", "IPv4", "What does inet_pton make of 192.0.2.1?", TEXT, |o| strict(o, V4, c"192.0.2.1");
    "strings.inet-pton.v4-zero", "IPv4 with a leading zero", "What does inet_pton make of 192.0.2.01?", TEXT, |o| strict(o, V4, c"192.0.2.01");
    "strings.inet-pton.v4-short", "IPv4 of three parts", "What does inet_pton make of 192.0.2?", TEXT, |o| strict(o, V4, c"192.0.2");
    "strings.inet-pton.v4-long", "IPv4 of many digits", "What does inet_pton make of 192.0.2.0000001?", TEXT, |o| strict(o, V4, c"192.0.2.0000001");
    "strings.inet-pton.v6", "IPv6", "What does inet_pton make of 2001:db8::1?", TEXT, |o| strict(o, V6, c"2001:db8::1");
    "strings.inet-pton.v6-any", "no address", "What does inet_pton make of two colons?", TEXT, |o| strict(o, V6, c"::");
    "strings.inet-pton.v6-mapped", "IPv4 in IPv6", "What does inet_pton make of ::ffff:192.0.2.1?", TEXT, |o| strict(o, V6, c"::ffff:192.0.2.1");
    "strings.inet-pton.v6-mapped-zero", "IPv4 with a leading zero in IPv6", "What does inet_pton make of ::ffff:192.0.2.01?", TEXT, |o| strict(o, V6, c"::ffff:192.0.2.01");
    "strings.inet-pton.v6-twice", "two colons twice", "What does inet_pton make of 1::2::3?", TEXT, |o| strict(o, V6, c"1::2::3");
    "strings.inet-pton.v6-five", "five digits", "What does inet_pton make of 12345::?", TEXT, |o| strict(o, V6, c"12345::");
    "strings.inet-pton.v6-zone", "a zone", "What does inet_pton make of fe80::1%lo?", TEXT, |o| strict(o, V6, c"fe80::1%lo");
    "strings.inet-pton.v6-colon", "a colon behind", "What does inet_pton make of 1:2:3:4:5:6:7: with a colon behind?", TEXT, |o| strict(o, V6, c"1:2:3:4:5:6:7:");
    "strings.inet-pton.v6-full-gap", "two colons for nothing", "What does inet_pton make of 1:2:3:4:5:6:7:8 with two colons in it?", TEXT, |o| strict(o, V6, c"1:2:3:4::5:6:7:8");
    "strings.inet-pton.family", "an unknown family", "What does inet_pton say to family 77?", TEXT, |o| strict(o, 77, c"1");
    "strings.inet-ntop.v4", "writing IPv4", "How does inet_ntop write 192.0.2.1?", TEXT, |o| written(o, V4, six([0xc000, 0x0201, 0, 0, 0, 0, 0, 0]), 64);
    "strings.inet-ntop.v4-short", "writing IPv4 into too little", "What does inet_ntop say to 9 bytes for 192.0.2.1?", TEXT, |o| written(o, V4, six([0xc000, 0x0201, 0, 0, 0, 0, 0, 0]), 9);
    "strings.inet-ntop.v6", "writing IPv6", "How does inet_ntop write 2001:db8::1?", TEXT, |o| written(o, V6, six([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]), 64);
    "strings.inet-ntop.v6-one-zero", "one zero word", "Does inet_ntop shorten a single zero word?", TEXT, |o| written(o, V6, six([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1]), 64);
    "strings.inet-ntop.v6-runs", "two runs of zeros", "Which of two equal runs of zeros does inet_ntop shorten?", TEXT, |o| written(o, V6, six([0x2001, 0, 0, 1, 0, 0, 1, 1]), 64);
    "strings.inet-ntop.v6-longest", "the longest run", "Does inet_ntop shorten the longest run of zeros?", TEXT, |o| written(o, V6, six([0x2001, 0, 0, 1, 0, 0, 0, 1]), 64);
    "strings.inet-ntop.v6-mapped", "writing IPv4 in IPv6", "How does inet_ntop write ::ffff:192.0.2.1?", TEXT, |o| written(o, V6, six([0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201]), 64);
    "strings.inet-ntop.v6-compatible", "writing an IPv4-compatible address", "How does inet_ntop write ::192.0.2.1?", TEXT, |o| written(o, V6, six([0, 0, 0, 0, 0, 0, 0xc000, 0x0201]), 64);
    "strings.inet-ntop.v6-any", "writing no address", "How does inet_ntop write the address of zeros?", TEXT, |o| written(o, V6, [0; 16], 64);
    "strings.inet-ntop.v6-end", "zeros at the end", "How does inet_ntop write 1:2:3:4:5:6:0:0?", TEXT, |o| written(o, V6, six([1, 2, 3, 4, 5, 6, 0, 0]), 64);
    "strings.inet-ntop.family", "an unknown family", "What does inet_ntop say to family 77?", TEXT, |o| written(o, 77, [0; 16], 64);
    "strings.ether-aton.plain", "an Ethernet address", "What does ether_aton make of 0:1a:2b:3c:4d:ff?", ETHER, |o| o.fact("address", from_ethernet(c"0:1a:2b:3c:4d:ff").map(|a| heap::format!("{a:02x?}")));
    "strings.ether-aton.large", "a part above ff", "What does ether_aton make of 100:1:2:3:4:5?", ETHER, |o| o.fact("address", from_ethernet(c"100:1:2:3:4:5").map(|a| heap::format!("{a:02x?}")));
    "strings.ether-aton.trailing", "text behind", "What does ether_aton make of an address with text behind?", ETHER, |o| o.fact("address", from_ethernet(c"0:1:2:3:4:5 x").map(|a| heap::format!("{a:02x?}")));
    "strings.ether-ntoa.plain", "writing an Ethernet address", "Does ether_ntoa write leading zeros and upper case?", ETHER, |o| o.fact("text", to_ethernet([0, 0x1a, 0xb, 0xff, 1, 0x20]));
    "strings.ether-line.plain", "a line of /etc/ethers", "Does ether_line read address and name?", ETHER, |o| { let (value, address, name) = ethernet_line(c"0:1:2:3:4:5 host # text"); o.fact("value", value); o.fact("address", heap::format!("{address:02x?}")); o.fact("name", name); };
}

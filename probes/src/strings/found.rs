//! What `libcdiff fuzz` has found among addresses, names of DNS messages and numbers: one input of its targets each.

use crate::case::{Needs, cases};
use crate::fuzz::{found, targets};

const NTOP: &str = "RFC 5952, 4.2.3; musl src/network/inet_ntop.c; glibc resolv/inet_ntop.c; found by libcdiff fuzz";
const ETHER: &str = "ether_aton(3); musl src/network/ether.c; glibc inet/ether_aton_r.c; found by libcdiff fuzz";
const NETWORK: &str = "inet_network(3); musl src/network/inet_legacy.c; glibc inet/inet_net.c; found by libcdiff fuzz";
const EXPAND: &str = "RFC 1035, 5.1; musl src/network/dn_expand.c; glibc resolv/ns_name_ntop.c, ns_name_uncompress.c; found by libcdiff fuzz";
const SKIP: &str =
    "RFC 1035, 4.1.4; musl src/network/dn_skipname.c; glibc resolv/ns_name_skip.c; found by libcdiff fuzz";
const COMPRESS: &str = "RFC 1035, 5.1; musl src/network/dn_comp.c; glibc resolv/ns_name_pton.c; found by libcdiff fuzz";

const UNDERFLOW: &str = "ISO C11 7.22.1.3: whether errno is ERANGE where the result underflows is implementation-defined; \
    POSIX.1-2017 strtod(): it shall be";

/// A label of 65 bytes, which no name may have: its length, the bytes and the end of the name.
const LONG_LABEL: &[u8] = b"416161616161616161616161616161616161616161616161616161616161616161616161616161616161616161\
    61616161616161616161616161616161616161616100";

cases! {
    "strings.found.inet-ntop-tie", "two gaps of one length, the first at the start",
        "Which of two gaps does inet_ntop leave out of 0:0:1:0:0:1:1:1?",
        NTOP, Needs::NOTHING, |o| found(o, &targets::addresses::NTOP, &[b"00000000000100000000000100010001", b"6", b"64"]);
    "strings.found.inet-ntop-tie-inside", "two gaps of one length, none at the start",
        "Which of two gaps does inet_ntop leave out of 1:0:0:1:0:0:1:1?",
        NTOP, Needs::NOTHING, |o| found(o, &targets::addresses::NTOP, &[b"00010000000000010000000000010001", b"6", b"64"]);
    "strings.found.ether-empty", "colons alone", "Is ::::: an Ethernet address for ether_aton?",
        ETHER, Needs::NOTHING, |o| found(o, &targets::addresses::ETHER, &[b":::::"]);
    "strings.found.ether-blank", "a blank behind a colon", "Is 1: 2:3:4:5:6 an Ethernet address for ether_aton?",
        ETHER, Needs::NOTHING, |o| found(o, &targets::addresses::ETHER, &[b"1: 2:3:4:5:6"]);
    "strings.found.ether-sign", "a sign", "Is +1:2:3:4:5:6 an Ethernet address for ether_aton?",
        ETHER, Needs::NOTHING, |o| found(o, &targets::addresses::ETHER, &[b"+1:2:3:4:5:6"]);
    "strings.found.ether-prefix", "0x", "Is 0x1:2:3:4:5:6 an Ethernet address for ether_aton?",
        ETHER, Needs::NOTHING, |o| found(o, &targets::addresses::ETHER, &[b"0x1:2:3:4:5:6"]);
    "strings.found.ether-three-digits", "three digits at the end", "What does ether_aton make of a:a:a:a:a:1aa?",
        ETHER, Needs::NOTHING, |o| found(o, &targets::addresses::ETHER, &[b"a:a:a:a:a:1aa"]);
    "strings.found.inet-network-x", "an x without 0", "Is xa a network number for inet_network?",
        NETWORK, Needs::NOTHING, |o| found(o, &targets::addresses::ATON, &[b"xa"]);
    "strings.found.inet-network-large", "a part above 255", "Is 260 a network number for inet_network?",
        NETWORK, Needs::NOTHING, |o| found(o, &targets::addresses::ATON, &[b"260"]);
    "strings.found.dn-expand-dot", "a dot within a label", "What does dn_expand write for a label that is a dot?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"012e00", b"0", b"", b"255"]);
    "strings.found.dn-expand-zero", "a zero byte within a label", "What does dn_expand write for a label that is a zero byte?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"010000", b"0", b"", b"255"]);
    "strings.found.dn-expand-line-feed", "a line feed within a label", "What does dn_expand write for a label of a line feed and A?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"020a4100", b"0", b"", b"255"]);
    "strings.found.dn-expand-semicolon", "a semicolon within a label", "What does dn_expand write for the label j;j?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"036a3b6a00", b"0", b"", b"255"]);
    "strings.found.dn-expand-high", "a byte above 127 within a label", "What does dn_expand write for a label that is byte FF?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"01ff00", b"0", b"", b"255"]);
    "strings.found.dn-expand-root", "the root, into one byte", "Does dn_expand write the root's name into a buffer of one byte?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"00", b"0", b"", b"1"]);
    "strings.found.dn-skipname-long", "a label of 65 bytes", "Does dn_skipname pass over a label of 65 bytes?",
        SKIP, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[LONG_LABEL, b"0", b"", b"255"]);
    "strings.found.dn-comp-dot", "a dot behind a backslash", "Which labels does dn_comp make of a\\.b?",
        COMPRESS, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"", b"0", b"a\\.b", b"255"]);
    "strings.found.dn-comp-number", "a number behind a backslash", "Which label does dn_comp make of \\065?",
        COMPRESS, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"", b"0", b"\\065", b"255"]);
    "strings.found.dn-comp-last", "a backslash at the end", "Does dn_comp take a name that ends in a backslash?",
        COMPRESS, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"", b"0", b"a\\", b"255"]);
    "strings.found.strtod-hex-subnormal", "hexadecimal, subnormal and inexact",
        "Does strtod set errno for 0x1.123456789abcdefp-1030?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"0x1.123456789abcdefp-1030"]);
    "strings.found.strtof-hex-zero", "strtof, hexadecimal, too small",
        "Does strtof set errno where 0xap-200 becomes 0?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"0xap-200"]);
    "strings.found.strtof-hex-subnormal", "strtof, hexadecimal, subnormal and inexact",
        "Does strtof set errno for 0x1.234567p-130?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"0x1.234567p-130"]);
    "strings.found.strtod-least-normal", "rounded up to the least normal number",
        "Does strtod set errno for 2.2250738585072012e-308?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"2.2250738585072012e-308"]);
    "strings.found.strtold-least", "strtold, just above half the smallest",
        "Does strtold set errno for 3e-4951?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"3e-4951"]);
    "strings.found.strtod-hex-negative", "hexadecimal, negative and too small", "Has the zero of -0x1p-1090 a sign?",
        UNDERFLOW, Needs::NOTHING, |o| found(o, &targets::numbers::STRTOD, &[b"-0x1p-1090"]);
    "strings.found.dn-expand-steps", "a pointer in a message of three bytes", "Does dn_expand read a pointer to the label before it?",
        EXPAND, Needs::NOTHING, |o| found(o, &targets::names::TARGET, &[b"01c000", b"1", b"", b"5"]);
}

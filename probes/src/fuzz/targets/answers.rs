//! DNS answers as bytes: what a resolver takes, passes over, or misreads. An odd answer comes first and a plain one behind it, so
//! that the addresses say which of them was taken, and nobody has to wait.

use core::net::IpAddr;

use heap::string::String;
use heap::vec::Vec;

use super::super::lookups::{Lookups, Odd, Query, Script, describe, names, whom};
use super::super::{Answer, Input, Inputs, Random, Target};
use crate::dns::{Family, Hints};
use crate::sys::dns;
use crate::sys::dns::parse::{Answered, parse, query};

/// Answers to `getaddrinfo`, or to `res_query` and read with `ns_parserr`.
pub const TARGET: Target = Target {
    id: "dns.answer",
    what: "a DNS answer in hexadecimal digits, behind the id and the question, with a plain one behind it (198.51.100.99, by TCP 198.51.100.98): \
           what getaddrinfo makes of them, or res_query and ns_parserr",
    functions: &["getaddrinfo", "res_query", "ns_initparse", "ns_parserr"],
    fields: &["records", "head", "how", "name", "call"],
    inputs: Inputs::Grammar(make),
    batch: 5_000,
    network: true,
    // Whether the odd answer is passed over is one question, whatever is odd about it; and so is an error that is none.
    telling: &[PLAIN, ODD, "both", "none, NETDB_SUCCESS", SET],
    ask,
    ..Target::PLAIN
};

/// Most bytes behind the question; beyond, a datagram would not hold it.
const RECORDS: usize = 8 << 10;
/// Records of a section that are told.
const SHOWN: usize = 6;
/// Bytes behind a message that may hold what else musl has received.
const BEHIND: usize = 256;
/// What a caller was told of.
const ODD: &str = "the odd one";
/// What a caller was told of.
const PLAIN: &str = "the plain one";
/// The flag of authentic data.
const SET: &str = "set";
const AUTHENTIC: u16 = 0x20;
/// Where the question begins.
const QUESTION: usize = 12;

/// A message that grows.
struct Made {
    text: String,
    /// Where its next byte will be in the message.
    at: usize,
    /// Where names begin.
    names: Vec<usize>,
}

impl Made {
    fn hex(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.text.push_str(&heap::format!("{byte:02x}"));
        }
        self.at += bytes.len();
    }

    fn gap(&mut self) {
        self.text.push(' ');
    }
}

fn make(random: &mut Random) -> Input {
    let name = random.pick(&["db.test", "db.test", "db.test", "db.test", "db", "DB.Test", "a.b.c.d"]);
    let mut made = Made { text: String::new(), at: QUESTION + name.len() + 2 + 4, names: heap::vec![QUESTION] };
    let call = random
        .pick(&["", "", "", "4", "4", "6", "r1", "r1", "r5", "r28", "r16", "r15", "r2", "r6", "r12", "r33", "r255"]);
    let count = match random.below(20) {
        0 => 0,
        1 => many(random, &mut made),
        n => {
            let count = 1 + n % 4;
            (0..count).for_each(|_| record(random, &mut made));
            count
        }
    };
    let how = if random.one_in(4) {
        random.pick(&["i", "q", "w", "k", "y", "u", "t", "r", "6"])
    } else {
        random.pick(&["", "", "4"])
    };
    let head = head(random, count, how);
    Input(heap::vec![made.text.into_bytes(), head.into_bytes(), how.into(), name.into(), call.into()])
}

/// Flags and counts: the second section is that of an authority, the third holds what is added.
fn head(random: &mut Random, answers: usize, how: &str) -> String {
    let flags = match random.below(10) {
        0 => random.pick(&[
            "8380", "8380", "8181", "8182", "8183", "8184", "8185", "818f", "0180", "8100", "8000", "8580", "81a0",
            "8980", "a180", "ffff",
        ]),
        _ => "8180",
    };
    let asked = match how {
        "q" => [0, 0, 2][random.below(3)],
        _ if random.one_in(30) => random.below(3),
        _ => 1,
    };
    let wrong = if random.one_in(12) { random.below(4) } else { answers };
    let (first, second, third) = match random.below(12) {
        0 => (answers.min(1), answers.saturating_sub(1), 0),
        1 => (answers.min(1), 0, answers.saturating_sub(1)),
        2 => (0, answers, 0),
        3 => (wrong, random.below(2), random.below(2)),
        4 if random.one_in(6) => (65_535, 0, 0),
        _ => (wrong, 0, 0),
    };
    let mut head = heap::format!("{flags} {asked:04x} {first:04x} {second:04x} {third:04x}");
    if random.one_in(30) {
        // The message is cut in its head.
        head.truncate(2 * random.below(2));
    }
    head
}

/// As many records as fill a message, in a repeat.
fn many(random: &mut Random, made: &mut Made) -> usize {
    let count = [20, 29, 30, 31, 47, 48, 49, 60, 64, 65, 100, 200][random.below(12)];
    let kind = random.pick(&["0001", "0001", "001c", "0010", "0005"]);
    let data = match kind {
        "0001" => "0004 c6336405",
        "001c" => "0010 20010db8000000000000000000000005",
        "0010" => "0004 03616263",
        _ => "0002 c00c",
    };
    made.text.push_str(&heap::format!("[c00c {kind} 0001 0000003c {data}]{count}"));
    // What follows would have to know how long it is; pointers go to the question.
    if !random.one_in(3) {
        return count;
    }
    made.gap();
    made.hex(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc6\x33\x64\x06");
    count + 1
}

fn record(random: &mut Random, made: &mut Made) {
    if !made.text.is_empty() {
        made.gap();
    }
    owner(random, made);
    made.gap();
    let kind: u16 = match random.below(20) {
        0..7 => 1,
        7..11 => 28,
        11..15 => 5,
        15 => 16,
        _ => [2, 6, 12, 15, 33, 39, 41, 46, 257, 0, 255, 65_535][random.below(12)],
    };
    made.hex(&kind.to_be_bytes());
    made.gap();
    let class: u16 = if random.one_in(16) { [0, 3, 4, 254, 255, 0x8001][random.below(6)] } else { 1 };
    made.hex(&class.to_be_bytes());
    made.gap();
    let life: u32 = if random.one_in(12) { [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff][random.below(4)] } else { 60 };
    made.hex(&life.to_be_bytes());
    made.gap();
    data(random, made, kind);
}

/// The name of a record: the one that was asked for, one that came before, or another.
fn owner(random: &mut Random, made: &mut Made) {
    match random.below(12) {
        0..6 => made.hex(&[0xc0, QUESTION as u8]),
        6..9 => {
            let known = made.names[random.below(made.names.len())];
            pointer(made, known);
        }
        9 => {
            let far = [made.at, made.at + 2, made.at + 12, 2, 11, 13, 16_383, 600][random.below(8)];
            pointer(made, far);
        }
        _ => written(random, made),
    }
}

fn pointer(made: &mut Made, to: usize) {
    made.hex(&(0xc000 | (to as u16 & 0x3fff)).to_be_bytes());
}

/// A name in labels, its end a zero or a pointer.
fn written(random: &mut Random, made: &mut Made) {
    made.names.push(made.at);
    let odd = random.one_in(4);
    for n in 0..if odd && random.one_in(8) { 8 } else { 1 + random.below(3) } {
        let label: &[u8] = match (odd, n) {
            (true, _) => {
                let odd: [&[u8]; 16] = [
                    b"a_b",
                    b"-a",
                    b"a-",
                    b"a b",
                    b"a.b",
                    b"a\\b",
                    b"\xff",
                    b"h\xc3\xa9",
                    b"*",
                    b"a\nb",
                    b"a\0b",
                    b"\"",
                    b"A",
                    b"1",
                    b"a@b",
                    b"a/b",
                ];
                random.pick(&odd)
            }
            _ => random.pick(&[&b"x"[..], b"test", b"db", b"cdn"]),
        };
        let long = odd && random.one_in(8);
        let length = if long { 60 + random.below(10) } else { label.len() };
        made.hex(&[length as u8]);
        match long {
            true => (0..length).for_each(|_| made.hex(b"l")),
            false => made.hex(label),
        }
    }
    match random.below(6) {
        0 => pointer(made, QUESTION),
        1 => {
            let here = made.at;
            pointer(made, if random.one_in(3) { here } else { QUESTION });
        }
        _ => made.hex(&[0]),
    }
}

/// What a record holds, behind its length.
fn data(random: &mut Random, made: &mut Made, kind: u16) {
    let start = (made.text.len(), made.at);
    made.hex(&[0, 0]);
    made.gap();
    let from = made.at;
    match kind {
        1 => {
            let last = random.below(8) as u8;
            made.hex(&[198, 51, 100, last]);
        }
        28 => {
            let last = random.below(8) as u8;
            made.hex(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
        }
        2 | 5 | 12 | 39 => target(random, made),
        15 => {
            made.hex(&[0, 10]);
            target(random, made);
        }
        33 => {
            made.hex(&[0, 1, 0, 2, 0, 80]);
            target(random, made);
        }
        6 => {
            target(random, made);
            target(random, made);
            made.hex(&[0; 20]);
        }
        16 => made.hex(random.pick(&[&b"\x03abc"[..], b"\x04abc", b"", b"\0", b"\x01a\x01b"])),
        _ => made.hex(random.pick(&[&b"\x01\x02\x03\x04"[..], b"", b"\0"])),
    }
    let whole = made.at - from;
    let said = match random.below(20) {
        0 => [0, 1, 3, 5, 16, 4, 255, 65_535][random.below(8)],
        1 => whole + 1,
        2 => whole.saturating_sub(1),
        _ => whole,
    };
    made.text.replace_range(start.0..start.0 + 4, &heap::format!("{said:04x}"));
}

/// The name that an alias leads to.
fn target(random: &mut Random, made: &mut Made) {
    match random.below(8) {
        0 => pointer(made, QUESTION),
        1 => {
            let known = made.names[random.below(made.names.len())];
            pointer(made, known);
        }
        2 => {
            // Where this record's own end will be, or the pointer itself.
            let far = [made.at, made.at + 2, made.at + 1, 16_383][random.below(4)];
            pointer(made, far);
        }
        _ => written(random, made),
    }
}

/// The bytes of digits; `[` and `]` around what comes as often as the number behind them says. Everything else is left out.
fn bytes(text: &[u8], most: usize) -> Vec<u8> {
    let (mut bytes, mut open, mut half) = (Vec::new(), Vec::new(), None);
    let mut at = 0;
    while at < text.len() && bytes.len() < most {
        let byte = text[at];
        at += 1;
        match (byte, char::from(byte).to_digit(16)) {
            (_, Some(digit)) => match half.take() {
                None => half = Some(digit as u8),
                Some(high) => bytes.push(high << 4 | digit as u8),
            },
            (b'[', _) => open.push(bytes.len()),
            (b']', _) => {
                let digits = text[at..].iter().take_while(|b| b.is_ascii_digit()).count().min(4);
                let times = text[at..at + digits].iter().fold(0, |all, digit| all * 10 + usize::from(digit - b'0'));
                at += digits;
                let piece = bytes[open.pop().unwrap_or(0)..].to_vec();
                for _ in 1..times {
                    if bytes.len() + piece.len() <= most {
                        bytes.extend_from_slice(&piece);
                    }
                }
            }
            _ => {}
        }
    }
    bytes.truncate(most);
    bytes
}

/// Why what comes of an answer is no property of the C library's alone.
fn by_chance(odd: &Odd, name: &[u8]) -> Option<&'static str> {
    // The id is read as a part of names that point to it, or to flags that do. To musl's dn_expand any byte with one of its two
    // highest bits is the first of a pointer.
    let points = |pair: &[u8]| pair[0] & 0xc0 != 0 && pair[0] & 0x3f == 0 && usize::from(pair[1]) < QUESTION;
    let in_head = odd.head.windows(2).any(|pair| pair[0] == 0xc0 && pair[1] < 2);
    if in_head || odd.records.windows(2).any(points) || name.iter().any(|byte| matches!(byte, 0x40 | 0x80 | 0xc0)) {
        return Some("a pointer to the id");
    }
    // musl follows a pointer to what lies behind the message, where the answer to its other query begins with an id. Data that
    // looks like a pointer far behind it is left alone.
    // A last dot of the name, and the length of an empty one, are not in the question.
    let end = QUESTION + name.len() + 2 + 4 + odd.records.len();
    let behind = |pair: &[u8]| {
        let to = usize::from(pair[0] & 0x3f) << 8 | usize::from(pair[1]);
        pair[0] >= 0xc0 && (end - 2..end + BEHIND).contains(&to)
    };
    if odd.records.windows(2).any(behind) {
        return Some("a pointer to the end of the message");
    }
    // glibc compares the question with its own up to the end of its buffer, and not of the message.
    let one = odd.head.get(2..4).is_some_and(|count| *count == [0, 1]);
    let cut = odd.how.contains(&b'q') || odd.head.len() != QUESTION - 2;
    (one && cut).then_some("a question that is not whole")
}

/// The head of a message: flags and counts, of which what is left out is 0. With one byte or none it is cut off there.
fn head_of(input: &Input) -> Vec<u8> {
    let mut head = bytes(input.field(1), 64);
    if head.len() > 1 && head.len() < QUESTION - 2 {
        head.resize(QUESTION - 2, 0);
    }
    head
}

fn ask(input: &Input, answer: &mut Answer) {
    let odd = Odd { how: input.field(2).to_vec(), head: head_of(input), records: bytes(input.field(0), RECORDS) };
    let name = input.c(3);
    if let Some(reason) = by_chance(&odd, name.as_bytes()) {
        return answer.line("not asked", reason);
    }
    let conf = b"nameserver 127.0.0.1\noptions timeout:10 attempts:1\n";
    let lasting = [(c"/etc/nsswitch.conf", &b"hosts: dns\n"[..]), (c"/etc/hosts", b""), (c"/etc/resolv.conf", conf)];
    let lookups = match Lookups::arrange(&lasting, &[], &Script::Odd(&odd)) {
        Ok(lookups) => lookups,
        Err(reason) => return answer.line("not asked", reason),
    };
    match input.field(4) {
        [b'r', ..] => {
            let kind = input.field(4)[1..].iter().filter(|b| b.is_ascii_digit()).take(3);
            let kind = kind.fold(0u16, |all, digit| all * 10 + u16::from(digit - b'0'));
            raw(&query(&name, kind, 4096), answer);
        }
        family => {
            let family = match family.first() {
                Some(b'4') => Family::Inet,
                Some(b'6') => Family::Inet6,
                _ => Family::Unspecified,
            };
            let hints = Hints { family, socktype: libc::SOCK_STREAM, flags: libc::AI_CANONNAME, ..Hints::default() };
            let mut found = dns::getaddrinfo(&name, &hints);
            let all = found.addresses.len();
            found.addresses.retain(|address| is_sent(address.ip, &odd.records));
            taken(&found, answer);
            describe(&found, "", answer);
            // Whatever lay there in memory is not the same twice.
            if found.addresses.len() < all {
                answer.number("addresses from beyond the answer", (all - found.addresses.len()) as i64);
            }
        }
    }
    // musl sets the flag for authentic data in every query of res_query: one difference, and not one in each answer. Which of two
    // queries it has asked again by TCP when one fails is luck.
    let queries = lookups.queries().into_iter().map(|query| Query { ad: false, ..query });
    let (by_tcp, queries): (Vec<Query>, Vec<Query>) = queries.partition(|query| query.tcp);
    let all: Vec<String> = names(&queries).iter().map(|name| whom(&queries, name)).collect();
    answer.line("queries", all.join("; "));
    answer.line("asked by TCP", if by_tcp.is_empty() { "nothing" } else { "something" });
}

/// Which of the two answers the addresses are from.
fn taken(found: &crate::dns::Answer, answer: &mut Answer) {
    if found.return_code != "0" {
        return answer.line("taken", heap::format!("none, {}", found.return_code));
    }
    let plain = found.addresses.iter().filter(|address| is_plain(address.ip)).count();
    answer.line(
        "taken",
        match found.addresses.len() - plain {
            0 => PLAIN,
            _ if plain == 0 => ODD,
            _ => "both",
        },
    );
}

/// Whether an address is one of the plain answers: its last byte is 98 or 99.
fn is_plain(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(v4.octets(), [198, 51, 100, 98 | 99]),
        IpAddr::V6(v6) => matches!(v6.segments(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 98 | 99]),
    }
}

/// Whether an address is in these records or in the plain answer. musl reads one whose record is cut on behind the answer.
fn is_sent(address: IpAddr, records: &[u8]) -> bool {
    let within = |octets: &[u8]| records.windows(octets.len()).any(|window| window == octets);
    is_plain(address)
        || match address {
            IpAddr::V4(address) => within(&address.octets()),
            IpAddr::V6(address) => within(&address.octets()),
        }
}

/// What res_query came back with, and how this C library's own functions read it. The id is by chance.
fn raw(answered: &Answered, answer: &mut Answer) {
    let message = match answered {
        Answered::Absent => return answer.line("res_query", "absent"),
        Answered::Failed(error) => return answer.line("taken", heap::format!("none, {error}")),
        Answered::Message(_, message) => message,
    };
    let plain = [[198, 51, 100, 98], [198, 51, 100, 99], [0, 0, 0, 98], [0, 0, 0, 99]];
    let is_plain = message.last_chunk().is_some_and(|last| plain.contains(last));
    answer.line("taken", if is_plain { PLAIN } else { ODD });
    answer.number("res_query", message.len() as i64);
    match parse(message, SHOWN) {
        None => answer.line("ns_initparse", "absent"),
        Some(Err(errno)) => answer.line("ns_initparse", crate::text::errno(errno)),
        Some(Ok((flags, counts, records))) => {
            answer.line("counts", heap::format!("{counts:?}"));
            for record in records {
                match record {
                    Err(errno) => answer.line("ns_parserr", crate::text::errno(errno)),
                    Ok(read) => {
                        let [kind, class] = read.numbers;
                        answer.line("ns_parserr", heap::format!("type {kind} class {class} ttl {}", read.ttl));
                        answer.bytes("owner", &read.name);
                        answer.line("data", heap::format!("{:02x?}", &read.data[..read.data.len().min(40)]));
                    }
                }
            }
            answer.line("flags", heap::format!("{:04x}", flags & !AUTHENTIC));
            answer.line("authentic data", if flags & AUTHENTIC == 0 { "not set" } else { SET });
        }
    }
    answer.bytes("message", message.get(4..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_head_is_whole_and_a_byte_is_a_message_that_is_cut() {
        let head = |digits: &str| head_of(&Input(std::vec![Vec::new(), digits.into()]));
        assert_eq!(head("8180 0001"), [0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!((head("81"), head("")), (std::vec![0x81], Vec::new()));
    }

    #[test]
    fn an_address_is_sent_where_all_of_its_bytes_are() {
        let is = |address: &str, records: &[u8]| is_sent(address.parse().expect("an address"), records);
        assert!(is("1.2.3.4", &[0, 1, 2, 3, 4]) && is("198.51.100.99", &[]) && is("2001:db8::63", &[]));
        assert!(!is("1.2.3.4", &[0, 1, 2, 3]) && !is("2001:db8::64", &[]));
    }

    #[test]
    fn digits_are_bytes_and_repeats_are_as_long_as_they_may_be() {
        assert_eq!(bytes(b"c0 0c", 9), [0xc0, 12]);
        assert_eq!(bytes(b"01[0203]3 0", 9), [1, 2, 3, 2, 3, 2, 3]);
        assert_eq!(bytes(b"[01]9999[]]7[", 4), [1, 1, 1, 1]);
        assert_eq!(bytes(b"]3", 4), []);
    }

    #[test]
    fn records_have_the_length_that_they_say_most_of_the_time() {
        let all: Vec<Input> = (0..2000).map(|n| make(&mut Random::new(1, "x", n))).collect();
        let reads = |input: &&Input| {
            // An id, the head, and the question for one of the names.
            let mut message = heap::vec![0, 0];
            message.extend(bytes(input.field(1), 64));
            for label in input.field(3).split(|byte| *byte == b'.') {
                message.push(label.len() as u8);
                message.extend_from_slice(label);
            }
            message.extend_from_slice(&[0, 0, 1, 0, 1]);
            message.extend(bytes(input.field(0), RECORDS));
            let mut o = crate::outcome::Outcome::default();
            crate::dns::message::describe(&message, &mut o);
            o.text().contains("answer: ") && !o.text().contains("whole")
        };
        let good = all.iter().filter(reads).count();
        assert!((800..1700).contains(&good), "{good}");
        assert!(all.iter().any(|input| input.field(0).windows(4).any(|digits| digits == b"ffff")));
    }
}

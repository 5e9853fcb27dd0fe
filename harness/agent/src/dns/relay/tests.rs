//! A relay between a client that only knows bytes and scripted servers, all on loopback, with a broker of the test's own.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::Duration;

use libcdiff_protocol::dns::{self, Script};
use libcdiff_protocol::{Flavour, Observation, Status};

use super::super::Lab;
use super::{Outfit, Passed, Refusals, Relay};
use crate::sys::rights;

/// Where the real nameserver is.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 31);
/// Where the relay listens; on one loopback the two cannot have the same address.
const INSIDE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 32);

/// A broker in a thread: whatever is asked for leads to `OUTSIDE`.
fn broker(port: u16) -> OwnedFd {
    let (ours, theirs) = rights::pair().expect("a pair");
    std::thread::spawn(move || {
        let mut request = [0; 2];
        while let Ok((2, _)) = rights::receive(&ours, &mut request) {
            let socket: OwnedFd = if request[1] == 0 {
                let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
                socket.connect((OUTSIDE, port)).expect("connected");
                socket.set_nonblocking(true).expect("non-blocking");
                socket.into()
            } else {
                TcpStream::connect((OUTSIDE, port)).expect("a server").into()
            };
            rights::send(&ours, &[0], Some(&socket)).expect("sent");
        }
    });
    theirs
}

fn outfit(port: u16) -> Outfit {
    Outfit { broker: broker(port), refusals: Refusals::open() }
}

/// A nameserver that does what `rules` say, and a relay to it, on a port that is free.
fn relayed(rules: &str, most_queries: u32, most_ms: u64) -> (Lab, Relay, u16) {
    let script: Script =
        serde_json::from_str(&format!(r#"{{"servers":["{OUTSIDE}"],"rules":{rules}}}"#)).expect("a script");
    let relay = dns::Relay { servers: vec![INSIDE.into()], most_queries, most_ms };
    for _ in 0..20 {
        let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|s| s.local_addr()).expect("a port").port();
        match (Lab::start_on(&script, port), Relay::start_on(&relay, outfit(port), port)) {
            (Ok(lab), Ok(relay)) => return (lab, relay, port),
            (Err(e), _) | (_, Err(e)) => assert_eq!(e.kind(), ErrorKind::AddrInUse, "{e}"),
        }
    }
    panic!("no port is free");
}

fn query(id: u8) -> Vec<u8> {
    [&[0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], b"\x02Db\x04test\0\0\x01\0\x01"].concat()
}

fn client(port: u16, patience: Duration) -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    socket.connect((INSIDE, port)).expect("a server");
    socket.set_read_timeout(Some(patience)).expect("a time-out");
    socket
}

const LONG: Duration = Duration::from_secs(20);

/// What the client gets for a datagram.
fn ask(socket: &UdpSocket, packet: &[u8]) -> Option<Vec<u8>> {
    socket.send(packet).expect("sent");
    let mut buffer = [0; 4096];
    socket.recv(&mut buffer).ok().map(|n| buffer[..n].to_vec())
}

fn observed(passed: Passed, status: Status) -> Observation {
    let mut seen = Observation {
        case: "dns.as-deployed.db".into(),
        flavour: Flavour::Musl,
        status,
        signal: None,
        reason: None,
        text: "return_code: 0".into(),
        values: Default::default(),
        wire: None,
        elapsed_ms: 1,
    };
    passed.add_to(&mut seen);
    seen
}

#[test]
fn queries_arrive_as_they_were_sent_and_answers_come_back() {
    let (lab, relay, port) = relayed(r#"[{"name":"db.test.","reply":{"answer":["A 192.0.2.1"]}}]"#, 8, 60_000);
    let reply = ask(&client(port, LONG), &query(7)).expect("an answer");
    assert_eq!((&reply[..2], &reply[12..19], reply[7]), (&[0, 7][..], &query(7)[12..19], 1), "letter case is kept");
    let passed = observed(relay.finish(), Status::Described);
    assert_eq!((passed.text.as_str(), passed.values["queries"].as_u64()), ("return_code: 0", Some(1)));
    let wire = passed.wire.expect("a wire");
    let seen = lab.finish();
    assert_eq!(wire.len(), 1);
    assert_eq!((&wire[0].name, &wire[0].rcode, &wire[0].server), (&seen[0].name, &seen[0].rcode, &seen[0].server));
}

#[test]
fn connections_are_relayed_message_by_message() {
    let (lab, relay, port) = relayed(r#"[{"reply":{"rcode":"SERVFAIL"}}]"#, 8, 60_000);
    let mut stream = TcpStream::connect((INSIDE, port)).expect("a connection");
    stream.set_read_timeout(Some(LONG)).expect("a time-out");
    for id in [1, 2] {
        let packet = query(id);
        stream.write_all(&[&[0, packet.len() as u8][..], &packet].concat()).expect("sent");
    }
    let mut replies = vec![0; 2 * (2 + query(1).len())];
    stream.read_exact(&mut replies).expect("two replies");
    assert_eq!((replies[3], replies[2 + query(1).len() + 3]), (1, 2));
    let wire = observed(relay.finish(), Status::Described).wire.expect("a wire");
    let words: Vec<_> = wire.iter().map(|q| (q.transport.as_str(), q.rcode.as_str())).collect();
    assert_eq!(words, [("tcp", "SERVFAIL"); 2]);
    assert_eq!(lab.finish().len(), 2);
}

#[test]
fn silence_stays_silence() {
    let (_lab, relay, port) = relayed(r#"[{"reply":"drop"}]"#, 8, 60_000);
    assert_eq!(ask(&client(port, Duration::from_millis(200)), &query(1)), None);
    let seen = observed(relay.finish(), Status::Timeout);
    assert_eq!(seen.text, "did not end within 60 s");
    assert_eq!(seen.wire.expect("a wire")[0].rcode, "no answer");
}

#[test]
fn one_query_too_many_is_not_passed_on_and_ends_it() {
    let (lab, relay, port) = relayed("[]", 2, 60_000);
    let socket = client(port, Duration::from_millis(500));
    let answered = [1, 2, 3, 4].map(|id| ask(&socket, &query(id)).is_some());
    assert_eq!(answered, [true, true, false, false]);
    let seen = observed(relay.finish(), Status::Described);
    assert_eq!(seen.text, "return_code: 0\nstopped: more than 2 queries");
    assert_eq!(seen.wire.map(|wire| wire.len()), Some(2));
    assert_eq!(lab.finish().len(), 2);
}

#[test]
fn nothing_is_passed_on_when_the_time_is_over() {
    let (lab, relay, port) = relayed("[]", 8, 0);
    assert_eq!(ask(&client(port, Duration::from_millis(200)), &query(1)), None);
    let seen = observed(relay.finish(), Status::Described);
    assert_eq!((seen.text.as_str(), seen.wire.map(|w| w.len())), ("return_code: 0\nstopped: more than 0 s", Some(0)));
    assert_eq!(lab.finish().len(), 0);
}

#[test]
fn a_refusal_outside_is_noted() {
    let (lab, relay, port) = relayed("[]", 8, 60_000);
    lab.finish();
    assert_eq!(ask(&client(port, Duration::from_millis(500)), &query(1)), None);
    let wire = observed(relay.finish(), Status::Described).wire.expect("a wire");
    assert_eq!(wire[0].rcode, "unreachable: connection refused");
}

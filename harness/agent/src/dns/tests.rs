//! The servers at work on loopback, on ports that need no privilege, asked by a client that only knows bytes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::Script;

use super::Lab;

/// A lab on a free port.
fn lab(script: &str) -> (Lab, u16) {
    let script: Script = serde_json::from_str(script).expect("a script");
    for _ in 0..20 {
        let free = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|s| s.local_addr()).expect("a port").port();
        match Lab::start_on(&script, free) {
            Err(e) if e.kind() == ErrorKind::AddrInUse => {}
            started => return (started.expect("a lab"), free),
        }
    }
    panic!("no port is free");
}

/// A query for `name`, recursion desired.
fn query(id: u16, name: &str, kind: u8) -> Vec<u8> {
    let mut bytes = [&id.to_be_bytes()[..], b"\x01\0\0\x01\0\0\0\0\0\0"].concat();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).expect("a label"));
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, kind, 0, 1]);
    bytes
}

const A: u8 = 1;
const AAAA: u8 = 28;

struct Client(UdpSocket);

impl Client {
    fn new(port: u16, last: u8) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        socket.connect((Ipv4Addr::new(127, 0, 0, last), port)).expect("a server");
        socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a time-out");
        Self(socket)
    }

    fn send(&self, bytes: &[u8]) {
        self.0.send(bytes).expect("sent");
    }

    fn receive(&self) -> Vec<u8> {
        let mut buffer = [0; 65536];
        let n = self.0.recv(&mut buffer).expect("a reply");
        buffer[..n].to_vec()
    }
}

/// Response code, truncation, and how many records.
fn outline(reply: &[u8]) -> (u8, bool, u16) {
    (reply[3] & 15, reply[2] & 2 != 0, u16::from_be_bytes([reply[6], reply[7]]))
}

fn words(queries: &[Query]) -> Vec<String> {
    queries.iter().map(|q| format!("{} {} {} {} {}", q.server, q.transport, q.kind, q.name, q.rcode)).collect()
}

#[test]
fn the_first_rule_that_fits_and_is_not_spent_answers() {
    let (lab, port) = lab(r#"{"rules":[
        {"name":"*.corp.test.","times":1,"reply":{"rcode":"SERVFAIL"}},
        {"name":"*.corp.test.","type":"AAAA","reply":{}},
        {"name":"db.corp.test.","reply":{"answer":["A 192.0.2.1 x60","AAAA 2001:db8::1"]}}]}"#);
    let client = Client::new(port, 11);
    let mut outlines = Vec::new();
    for (id, (name, kind)) in
        [("db.corp.test", A), ("DB.corp.TEST", A), ("db.corp.test", AAAA), ("corp.test", A)].iter().enumerate()
    {
        client.send(&query(id as u16, name, *kind));
        let reply = client.receive();
        assert_eq!(reply[..2], (id as u16).to_be_bytes());
        outlines.push(outline(&reply));
    }
    assert_eq!(outlines, [(2, false, 0), (0, false, 60), (0, false, 0), (3, false, 0)]);
    let expected = [
        "s1 udp A db.corp.test. SERVFAIL",
        "s1 udp A DB.corp.TEST. NOERROR",
        "s1 udp AAAA db.corp.test. NODATA",
        "s1 udp A corp.test. NXDOMAIN",
    ];
    assert_eq!(words(&lab.finish()), expected);
}

#[test]
fn servers_differ_and_replies_wait_for_their_time() {
    let (lab, port) = lab(r#"{"servers":["127.0.0.11 udp","127.0.0.12 udp"],"rules":[
        {"server":"s1","reply":[{"after_ms":150,"rcode":"REFUSED"},{"wrong_id":true,"tc":true}]},
        {"server":"s2","reply":"drop"}]}"#);
    let (one, two) = (Client::new(port, 11), Client::new(port, 12));
    let start = Instant::now();
    two.send(&query(1, "a.test", A));
    one.send(&query(2, "a.test", A));
    let (first, second) = (one.receive(), one.receive());
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_eq!((first[1], outline(&first)), (3, (0, true, 0)));
    assert_eq!((second[1], outline(&second)), (2, (5, false, 0)));
    assert_eq!(words(&lab.finish()), ["s2 udp A a.test. dropped", "s1 udp A a.test. REFUSED, NOERROR+TC+wrong id"]);
}

#[test]
fn what_was_sent_before_the_end_is_in_the_log_in_order() {
    let (lab, port) = lab(r#"{"servers":["127.0.0.11","127.0.0.12"],"rules":[{"reply":"drop"}]}"#);
    let clients = [Client::new(port, 11), Client::new(port, 12)];
    let mut expected = Vec::new();
    for i in 0..100 {
        clients[i % 2].send(&query(1, &format!("n{i}.test"), A));
        expected.push(format!("s{} udp A n{i}.test. dropped", i % 2 + 1));
    }
    let log = words(&lab.finish());
    // Across servers the order is the kernel's own only from the moment on at which it stamps every packet.
    for server in ["s1", "s2"] {
        let of = |all: &[String]| all.iter().filter(|w| w.starts_with(server)).cloned().collect::<Vec<_>>();
        assert_eq!(of(&log), of(&expected));
    }
}

#[test]
fn connections_carry_several_queries_and_end_as_told() {
    let (lab, port) = lab(r#"{"servers":["127.0.0.11","127.0.0.12 udp"],"rules":[
        {"transport":"tcp","name":"end.test.","reply":"close"},
        {"transport":"tcp","reply":{"answer":["TXT one","A 192.0.2.1 x2000"]}},
        {"reply":{"tc":true}}]}"#);
    let udp = Client::new(port, 11);
    udp.send(&query(1, "a.test", A));
    assert_eq!(outline(&udp.receive()), (0, true, 0));

    let mut stream = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 11), port)).expect("a connection");
    let framed = |q: Vec<u8>| [&(q.len() as u16).to_be_bytes()[..], &q].concat();
    let two = [framed(query(2, "a.test", A)), framed(query(3, "b.test", A))].concat();
    let (start, rest) = two.split_at(5);
    stream.write_all(start).and_then(|()| stream.write_all(rest)).expect("sent");
    for id in [2, 3] {
        let mut length = [0; 2];
        stream.read_exact(&mut length).expect("a length");
        let mut reply = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut reply).expect("a reply");
        assert_eq!((reply[1], outline(&reply)), (id, (0, false, 2000)));
    }
    stream.write_all(&framed(query(4, "end.test", A))).expect("sent");
    assert_eq!(stream.read(&mut [0; 1]).expect("the end of the stream"), 0);

    let refused = TcpStream::connect(SocketAddr::from(([127, 0, 0, 12], port))).expect_err("no listener");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let expected = [
        "s1 udp A a.test. NOERROR+TC",
        "s1 tcp A a.test. NOERROR",
        "s1 tcp A b.test. NOERROR",
        "s1 tcp A end.test. closed",
    ];
    assert_eq!(words(&lab.finish()), expected);
}

#[test]
fn rules_tell_sockets_edns_and_occurrences_apart() {
    let (lab, port) = lab(r#"{"rules":[
        {"edns":true,"reply":{"rcode":"FORMERR"}},
        {"name":"a.test.","socket":"seen","reply":{"rcode":"REFUSED"}},
        {"name":"b.test.","skip":1,"times":1,"reply":{"rcode":"SERVFAIL"}},
        {"name":"b.test.","reply":{}}]}"#);
    let (one, two) = (Client::new(port, 11), Client::new(port, 11));
    let mut with_edns = query(9, "a.test", A);
    with_edns[11] = 1;
    with_edns.extend_from_slice(b"\0\0\x29\x04\xd0\0\0\x80\0\0\0");
    let mut codes = Vec::new();
    for (client, bytes) in [
        (&one, query(1, "a.test", A)),
        (&one, query(2, "a.test", A)),
        (&two, query(3, "a.test", A)),
        (&two, with_edns),
        (&one, query(4, "b.test", A)),
        (&one, query(5, "b.test", A)),
        (&one, query(6, "b.test", A)),
    ] {
        client.send(&bytes);
        codes.push(outline(&client.receive()).0);
    }
    assert_eq!(codes, [3, 5, 3, 1, 0, 2, 0]);
    let log = lab.finish();
    let ports: Vec<_> = [&one, &one, &two].map(|c| c.0.local_addr().expect("an address").port()).into();
    assert_eq!(log.iter().take(3).map(|q| q.port.expect("a port")).collect::<Vec<_>>(), ports);
    assert_eq!((log[3].edns, log[3].flags.as_deref()), (Some(1232), Some("rd do")));
    assert!(log.iter().all(|q| q.late_ms.is_some()));
}

#[test]
fn datagrams_are_sent_twice_and_streams_are_cut_lied_about_and_reset() {
    let (lab, port) = lab(r#"{"rules":[
        {"transport":"udp","reply":{"copies":2}},
        {"name":"cut.test.","reply":{"pieces":{"bytes":1,"every_ms":1}}},
        {"name":"lie.test.","reply":{"length":3}},
        {"reply":"reset"}]}"#);
    let udp = Client::new(port, 11);
    udp.send(&query(1, "a.test", A));
    assert_eq!(udp.receive(), udp.receive());

    let mut stream = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 11), port)).expect("a connection");
    let framed = |q: Vec<u8>| [&(q.len() as u16).to_be_bytes()[..], &q].concat();
    for (id, name, length) in [(2, "cut.test", 26), (3, "lie.test", 3)] {
        stream.write_all(&framed(query(id, name, A))).expect("sent");
        let mut reply = [0; 28];
        stream.read_exact(&mut reply).expect("a reply");
        assert_eq!(reply[..4], [0, length, 0, id as u8]);
    }
    stream.write_all(&framed(query(4, "end.test", A))).expect("sent");
    assert_eq!(stream.read(&mut [0; 1]).expect_err("a reset").kind(), ErrorKind::ConnectionReset);
    let expected = [
        "s1 udp A a.test. NODATA x2",
        "s1 tcp A cut.test. NODATA+in pieces",
        "s1 tcp A lie.test. NODATA+other length",
        "s1 tcp A end.test. reset",
    ];
    assert_eq!(words(&lab.finish()), expected);
}

#[test]
fn what_is_no_query_is_logged_too() {
    let (lab, port) = lab(r#"{}"#);
    let client = Client::new(port, 11);
    client.send(b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0\x02db.\0\x01\0\x01\0");
    assert_eq!(client.receive(), b"\x12\x34\x80\x01\0\0\0\0\0\0\0\0");
    client.send(b"?");
    client.send(&query(1, "a.test", A));
    client.receive();
    let log = words(&lab.finish());
    assert_eq!(
        log,
        [
            "s1 udp malformed \\x02db.\\x00\\x01\\x00\\x01\\x00 FORMERR",
            "s1 udp malformed ? dropped",
            "s1 udp A a.test. NXDOMAIN"
        ]
    );
}

#[test]
fn a_flood_is_survived() {
    let (lab, port) = lab(r#"{"rules":[{"reply":{"after_ms":10000}}]}"#);
    let client = Client::new(port, 11);
    for i in 0..20_000 {
        // What does not fit into the socket any more is lost, as on any network.
        let _ = client.0.send(&query(i, "a.test", A));
    }
    let log = lab.finish();
    assert!(log.len() <= 4097, "{}", log.len());
}

#[test]
fn a_script_that_contradicts_itself_is_refused_with_its_rule() {
    for (rule, word) in [
        (r#"{"server":"s2","reply":"drop"}"#, "rule 1: there is no server `s2`"),
        (r#"{"name":"a.test","reply":"drop"}"#, "rule 1: the name `a.test` has no final dot"),
        (r#"{"reply":{"answer":["a..b. A 192.0.2.1"]}}"#, "rule 1: the name `a..b.`"),
        (r#"{"reply":[]}"#, "rule 1: no reply"),
        (r#"{"reply":{"raw":"id 818"}}"#, "rule 1: `818`"),
    ] {
        let script: Script = serde_json::from_str(&format!("{{\"rules\":[{rule}]}}")).expect(rule);
        let error = Lab::start_on(&script, 0).err().expect(rule);
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(word), "{error}");
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = UdpSocket::bind("127.0.0.11:0").expect("a socket");
    let port = taken.local_addr().expect("an address").port();
    let error = Lab::start_on(&Script::default(), port).err().expect("the port is taken");
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(&format!("127.0.0.11:{port}")), "{error}");
}

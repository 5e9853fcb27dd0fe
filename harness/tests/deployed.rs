//! `libcdiff run --as-deployed` against nameservers of the test's own, in a network of the test's own: nobody else is
//! asked for anything. Takes root, and the catalog's images; Alpine's too, where LIBCDIFF_TEST_IMAGES names a folder.

use std::net::{IpAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use libcdiff::compare::own_flavour;
use libcdiff::runfile::{Attribution, Observation, RunFile};
use libcdiff_agent::dns::Lab;
use libcdiff_agent::sys::interface;
use libcdiff_protocol::dns::Script;
use libcdiff_protocol::{Query, Status};

mod network;

/// A nameserver that resolv.conf names, one that it does not name, and one of the other family.
const NAMED: &str = "10.77.0.53";
const OTHER: &str = "10.77.0.99";
const NAMED_V6: &str = "fd77::53";
/// An address of this network at which nobody listens.
const NOBODY: &str = "10.77.0.54";
const PAIR: [&str; 2] = ["debian-13", "debian-13-musl"];

/// Gives this thread's loopback interface the addresses above, and waits until they can be used.
fn addresses() {
    for (n, address) in [NAMED, OTHER, NAMED_V6, NOBODY].into_iter().enumerate() {
        let address: IpAddr = address.parse().expect("an address");
        let added = match address {
            IpAddr::V4(address) => interface::add_ipv4(n + 1, address, 32),
            IpAddr::V6(address) => interface::add_ipv6(address, 128),
        };
        added.expect("root in its own network");
        let until = Instant::now() + Duration::from_secs(20);
        while UdpSocket::bind((address, 0)).is_err() {
            assert!(Instant::now() < until, "{address} cannot be used");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Runs look-ups as deployed in a network where servers follow `rules`; returns the run and what the servers saw.
fn deployed(rules: &str, conf: &str, arguments: &[&str]) -> (RunFile, Vec<Query>) {
    addresses();
    let servers = format!(r#"["{NAMED}","{OTHER}","{NAMED_V6}"]"#);
    let script: Script =
        serde_json::from_str(&format!(r#"{{"servers":{servers},"rules":{rules}}}"#)).expect("a script");
    let lab = Lab::start(&script).expect("nameservers");
    let output = libcdiff(conf, arguments);
    let seen = lab.finish();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file"), seen)
}

fn libcdiff(conf: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("resolv.conf");
    std::fs::write(&path, conf).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.args(["run", "--as-deployed", "--format", "json", "--resolv-conf"]).arg(&path).args(arguments);
    command.output().expect("libcdiff starts")
}

/// What an image's own C library made of a name.
#[track_caller]
fn own<'a>(run: &'a RunFile, name: &str, image: &str) -> &'a Observation {
    let flavour = own_flavour(run.image(image).expect("the image"));
    let case = format!("dns.as-deployed.{name}");
    let seen = run.observations.iter().find(|o| o.case == case && o.image == image && o.flavour == flavour);
    let seen = seen.unwrap_or_else(|| panic!("{name} was not looked up in {image}"));
    assert_ne!(seen.status, Status::Broke, "{image}: {:?}", seen.reason);
    seen
}

fn wire(o: &Observation) -> Vec<Query> {
    o.queries()
}

fn names(o: &Observation) -> Vec<String> {
    let mut names: Vec<String> = wire(o).into_iter().map(|q| q.name).collect();
    names.dedup();
    names
}

/// The catalog's pair, and the real Alpine images at hand: reference and id.
fn images() -> Vec<(String, String)> {
    let mut images: Vec<_> = PAIR.iter().map(|name| ((*name).to_owned(), (*name).to_owned())).collect();
    match std::env::var("LIBCDIFF_TEST_IMAGES").ok().filter(|folder| !folder.is_empty()) {
        None => eprintln!("unsupported: LIBCDIFF_TEST_IMAGES names no folder of Alpine images"),
        Some(folder) => images.extend(["alpine-3.12", "alpine-3.17", "alpine-3.20"].iter().filter_map(|id| {
            let file = Path::new(&folder).join(format!("{id}.tar.gz"));
            file.exists().then(|| (file.display().to_string(), (*id).to_owned()))
        })),
    }
    images
}

#[test]
fn the_search_list_is_walked_and_every_query_is_counted() {
    network::alone(|| {
        let rules = r#"[{"name":"db.b.test.","reply":{"answer":["A 192.0.2.7","A 192.0.2.8","AAAA 2001:db8::7"]}}]"#;
        let conf = format!("nameserver {NAMED}\nsearch a.test b.test c.test\noptions ndots:5\n");
        let images = images();
        let mut arguments = vec!["--name", "db", "--name", "absent.a.test."];
        arguments.extend(images.iter().map(|(reference, _)| reference.as_str()));
        let (run, seen) = deployed(rules, &conf, &arguments);
        for (_, id) in &images {
            let found = own(&run, "db", id);
            assert_eq!((found.status, &found.values.get()["return_code"]), (Status::Described, &"0".into()), "{id}");
            assert_eq!(names(found), ["db.a.test.", "db.b.test."], "{id}");
            assert_eq!((wire(found).len(), found.values.get()["queries"].as_u64()), (4, Some(4)), "{id}");
            assert!(found.text.contains("addresses: 2 IPv4, 1 IPv6"), "{id}: {}", found.text);
            assert!(found.values.get()["stopped"].is_null());
            let absent = own(&run, "absent.a.test.", id);
            assert_eq!((&absent.values.get()["return_code"], wire(absent).len()), (&"EAI_NONAME".into(), 2), "{id}");
            assert!(wire(absent).iter().all(|q| q.rcode == "NXDOMAIN" && q.server == "s1"), "{id}");
        }
        assert_eq!(run.differences.len(), 0, "{:?}", run.differences);
        // Nothing was asked that is not on some wire, and nobody that resolv.conf does not name.
        let passed: usize = run.observations.iter().map(|o| wire(o).len()).sum();
        assert!(seen.len() == passed || !run.asked_again.is_empty(), "{} queries, {passed} passed on", seen.len());
        assert!(seen.iter().all(|q| q.server == "s1"), "{seen:?}");
        let record = run.as_deployed.as_ref().expect("a record");
        assert_eq!(record.nameservers, [NAMED]);
        assert_eq!(record.search, ["a.test", "b.test", "c.test"]);
        assert_eq!(
            (&record.options[..], &record.names[..]),
            (&["ndots:5".into()][..], &["db".into(), "absent.a.test.".into()][..])
        );
    });
}

#[test]
fn a_failing_search_domain_parts_the_families_and_the_c_library_is_behind_it() {
    network::alone(|| {
        let rules = r#"[{"name":"*.a.test.","reply":{"rcode":"SERVFAIL"}},
                        {"name":"api.test.","type":"A","reply":{"answer":["A 192.0.2.7"]}},
                        {"name":"api.test.","reply":{}}]"#;
        let conf = format!("nameserver {NAMED}\nsearch a.test\noptions ndots:5 timeout:1\n");
        let (run, _) = deployed(rules, &conf, &["--name", "api.test", PAIR[0], PAIR[1]]);
        assert_eq!(own(&run, "api.test", PAIR[0]).values.get()["return_code"], "0");
        assert_eq!(own(&run, "api.test", PAIR[1]).values.get()["return_code"], "EAI_AGAIN");
        assert_eq!(names(own(&run, "api.test", PAIR[1])), ["api.test.a.test."]);
        let [difference] = &run.differences[..] else { panic!("{:?}", run.differences) };
        assert_eq!((difference.attribution, &difference.pitfall), (Attribution::Libc, &None));
        assert_eq!(
            run.asked_again,
            ["dns.as-deployed.api.test"],
            "of a real server everything is asked twice that differs"
        );
    });
}

#[test]
fn sixty_four_queries_are_passed_on_and_no_more() {
    network::alone(|| {
        // In the 256 bytes of a line that musl reads.
        let domains: Vec<String> = ('a'..='z').chain('0'..='7').map(String::from).collect();
        let conf = format!("nameserver {NAMED}\nsearch {}\noptions ndots:5 timeout:2 attempts:1\n", domains.join(" "));
        let arguments = ["--name", "x", "--within", "20", "--flavour", "gnu,musl", PAIR[0], PAIR[1]];
        let (run, seen) = deployed("[]", &conf, &arguments);
        for image in PAIR {
            let o = own(&run, "x", image);
            assert_eq!((wire(o).len(), names(o).len()), (64, 32), "{image}: {}", o.text);
            assert!(o.text.ends_with("stopped: more than 64 queries"), "{image}: {}", o.text);
            assert_eq!(o.values.get()["stopped"], "more than 64 queries");
        }
        let rounds = if run.asked_again.is_empty() { 1 } else { 2 };
        assert_eq!(seen.len(), rounds * 2 * 64);
    });
}

#[test]
fn a_look_up_is_given_up_when_its_time_is_over() {
    network::alone(|| {
        let conf = format!("nameserver {NAMED}\noptions timeout:20 attempts:1\n");
        let rules = r#"[{"reply":"drop"}]"#;
        let arguments = ["--name", "x.test", "--within", "2", "--flavour", "gnu,musl", PAIR[0], PAIR[1]];
        let (run, _) = deployed(rules, &conf, &arguments);
        for image in PAIR {
            let o = own(&run, "x.test", image);
            assert_eq!((o.status, o.text.as_str()), (Status::Timeout, "did not end within 2 s"), "{image}");
            assert!(wire(o).iter().all(|q| q.rcode == "no answer") && !wire(o).is_empty(), "{image}: {:?}", o.wire);
        }
        assert!(run.differences.is_empty());
    });
}

#[test]
fn a_truncated_answer_is_asked_for_again_by_tcp() {
    network::alone(|| {
        let rules = r#"[{"transport":"udp","reply":{"tc":true}},
                        {"transport":"tcp","reply":{"answer":["A 192.0.2.1 x20","AAAA 2001:db8::1"]}}]"#;
        let conf = format!("nameserver {NAMED}\n");
        let (run, seen) = deployed(rules, &conf, &["--name", "big.test", PAIR[0], PAIR[1]]);
        for image in PAIR {
            let o = own(&run, "big.test", image);
            let by_tcp: Vec<_> = wire(o).into_iter().filter(|q| q.transport == "tcp").map(|q| q.rcode).collect();
            // Where glibc asks more than once, that is dns.asked-twice.
            assert_eq!(o.values.get()["return_code"], "0", "{image}");
            assert!(by_tcp.len() >= 2 && by_tcp.iter().all(|rcode| *rcode == "NOERROR"), "{image}: {by_tcp:?}");
            assert!(wire(o).iter().any(|q| q.transport == "udp" && q.rcode == "NOERROR+TC"), "{image}: {:?}", o.wire);
        }
        let passed = run.observations.iter().flat_map(wire).filter(|q| q.transport == "tcp").count();
        let seen = seen.iter().filter(|q| q.transport == "tcp").count();
        assert!(seen == passed || !run.asked_again.is_empty(), "{seen} by TCP, {passed} passed on");
    });
}

#[test]
fn nameservers_of_both_families_are_reached_and_silent_ones_passed_by() {
    network::alone(|| {
        let conf = format!("nameserver {NOBODY}\nnameserver {NAMED_V6}\noptions timeout:1 attempts:2\n");
        let rules = r#"[{"reply":{"answer":["A 192.0.2.7","AAAA 2001:db8::7"]}}]"#;
        let (run, seen) = deployed(rules, &conf, &["--name", "x.test", PAIR[0], PAIR[1]]);
        for image in PAIR {
            let o = own(&run, "x.test", image);
            assert_eq!(o.values.get()["return_code"], "0", "{image}: {:?}", o.wire);
            let of =
                |server: &str| wire(o).into_iter().filter(|q| q.server == server).map(|q| q.rcode).collect::<Vec<_>>();
            assert!(of("s1").iter().any(|rcode| rcode == "unreachable: connection refused"), "{image}: {:?}", o.wire);
            assert!(of("s2").iter().any(|rcode| rcode == "NOERROR"), "{image}: {:?}", o.wire);
        }
        assert!(seen.iter().all(|q| q.server == "s3"), "the third of the test's servers alone: {seen:?}");
    });
}

#[test]
fn a_nameserver_without_a_way_to_it_is_said_to_be_unreachable() {
    network::alone(|| {
        let conf = "nameserver 203.0.113.53\noptions timeout:1 attempts:1\n";
        let (run, seen) = deployed("[]", conf, &["--name", "x.test", PAIR[0], PAIR[1]]);
        for image in PAIR {
            let o = own(&run, "x.test", image);
            assert_eq!(o.values.get()["return_code"], "EAI_AGAIN", "{image}");
            assert!(wire(o).iter().all(|q| q.rcode == "unreachable: network is unreachable"), "{image}: {:?}", o.wire);
        }
        assert!(seen.is_empty());
    });
}

#[test]
fn what_is_wrong_with_the_request_is_said_before_anything_is_asked() {
    for (conf, arguments, word) in [
        ("nameserver 192.0.2.1\n", &[][..], "--name NAME"),
        ("search a.test\n", &["--name", "db"], "names no nameserver"),
        ("nameserver fe80::1%eth0\n", &["--name", "db"], "network interface"),
        ("nameserver 192.0.2.1\n", &["--name", "a b"], "`a b`"),
        ("nameserver 192.0.2.1\n", &["--name", "db", "--within", "31"], "--within"),
        ("nameserver 192.0.2.1\n", &["--name", "db", "--area", "dns"], "cannot be used with"),
    ] {
        let output = libcdiff(conf, arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

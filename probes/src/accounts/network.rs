//! Services, protocols, networks, netgroups.

use super::rows;
use crate::case::{Case, Needs};
use crate::outcome::Outcome;
use crate::sys::accounts::databases::{
    Listed, all, in_netgroup, network_by_name, network_by_number, protocol_by_name, protocol_by_number,
    service_by_name, service_by_port, service_within,
};
use crate::text;

const SERVICES: &str = "# services\nhttp 80/tcp www www-http # web\ndomain 53/tcp\ndomain\t53/udp\nmine 7777/tcp alias1\nlarge 70000/tcp\nodd 12x/tcp\nsctponly 99/sctp\nmine2 7777/tcp\n";
const PROTOCOLS: &str = "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nmine 200 MINE m2 # own\n";
const NETWORKS: &str = "loopback 127.0.0.0\nmynet 10.1.0.0 mine\n";

fn listed(o: &mut Outcome, what: Listed) {
    for line in all(what) {
        o.line(line);
    }
}

fn netgroup(o: &mut Outcome) {
    match in_netgroup("trusted", "host1") {
        Some(result) => o.fact("in_netgroup", result),
        None => o.fact("in_netgroup", "there is no innetgr"),
    }
}

fn within(o: &mut Outcome, bytes: usize) {
    let (code, record) = service_within("http", "tcp", bytes);
    o.fact("returned", text::errno(code.0));
    o.fact("record", record);
}

pub const CASES: &[Case] = &super::join::<{ super::count(&[ROWS, SHIPPED]) }>(&[ROWS, SHIPPED]);

const ROWS: &[Case] = rows![
    (
        "service.name",
        "a service by name",
        "What does getservbyname give for a service with aliases?",
        "POSIX getservbyname",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("http", Some("tcp")))
    ),
    (
        "service.alias",
        "a service by alias",
        "Does getservbyname find a service by its alias, and under which name?",
        "POSIX getservbyname",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("www", Some("tcp")))
    ),
    (
        "service.any-protocol",
        "a service over any protocol",
        "Which record does getservbyname give without a protocol?",
        "POSIX getservbyname: proto is a null pointer",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("domain", None))
    ),
    (
        "service.udp",
        "a service over UDP",
        "Does getservbyname find the record of the protocol asked for?",
        "POSIX getservbyname",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("domain", Some("udp")))
    ),
    (
        "service.other-protocol",
        "a service over a third protocol",
        "Does getservbyname find a service over sctp?",
        "services(5); musl src/network/lookup_serv.c (tcp and udp)",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("sctponly", Some("sctp")))
    ),
    (
        "service.number",
        "a number for a name",
        "Does getservbyname take a number for a name?",
        "getservbyname(3); musl 1.1.17",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("80", Some("tcp")))
    ),
    (
        "service.absent",
        "a service that is not there",
        "What is errno when getservbyname finds nothing?",
        "POSIX getservbyname",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("nothing", Some("tcp")))
    ),
    (
        "service.case",
        "another case",
        "Does getservbyname tell upper from lower case?",
        "services(5)",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("HTTP", Some("tcp")))
    ),
    (
        "service.large",
        "a port that is too large",
        "What does getservbyname give for a record with port 70000?",
        "services(5)",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("large", Some("tcp")))
    ),
    (
        "service.odd",
        "a port with letters",
        "What does getservbyname give for a record with port 12x?",
        "services(5)",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_name("odd", Some("tcp")))
    ),
    (
        "service.port",
        "a service by port",
        "What does getservbyport give for port 7777, which two services have?",
        "POSIX getservbyport",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_port(7777, Some("tcp")))
    ),
    (
        "service.port-any",
        "a port over any protocol",
        "What does getservbyport give for port 53 without a protocol?",
        "POSIX getservbyport; musl src/network/getservbyport_r.c (tcp, then udp)",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_port(53, None))
    ),
    (
        "service.port-absent",
        "a port that is not there",
        "What does getservbyport give for a port that no record has?",
        "POSIX getservbyport",
        [("/etc/services", SERVICES)],
        |o| o.line(service_by_port(4242, Some("tcp")))
    ),
    (
        "service.all",
        "getservent",
        "Which records does getservent give?",
        "POSIX getservent; musl src/network/serv.c",
        [("/etc/services", SERVICES)],
        |o| listed(o, Listed::Services)
    ),
    (
        "service.within-small",
        "getservbyname_r with too little",
        "Does getservbyname_r return ERANGE with a buffer of 8 bytes?",
        "getservbyname_r(3): ERANGE",
        [("/etc/services", SERVICES)],
        |o| within(o, 8)
    ),
    (
        "service.within-enough",
        "getservbyname_r with room",
        "What does getservbyname_r return with a buffer of 1024 bytes?",
        "getservbyname_r(3)",
        [("/etc/services", SERVICES)],
        |o| within(o, 1024)
    ),
    (
        "service.empty-file",
        "an empty services",
        "What does getservbyname give for http when /etc/services is empty?",
        "getservbyname(3)",
        [("/etc/services", "")],
        |o| o.line(service_by_name("http", Some("tcp")))
    ),
    (
        "protocol.name",
        "a protocol by name",
        "What does getprotobyname give for tcp?",
        "POSIX getprotobyname; musl src/network/proto.c (a table of its own)",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_name("tcp"))
    ),
    (
        "protocol.own",
        "a protocol of the file",
        "Does getprotobyname find a protocol that only /etc/protocols has?",
        "POSIX getprotobyname; musl src/network/proto.c (a table of its own)",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_name("mine"))
    ),
    (
        "protocol.not-in-file",
        "a protocol that the file lacks",
        "Does getprotobyname find udp when /etc/protocols does not have it?",
        "POSIX getprotobyname; musl src/network/proto.c (a table of its own)",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_name("udp"))
    ),
    (
        "protocol.empty-file",
        "an empty protocols",
        "Does getprotobyname find tcp when /etc/protocols is empty, as in slim images?",
        "POSIX getprotobyname; musl src/network/proto.c",
        [("/etc/protocols", "")],
        |o| o.line(protocol_by_name("tcp"))
    ),
    (
        "protocol.alias",
        "a protocol by alias",
        "Does getprotobyname find a protocol by its alias TCP?",
        "protocols(5)",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_name("TCP"))
    ),
    (
        "protocol.number",
        "a protocol by number",
        "What does getprotobynumber give for 6?",
        "POSIX getprotobynumber",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_number(6))
    ),
    (
        "protocol.number-absent",
        "a number that is not there",
        "What does getprotobynumber give for 253?",
        "POSIX getprotobynumber",
        [("/etc/protocols", PROTOCOLS)],
        |o| o.line(protocol_by_number(253))
    ),
    (
        "protocol.all",
        "getprotoent",
        "How many records does getprotoent give, and which?",
        "POSIX getprotoent; musl src/network/proto.c",
        [("/etc/protocols", PROTOCOLS)],
        |o| listed(o, Listed::Protocols)
    ),
    (
        "network.name",
        "a network by name",
        "Does getnetbyname find a network of /etc/networks?",
        "POSIX getnetbyname; musl src/network/netname.c",
        [("/etc/networks", NETWORKS)],
        |o| o.line(network_by_name("mynet"))
    ),
    (
        "network.number",
        "a network by number",
        "Does getnetbyaddr find a network of /etc/networks?",
        "POSIX getnetbyaddr; musl src/network/netname.c",
        [("/etc/networks", NETWORKS)],
        |o| o.line(network_by_number(0x0a01_0000))
    ),
    (
        "network.all",
        "getnetent",
        "Does getnetent read /etc/networks?",
        "POSIX getnetent; musl src/network/ent.c",
        [("/etc/networks", NETWORKS)],
        |o| listed(o, Listed::Networks)
    ),
    (
        "netgroup.member",
        "a member of a netgroup",
        "Does innetgr find a host of /etc/netgroup?",
        "innetgr(3)",
        [("/etc/netgroup", "trusted (host1,,) (host2,,)\n")],
        netgroup
    ),
];

const SHIPPED: &[Case] = &[
    Case {
        id: "accounts.service.shipped",
        title: "http, as shipped",
        question: "Does getservbyname find http with the image's own files?",
        source: "getservbyname(3); Debian netbase, Alpine alpine-baselayout",
        needs: Needs::as_shipped(Some("accounts.service.name")),
        run: |o| o.line(service_by_name("http", Some("tcp"))),
    },
    Case {
        id: "accounts.protocol.shipped",
        title: "tcp, as shipped",
        question: "Does getprotobyname find tcp with the image's own files?",
        source: "getprotobyname(3); Debian netbase, Alpine alpine-baselayout",
        needs: Needs::as_shipped(Some("accounts.protocol.name")),
        run: |o| o.fact("found", !protocol_by_name("tcp").starts_with("null, ")),
    },
];

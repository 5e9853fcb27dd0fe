//! A packet never leaves the sandbox: DNS scenarios run on a stand-in for a machine, a network namespace with interfaces, a
//! default route and a nameserver's address, and none of its interfaces counts a packet. Takes root and iproute2.

use std::collections::BTreeMap;
use std::fs;
use std::net::UdpSocket;
use std::process::Command;

use libcdiff::runfile::RunFile;
use libcdiff_protocol::Status;

mod network;

/// What the machine would be asked by: its nameserver lies behind the interface `out0`, where nobody answers.
const NAMESERVER: &str = "10.88.0.2:53";

/// Packets by interface, received and sent.
fn packets() -> BTreeMap<String, (u64, u64)> {
    let text = fs::read_to_string("/proc/thread-self/net/dev").expect("counters");
    let interface = |line: &str| {
        let (name, counters) = line.split_once(':')?;
        let counters: Vec<u64> = counters.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        Some((name.trim().to_owned(), (counters[1], counters[9])))
    };
    text.lines().filter_map(interface).collect()
}

/// Runs `ip` in this thread's network; false where there is no `ip`.
fn ip(arguments: &str) -> bool {
    match Command::new("ip").args(arguments.split(' ')).output() {
        Err(_) => false,
        Ok(output) => {
            assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
    }
}

/// Gives this thread's network interfaces and a default route; false where that cannot be done.
fn furnish() -> bool {
    // Of itself IPv6 announces its addresses, which are packets.
    for which in ["all", "default"] {
        let path = format!("/proc/sys/net/ipv6/conf/{which}/disable_ipv6");
        if fs::metadata(&path).is_ok() {
            fs::write(&path, "1").expect("root in its own network");
        }
    }
    [
        "link add out0 type veth peer name out1",
        "address add 10.88.0.1/24 dev out0",
        "link set out0 up",
        "link set out1 up",
        "route add default via 10.88.0.2",
    ]
    .into_iter()
    .all(ip)
}

#[test]
fn look_ups_move_no_counter_of_the_machine() {
    network::alone(|| {
        if !furnish() {
            eprintln!("unsupported: interfaces are made by `ip` (iproute2), which is not here");
            return;
        }
        // Counters that cannot move would prove nothing.
        assert!(counts("lo", "127.0.0.1:53") && counts("out0", NAMESERVER));
        settle();

        let before = packets();
        let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
            .args(["run", "--format", "json", "--case", "dns.search.*,dns.servers.*,dns.truncation.*"])
            .args(["debian-13", "debian-13-musl"])
            .output()
            .expect("libcdiff starts");
        let after = packets();
        assert_eq!(before, after, "a packet left the sandbox");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let run = RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
        let asked: usize = run.observations.iter().map(|o| o.queries().len()).sum();
        assert!(asked > 500, "only {asked} queries were sent inside");
        assert!(run.observations.iter().all(|o| o.status != Status::Broke));
    });
}

/// Whether an interface counts what is sent to this address. A new interface carries nothing at first.
fn counts(interface: &str, address: &str) -> bool {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let still = packets()[interface];
    (0..100).any(|_| {
        // A refusal of the packet before, or no way yet.
        let _ = socket.send_to(b"?", address);
        std::thread::sleep(std::time::Duration::from_millis(100));
        packets()[interface] != still
    })
}

/// Waits until the kernel has given up asking who has the nameserver's address: three times, a second apart.
fn settle() {
    let mut last = packets();
    for _ in 0..15 {
        std::thread::sleep(std::time::Duration::from_secs(2));
        let now = packets();
        if now == last {
            return;
        }
        last = now;
    }
    panic!("something in the test's network sends packets by itself: {last:?}");
}

//! Refusals: a datagram that a nameserver's machine refuses outside is refused inside too, by the ICMP message that the
//! kernel would have sent (RFC 792, RFC 4443). Some C libraries go on at once then, and others do not listen.
//!
//! The sockets take a privilege over the case's network, which the session has and the case has not.

use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, sendto, socket};

const UDP: u8 = 17;

/// Sockets for refusals in the network namespace in which they were opened. Where one could not be, a refusal is silence.
pub struct Refusals {
    v4: Option<OwnedFd>,
    v6: Option<OwnedFd>,
}

impl Refusals {
    /// Opens them in this network namespace.
    pub fn open() -> Self {
        let raw = |family, protocol| socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol).ok();
        Self { v4: raw(AddressFamily::Inet, SockProtocol::Icmp), v6: raw(AddressFamily::Inet6, SockProtocol::IcmpV6) }
    }

    /// Tells `client` that nothing at `server` takes its datagram of this length.
    pub fn send(&self, client: SocketAddr, server: SocketAddr, length: usize) {
        let (socket, message) = match (client, server) {
            (SocketAddr::V4(client), SocketAddr::V4(server)) => (&self.v4, message_v4(client, server, length)),
            (SocketAddr::V6(client), SocketAddr::V6(server)) => (&self.v6, message_v6(client, server, length)),
            _ => return,
        };
        let to = SockaddrStorage::from(SocketAddr::new(client.ip(), 0));
        // Whoever is not told waits, as for a refusal that was lost on its way.
        let _ = socket.as_ref().map(|socket| sendto(socket.as_raw_fd(), &message, &to, MsgFlags::MSG_DONTWAIT));
    }
}

/// Destination unreachable, port unreachable; behind it the headers of the datagram.
fn message_v4(client: SocketAddrV4, server: SocketAddrV4, length: usize) -> Vec<u8> {
    let mut header = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, UDP, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    header[2..4].copy_from_slice(&octets(20 + 8 + length));
    header[12..16].copy_from_slice(&client.ip().octets());
    header[16..20].copy_from_slice(&server.ip().octets());
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum);
    let udp = udp_header(client.port(), server.port(), length);
    let mut message = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &header, &udp].concat();
    let sum = checksum(&message);
    message[2..4].copy_from_slice(&sum);
    message
}

/// The same; the kernel fills in the checksum.
fn message_v6(client: SocketAddrV6, server: SocketAddrV6, length: usize) -> Vec<u8> {
    let head = [0x60, 0, 0, 0];
    let next = [&octets(8 + length)[..], &[UDP, 64]].concat();
    let addresses = [client.ip().octets(), server.ip().octets()].concat();
    let udp = udp_header(client.port(), server.port(), length);
    [&[1, 4, 0, 0, 0, 0, 0, 0][..], &head, &next, &addresses, &udp].concat()
}

fn udp_header(from: u16, to: u16, length: usize) -> Vec<u8> {
    [from.to_be_bytes(), to.to_be_bytes(), octets(8 + length), [0, 0]].concat()
}

fn octets(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_makes_the_sum_zero() {
        let (client, server) = ("192.0.2.1:4711".parse(), "192.0.2.53:53".parse());
        let message = message_v4(client.expect("an address"), server.expect("an address"), 25);
        assert_eq!((message.len(), checksum(&message), checksum(&message[8..28])), (36, [0, 0], [0, 0]));
        assert_eq!(message[28..32], [0x12, 0x67, 0, 53]);
    }

    #[test]
    fn the_datagrams_headers_stand_behind_the_message() {
        let (client, server) = ("[2001:db8::1]:4711".parse(), "[2001:db8::53]:53".parse());
        let message = message_v6(client.expect("an address"), server.expect("an address"), 25);
        assert_eq!((message.len(), &message[..2], &message[12..16]), (56, &[1, 4][..], &[0, 33, UDP, 64][..]));
    }
}

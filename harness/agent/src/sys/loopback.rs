//! Addresses of the loopback interface, beside those that it has by itself (netdevice(7), ipv6(7)).

use std::io;
use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

/// The interface's index: it is the first one of every network namespace.
const INDEX: libc::c_int = 1;
/// Much longer than the kernel takes, on a machine that is busy with other things.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);

/// Gives the loopback interface of this network namespace one address more. `place` tells IPv4 addresses from one
/// another; an address that is there already is none too many.
pub fn add(address: IpAddr, place: usize) -> io::Result<()> {
    match address {
        IpAddr::V4(address) if address.is_loopback() => Ok(()),
        IpAddr::V6(address) if address.is_loopback() => Ok(()),
        IpAddr::V4(address) => add_v4(address, place),
        IpAddr::V6(address) => add_v6(address),
    }
}

fn add_v4(address: Ipv4Addr, place: usize) -> io::Result<()> {
    let socket = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    // SAFETY: the structure is plain data for which all zeroes is valid.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(format!("lo:{place}").bytes().take(libc::IFNAMSIZ - 1)) {
        *to = from as libc::c_char;
    }
    for (call, value) in [(libc::SIOCSIFADDR, address), (libc::SIOCSIFNETMASK, Ipv4Addr::BROADCAST)] {
        let value = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: 0,
            sin_addr: libc::in_addr { s_addr: value.to_bits().to_be() },
            sin_zero: [0; 8],
        };
        // SAFETY: both structures are 16 bytes of plain data, and the kernel reads the family first.
        request.ifr_ifru.ifru_addr = unsafe { mem::transmute::<libc::sockaddr_in, libc::sockaddr>(value) };
        // SAFETY: both calls read an ifreq, which `request` is.
        Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), call as _, &request) })?;
    }
    Ok(())
}

fn add_v6(address: Ipv6Addr) -> io::Result<()> {
    let socket = socket(AddressFamily::Inet6, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    let octets = libc::in6_addr { s6_addr: address.octets() };
    let request = libc::in6_ifreq { ifr6_addr: octets, ifr6_prefixlen: 128, ifr6_ifindex: INDEX };
    // SAFETY: on a socket of this family the call reads an in6_ifreq, which `request` is.
    match Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR as _, &request) }) {
        Ok(_) | Err(Errno::EEXIST) => settle(address),
        Err(e) => Err(e.into()),
    }
}

/// Waits until the kernel's worker has found that nobody else has the address; before, it cannot be used.
fn settle(address: Ipv6Addr) -> io::Result<()> {
    let until = Instant::now() + SETTLED_WITHIN;
    loop {
        match UdpSocket::bind((address, 0)) {
            Err(e) if e.kind() == io::ErrorKind::AddrNotAvailable && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(1));
            }
            other => return other.map(drop),
        }
    }
}

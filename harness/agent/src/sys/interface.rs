//! Addresses and routes of the loopback interface, by ioctl (netdevice(7), rtnetlink has no shorter way). The structures
//! are the kernel's; those that the libc crate lacks for some target are written out.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libc::{c_char, c_int, c_ulong, c_void};
use nix::errno::Errno;

/// The loopback interface's number: the first of every network namespace.
const LOOPBACK: c_int = 1;
/// Flags of a route: it is up.
const UP: u16 = 1;

/// `struct rtentry` of linux/route.h.
#[repr(C)]
struct Route4 {
    pad1: c_ulong,
    destination: libc::sockaddr,
    gateway: libc::sockaddr,
    mask: libc::sockaddr,
    flags: u16,
    pad2: i16,
    pad3: c_ulong,
    pad4: *mut c_void,
    metric: i16,
    device: *const c_char,
    mtu: c_ulong,
    window: c_ulong,
    round_trip: u16,
}

/// `struct in6_rtmsg` of linux/ipv6_route.h.
#[repr(C)]
struct Route6 {
    destination: libc::in6_addr,
    source: libc::in6_addr,
    gateway: libc::in6_addr,
    kind: u32,
    destination_length: u16,
    source_length: u16,
    metric: u32,
    info: c_ulong,
    flags: u32,
    interface: c_int,
}

/// `struct in6_ifreq` of linux/ipv6.h.
#[repr(C)]
struct Address6 {
    address: libc::in6_addr,
    prefix: u32,
    interface: c_int,
}

/// Gives the loopback interface one more IPv4 address, under the alias `lo:N`.
pub fn add_ipv4(alias: usize, address: Ipv4Addr, prefix: u8) -> io::Result<()> {
    let socket = socket(libc::AF_INET)?;
    // SAFETY: the structure is plain data for which all zeroes is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    let name = format!("lo:{alias}");
    for (place, byte) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *place = byte as c_char;
    }
    let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
    for (call, value) in [(libc::SIOCSIFADDR, address), (libc::SIOCSIFNETMASK, Ipv4Addr::from_bits(mask))] {
        request.ifr_ifru.ifru_addr = socket_address(value);
        // SAFETY: both read an ifreq, which `request` is.
        Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), call as _, &request) })?;
    }
    Ok(())
}

/// Gives the loopback interface one more IPv6 address. On this interface it can be used at once: nobody else can have it.
pub fn add_ipv6(address: Ipv6Addr, prefix: u8) -> io::Result<()> {
    let socket = socket(libc::AF_INET6)?;
    let request =
        Address6 { address: libc::in6_addr { s6_addr: address.octets() }, prefix: prefix.into(), interface: LOOPBACK };
    // SAFETY: on an IPv6 socket it reads an in6_ifreq, which `request` is.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR as _, &request) })?;
    Ok(())
}

/// Sends IPv4 packets that have no other way through the loopback interface.
pub fn default_route_ipv4() -> io::Result<()> {
    let socket = socket(libc::AF_INET)?;
    let any = socket_address(Ipv4Addr::UNSPECIFIED);
    let request = Route4 {
        pad1: 0,
        destination: any,
        gateway: any,
        mask: any,
        flags: UP,
        pad2: 0,
        pad3: 0,
        pad4: std::ptr::null_mut(),
        metric: 0,
        device: c"lo".as_ptr(),
        mtu: 0,
        window: 0,
        round_trip: 0,
    };
    // SAFETY: it reads an rtentry, which `request` is, with the name of a device that lives as long as the program.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCADDRT as _, &request) })?;
    Ok(())
}

/// Sends IPv6 packets that have no other way through the loopback interface.
pub fn default_route_ipv6() -> io::Result<()> {
    let socket = socket(libc::AF_INET6)?;
    let any = libc::in6_addr { s6_addr: [0; 16] };
    let request = Route6 {
        destination: any,
        source: any,
        gateway: any,
        kind: 0,
        destination_length: 0,
        source_length: 0,
        metric: 1,
        info: 0,
        flags: UP.into(),
        interface: LOOPBACK,
    };
    // SAFETY: on an IPv6 socket it reads an in6_rtmsg, which `request` is.
    Errno::result(unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCADDRT as _, &request) })?;
    Ok(())
}

fn socket(family: c_int) -> io::Result<OwnedFd> {
    // SAFETY: takes three numbers; the result is checked.
    let fd = Errno::result(unsafe { libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: a new descriptor that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    // SAFETY: the structure is plain data for which all zeroes is valid.
    let mut whole: libc::sockaddr = unsafe { std::mem::zeroed() };
    whole.sa_family = libc::AF_INET as libc::sa_family_t;
    // Behind the family come two bytes of port and four of address.
    for (place, byte) in whole.sa_data[2..].iter_mut().zip(address.octets()) {
        *place = byte as c_char;
    }
    whole
}

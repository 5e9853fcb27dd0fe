//! The sockets of the scripted servers: one datagram socket and one listener for each address, and datagrams with the
//! time at which the kernel took them. That time makes the log right on a machine that wakes the agent late.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, TcpListener, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime};

use libcdiff_protocol::dns::{Server, Transport};
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;

/// Where one server listens.
pub struct Sockets {
    /// For datagrams.
    pub udp: Option<UdpSocket>,
    /// For connections.
    pub tcp: Option<TcpListener>,
}

impl Sockets {
    /// Binds what the server listens on.
    pub fn bind(server: &Server, port: u16) -> io::Result<Self> {
        let address = SocketAddr::new(server.address, port);
        let context = |e: io::Error| io::Error::new(e.kind(), format!("listening on {address}: {e}"));
        let udp = server.listens(Transport::Udp).then(|| datagrams(address)).transpose().map_err(context)?;
        let tcp = server.listens(Transport::Tcp).then(|| connections(address)).transpose().map_err(context)?;
        Ok(Self { udp, tcp })
    }
}

fn datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    Ok(socket)
}

fn connections(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A datagram that has arrived.
pub struct Datagram {
    /// What was sent.
    pub bytes: Vec<u8>,
    /// From where.
    pub peer: SocketAddr,
    /// How long ago.
    pub age: Duration,
}

/// The next datagram, if one is there.
pub fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<Datagram> {
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut parts = [IoSliceMut::new(buffer)];
    let flags = MsgFlags::MSG_DONTWAIT;
    let (length, peer, sent) = loop {
        match recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
            Ok(message) => {
                let sent = message.cmsgs().ok().and_then(|mut all| all.find_map(timestamp));
                break (message.bytes, message.address.as_ref().and_then(socket_address)?, sent);
            }
            Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    };
    // Where the clock was set meanwhile the difference may be anything; then the datagram counts as just arrived.
    let age = sent.and_then(|sent| SystemTime::now().duration_since(sent).ok()).unwrap_or_default();
    let age = if age < Duration::from_secs(5) { age } else { Duration::ZERO };
    Some(Datagram { bytes: buffer[..length].to_vec(), peer, age })
}

fn timestamp(message: ControlMessageOwned) -> Option<SystemTime> {
    match message {
        ControlMessageOwned::ScmTimestampns(time) => Some(SystemTime::UNIX_EPOCH + Duration::from(time)),
        _ => None,
    }
}

fn socket_address(peer: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = peer.as_sockaddr_in().map(|a| SocketAddrV4::from(*a).into());
    v4.or_else(|| peer.as_sockaddr_in6().map(|a| SocketAddrV6::from(*a).into()))
}

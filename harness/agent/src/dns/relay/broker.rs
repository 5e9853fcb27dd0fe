//! The broker: a process that stays in the machine's own network when the agent leaves it, and opens sockets there for
//! the relays of cases. It opens them to port 53 of the nameservers in the plan and to nothing else, a bounded number for
//! each case, and sends and reads nothing itself.
//!
//! A relay asks in two bytes, which server and which transport, and gets one byte, an error number or 0, with 0 the
//! socket. Each case has a connection of its own; when all are closed, the broker ends.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use libcdiff_protocol::dns::Transport;
use libcdiff_protocol::{Flavour, Item, Plan};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, socket};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid, getppid};

use super::super::PORT;
use crate::sandbox::{SandboxError, step};
use crate::sys::{self, Side, rights};

/// The connections to the broker, each until its case takes it.
#[derive(Default)]
pub struct Brokered(Vec<(String, Flavour, OwnedFd)>);

impl Brokered {
    /// The connection of this case.
    pub fn take(&mut self, item: &Item) -> Option<OwnedFd> {
        let place = self.0.iter().position(|(case, flavour, _)| *case == item.case && *flavour == item.flavour)?;
        Some(self.0.swap_remove(place).2)
    }
}

/// The broker's process.
pub struct Broker(Option<Pid>);

impl Broker {
    /// Waits for its end, which comes when nobody holds a connection to it any more.
    pub fn wait(self) {
        // Where this process has become pid 1 of another namespace, the broker is no child of its.
        let _ = self.0.map(|pid| waitpid(pid, None));
    }
}

/// One case as the broker knows it.
struct Client {
    connection: OwnedFd,
    servers: Vec<IpAddr>,
    /// Sockets that it may still ask for.
    left: u32,
}

/// Starts a broker where the plan has a case that needs one.
pub fn start(plan: &Plan) -> Result<(Broker, Brokered), SandboxError> {
    let (mut clients, mut ends) = (Vec::new(), Brokered::default());
    for item in &plan.items {
        let Some(relay) = &item.relay else { continue };
        let (connection, end) = rights::pair().map_err(step("connecting a case with the broker"))?;
        clients.push(Client { connection, servers: relay.servers.clone(), left: relay.most_queries });
        ends.0.push((item.case.clone(), item.flavour, end));
    }
    if clients.is_empty() {
        return Ok((Broker(None), ends));
    }
    let parent = getpid();
    match sys::fork().map_err(step("starting the broker"))? {
        Side::Parent(pid) => Ok((Broker(Some(pid)), ends)),
        Side::Child => {
            drop(ends);
            let lives = set_pdeathsig(Signal::SIGKILL).is_ok() && getppid() == parent;
            if lives {
                serve(clients);
            }
            sys::exit_now(0)
        }
    }
}

fn serve(mut clients: Vec<Client>) {
    while !clients.is_empty() {
        let mut fds: Vec<PollFd<'_>> =
            clients.iter().map(|c| PollFd::new(c.connection.as_fd(), PollFlags::POLLIN)).collect();
        match poll(&mut fds, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        let mut ready = ready.into_iter();
        clients.retain_mut(|client| !ready.next().unwrap_or(false) || client.answer());
    }
}

impl Client {
    /// Answers one request; false when the case has gone.
    fn answer(&mut self) -> bool {
        let mut request = [0; 2];
        let Ok((2, _)) = rights::receive(&self.connection, &mut request) else { return false };
        let (number, socket) = match self.open(request) {
            Ok(socket) => (0, Some(socket)),
            Err(e) => (e.raw_os_error().and_then(|n| u8::try_from(n).ok()).unwrap_or(u8::MAX), None),
        };
        rights::send(&self.connection, &[number], socket.as_ref()).is_ok()
    }

    fn open(&mut self, [server, transport]: [u8; 2]) -> io::Result<OwnedFd> {
        let address = self.servers.get(usize::from(server)).ok_or(Errno::EINVAL)?;
        self.left = self.left.checked_sub(1).ok_or(Errno::EDQUOT)?;
        let address = SocketAddr::new(*address, PORT);
        match Transport::ALL.get(usize::from(transport)) {
            Some(Transport::Udp) => datagrams(address),
            Some(Transport::Tcp) => stream(address),
            None => Err(Errno::EINVAL.into()),
        }
    }
}

/// A socket that only this server's datagrams reach, from a port that the kernel chooses.
fn datagrams(address: SocketAddr) -> io::Result<OwnedFd> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A connection that is on its way.
fn stream(address: SocketAddr) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(family, SockType::Stream, flags, None)?;
    match connect(socket.as_raw_fd(), &SockaddrStorage::from(address)) {
        Ok(()) | Err(Errno::EINPROGRESS) => Ok(socket),
        Err(e) => Err(e.into()),
    }
}

/// A relay's connection to the broker.
pub struct Connection(pub OwnedFd);

impl Connection {
    /// A socket for datagrams to and from a server, counted from 0.
    pub fn datagrams(&self, server: usize) -> io::Result<UdpSocket> {
        self.ask(server, Transport::Udp).map(UdpSocket::from)
    }

    /// A connection to a server, which may still be on its way.
    pub fn stream(&self, server: usize) -> io::Result<TcpStream> {
        self.ask(server, Transport::Tcp).map(TcpStream::from)
    }

    fn ask(&self, server: usize, transport: Transport) -> io::Result<OwnedFd> {
        let server = u8::try_from(server).map_err(|_| Errno::EINVAL)?;
        rights::send(&self.0, &[server, transport as u8], None)?;
        let mut number = [0];
        match rights::receive(&self.0, &mut number)? {
            (1, Some(socket)) => Ok(socket),
            (1, None) => Err(io::Error::from_raw_os_error(number[0].into())),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(left: u32) -> (Client, Connection) {
        let (connection, end) = rights::pair().expect("a pair");
        (Client { connection, servers: vec![Ipv4Addr::LOCALHOST.into()], left }, Connection(end))
    }

    /// What comes back for a request that one turn of the broker answers.
    fn ask(client: &mut Client, end: &Connection, request: [u8; 2]) -> Result<OwnedFd, Option<i32>> {
        rights::send(&end.0, &request, None).expect("sent");
        assert!(client.answer());
        let mut number = [0];
        let (_, socket) = rights::receive(&end.0, &mut number).expect("an answer");
        socket.ok_or(Some(number[0].into()))
    }

    #[test]
    fn a_socket_leads_to_the_server_that_was_named() {
        let (mut client, end) = client(1);
        let socket = UdpSocket::from(ask(&mut client, &end, [0, 0]).expect("a socket"));
        assert_eq!(socket.peer_addr().expect("connected").to_string(), "127.0.0.1:53");
    }

    #[test]
    fn servers_that_are_not_in_the_plan_and_more_sockets_than_queries_are_refused() {
        let (mut client, end) = client(1);
        assert_eq!(ask(&mut client, &end, [1, 0]).err(), Some(Some(libc::EINVAL)));
        assert_eq!(ask(&mut client, &end, [0, 7]).err(), Some(Some(libc::EINVAL)), "no such transport");
        assert_eq!(ask(&mut client, &end, [0, 0]).err(), Some(Some(libc::EDQUOT)), "the wrong transport was one");
    }

    #[test]
    fn a_case_that_has_gone_is_let_go() {
        let (mut client, end) = client(1);
        drop(end);
        assert!(!client.answer());
    }
}

//! The one thread of a relay: carries datagrams and messages of connections from the case to the nameservers and back,
//! byte for byte, until its end or a bound.
//!
//! Each of the C library's own sockets is matched by one socket outside, so that answers find their way back, and what the
//! C library does with ports and connections stays what it does.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::{Relay, Server, Transport};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::super::connection::Connection;
use super::super::sockets::{Datagram, Sockets, receive};
use super::broker;
use super::ledger::{Bound, Entry, Ledger};
use super::refusal::Refusals;

/// The longest datagram.
const DATAGRAM_BYTES: usize = 65536;
/// Datagrams read from one socket in one turn.
const DATAGRAMS: usize = 64;
/// Connections open at one time; more wait in the kernel's queue.
const CONNECTIONS: usize = 64;

/// The datagrams of one of the C library's sockets.
struct Flow {
    server: usize,
    peer: SocketAddr,
    outside: UdpSocket,
    waiting: Vec<Entry>,
    /// Bytes of the last query.
    length: usize,
}

/// One of the C library's connections, and the one outside, made with its first message.
struct Stream {
    inside: Connection,
    outside: Option<Connection>,
    waiting: Vec<Entry>,
}

/// What poll found.
#[derive(Clone, Copy)]
enum Ready {
    Stop,
    Datagrams(usize),
    Listener(usize),
    Flow(usize),
    Stream(usize),
}

/// A relay at work.
pub struct Pump {
    broker: broker::Connection,
    refusals: Refusals,
    addresses: Vec<SocketAddr>,
    sockets: Vec<Sockets>,
    flows: Vec<Flow>,
    streams: Vec<Stream>,
    ledger: Ledger,
    buffer: Vec<u8>,
}

impl Pump {
    /// Binds the nameservers' addresses in this thread's network namespace.
    pub fn new(relay: &Relay, broker: broker::Connection, refusals: Refusals, port: u16) -> io::Result<Self> {
        let bind = |address| Sockets::bind(&Server { address, only: None }, port);
        Ok(Self {
            broker,
            refusals,
            addresses: relay.servers.iter().map(|address| SocketAddr::new(*address, port)).collect(),
            sockets: relay.servers.iter().copied().map(bind).collect::<io::Result<_>>()?,
            flows: Vec::new(),
            streams: Vec::new(),
            ledger: Ledger::new(relay),
            buffer: vec![0; DATAGRAM_BYTES],
        })
    }

    /// Relays until `stopped` becomes readable; returns what was passed on and the bound that was reached.
    pub fn run(mut self, stopped: &io::PipeReader) -> (Vec<Query>, Option<Bound>) {
        loop {
            let over = self.ledger.is_stopped();
            if over {
                // Nothing is answered any more, and what was asked outside is taken back.
                self.flows.clear();
                self.streams.clear();
            }
            for ready in self.wait(stopped.as_fd(), over) {
                match ready {
                    Ready::Stop => return self.ledger.close(),
                    Ready::Datagrams(server) => self.datagrams_from_inside(server),
                    Ready::Listener(server) => self.accept(server),
                    Ready::Flow(place) => self.datagrams_from_outside(place),
                    Ready::Stream(place) => self.converse(place),
                }
            }
            self.streams.retain(|stream| !stream.inside.is_over());
        }
    }

    fn wait(&self, stop: BorrowedFd<'_>, over: bool) -> Vec<Ready> {
        let mut fds = vec![PollFd::new(stop, PollFlags::POLLIN)];
        let mut what = vec![Ready::Stop];
        let mut add = |ready: Ready, fd, flags| {
            what.push(ready);
            fds.push(PollFd::new(fd, flags));
        };
        for (server, sockets) in self.sockets.iter().enumerate().filter(|_| !over) {
            if let Some(udp) = &sockets.udp {
                add(Ready::Datagrams(server), udp.as_fd(), PollFlags::POLLIN);
            }
            if let Some(tcp) = sockets.tcp.as_ref().filter(|_| self.streams.len() < CONNECTIONS) {
                add(Ready::Listener(server), tcp.as_fd(), PollFlags::POLLIN);
            }
        }
        for (place, flow) in self.flows.iter().enumerate() {
            add(Ready::Flow(place), flow.outside.as_fd(), PollFlags::POLLIN);
        }
        for (place, stream) in self.streams.iter().enumerate() {
            for side in std::iter::once(&stream.inside).chain(&stream.outside) {
                let write = if side.wants_to_write() { PollFlags::POLLOUT } else { PollFlags::empty() };
                add(Ready::Stream(place), side.stream.as_fd(), PollFlags::POLLIN | write);
            }
        }
        let left = self.ledger.left().as_micros().div_ceil(1000);
        let timeout = if over { PollTimeout::NONE } else { PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX) };
        match poll(&mut fds, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            // Nothing here can pass a wrong descriptor or run out of memory for so few.
            Err(e) => panic!("polling the relay: {e}"),
        }
        what.into_iter().zip(&fds).filter(|(_, fd)| fd.any().unwrap_or(true)).map(|(ready, _)| ready).collect()
    }

    fn datagrams_from_inside(&mut self, server: usize) {
        for _ in 0..DATAGRAMS {
            let Some(udp) = &self.sockets[server].udp else { return };
            let Some(Datagram { bytes, peer, .. }) = receive(udp, &mut self.buffer) else { return };
            let Some(entry) = self.ledger.query(server, Transport::Udp, &bytes) else { return };
            let known = self.flows.iter().position(|flow| flow.server == server && flow.peer == peer);
            match known.map_or_else(|| self.open(server, peer), Ok) {
                Ok(place) => self.send(place, &bytes, entry),
                Err(e) => {
                    self.ledger.lost(&mut vec![entry], &unreachable(&e));
                    self.refusals.send(peer, self.addresses[server], bytes.len());
                }
            }
        }
    }

    /// Sends a query outside. A refusal of an earlier one is told first, as a socket's error (udp(7)).
    fn send(&mut self, place: usize, bytes: &[u8], entry: Entry) {
        for last in [false, true] {
            let flow = &mut self.flows[place];
            match flow.outside.send(bytes) {
                Ok(_) => {
                    flow.length = bytes.len();
                    return flow.waiting.push(entry);
                }
                Err(e) => {
                    flow.waiting.extend(last.then_some(entry));
                    self.refuse(place, &e);
                }
            }
        }
    }

    /// Notes that what this client asked so far is refused, and tells it.
    fn refuse(&mut self, place: usize, e: &io::Error) {
        let flow = &mut self.flows[place];
        if !flow.waiting.is_empty() {
            self.ledger.lost(&mut flow.waiting, &unreachable(e));
            self.refusals.send(flow.peer, self.addresses[flow.server], flow.length);
        }
    }

    fn open(&mut self, server: usize, peer: SocketAddr) -> io::Result<usize> {
        let outside = self.broker.datagrams(server)?;
        self.flows.push(Flow { server, peer, outside, waiting: Vec::new(), length: 0 });
        Ok(self.flows.len() - 1)
    }

    fn datagrams_from_outside(&mut self, place: usize) {
        for _ in 0..DATAGRAMS {
            let flow = &mut self.flows[place];
            match flow.outside.recv(&mut self.buffer) {
                Ok(length) => {
                    let packet = &self.buffer[..length];
                    self.ledger.answer(&mut flow.waiting, packet);
                    // A client that has gone already: there is nobody to tell.
                    let _ = self.sockets[flow.server].udp.as_ref().map(|udp| udp.send_to(packet, flow.peer));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // The nameserver's machine has said that nobody listens (icmp(7)).
                Err(e) => return self.refuse(place, &e),
            }
        }
    }

    fn accept(&mut self, server: usize) {
        let Some(tcp) = &self.sockets[server].tcp else { return };
        // A client that has gone again is none.
        if let Ok(inside) = tcp.accept().and_then(|(stream, peer)| Connection::new(server, peer, stream)) {
            self.streams.push(Stream { inside, outside: None, waiting: Vec::new() });
        }
    }

    fn converse(&mut self, place: usize) {
        let stream = &mut self.streams[place];
        stream.inside.flush();
        let server = stream.inside.server;
        for message in stream.inside.messages() {
            let Some(entry) = self.ledger.query(server, Transport::Tcp, &message) else { return };
            if let Err(e) = stream.pass_on(&self.broker, &message) {
                self.ledger.lost(&mut vec![entry], &unreachable(&e));
                stream.inside.close();
                return;
            }
            stream.waiting.push(entry);
        }
        let Some(outside) = &mut stream.outside else { return };
        outside.flush();
        for message in outside.messages() {
            self.ledger.answer(&mut stream.waiting, &message);
            stream.inside.send(&framed(&message));
        }
        if outside.is_over() {
            self.ledger.lost(&mut stream.waiting, "closed");
            stream.inside.close();
        }
    }
}

impl Stream {
    fn pass_on(&mut self, broker: &broker::Connection, message: &[u8]) -> io::Result<()> {
        let server = self.inside.server;
        if self.outside.is_none() {
            self.outside = Some(Connection::new(server, self.inside.peer, broker.stream(server)?)?);
        }
        if let Some(outside) = &mut self.outside {
            outside.send(&framed(message));
        }
        Ok(())
    }
}

/// A message behind its length, as it came.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], message].concat()
}

/// The ledger's word for a query that could not be passed on.
fn unreachable(e: &io::Error) -> String {
    let why = e.raw_os_error().map(|n| Errno::from_raw(n).desc().to_lowercase());
    format!("unreachable: {}", why.unwrap_or_else(|| e.to_string()))
}

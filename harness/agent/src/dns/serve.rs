//! The one thread behind all scripted servers: waits for whatever comes next, a datagram, a connection, a message on one,
//! the time to send a delayed reply, or the end.
//!
//! All datagrams that are there are read before the first is answered, and answered in the order in which the kernel took
//! them, whichever server they were sent to.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use libcdiff_protocol::Query;
use libcdiff_protocol::dns::{Script, Socket, Transport};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::connection::Connection;
use super::log::Log;
use super::message::{self, Question};
use super::rules::{Arrival, End, Rules, Sending, server_name};
use super::sockets::{Datagram, Sockets, receive};

/// Datagrams read from one socket in one turn.
const DATAGRAMS: usize = 256;
/// Connections open at one time; more wait in the kernel's queue.
const CONNECTIONS: usize = 64;
/// Replies that wait for their time; more are not sent.
const WAITING: usize = 4096;
/// Turns after the end: enough to read what a socket can hold, and no endless loop where somebody still sends.
const LAST_TURNS: usize = 1024;
/// The longest datagram.
const DATAGRAM_BYTES: usize = 65536;

/// Servers with everything that has happened at them.
pub struct Service {
    rules: Rules,
    sockets: Vec<Sockets>,
    connections: BTreeMap<u64, Connection>,
    /// The clients' sockets that each server has had a query from.
    seen: BTreeSet<(usize, Transport, SocketAddr)>,
    /// Connections and waiting replies so far: numbers that are never used twice.
    counted: u64,
    waiting: BinaryHeap<Reverse<Waiting>>,
    log: Log,
    buffer: Vec<u8>,
}

/// Where a query came from and its replies go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Client {
    Datagram { server: usize, peer: SocketAddr },
    Connection(u64),
}

/// A reply whose time has not come; ordered by time, then by age.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    due: Instant,
    number: u64,
    client: Client,
    bytes: Option<Vec<u8>>,
    end: Option<End>,
}

/// What poll found.
#[derive(Clone, Copy)]
enum Ready {
    Stop,
    Datagrams(usize),
    Listener(usize),
    Connection(u64),
}

impl Service {
    /// Reads the script and binds its addresses.
    pub fn new(script: &Script, port: u16) -> io::Result<Self> {
        Ok(Self {
            rules: Rules::compile(script)?,
            sockets: script.servers.iter().map(|server| Sockets::bind(server, port)).collect::<io::Result<_>>()?,
            connections: BTreeMap::new(),
            seen: BTreeSet::new(),
            counted: 0,
            waiting: BinaryHeap::new(),
            log: Log::new(),
            buffer: vec![0; DATAGRAM_BYTES],
        })
    }

    /// Serves until `stopped` becomes readable, then reads what is left, and returns the log.
    pub fn run(mut self, stopped: &io::PipeReader) -> Vec<Query> {
        while !self.turn(Some(stopped.as_fd()), None).iter().any(|ready| matches!(ready, Ready::Stop)) {}
        for _ in 0..LAST_TURNS {
            if self.turn(None, Some(Duration::ZERO)).is_empty() {
                break;
            }
        }
        self.log.into_queries()
    }

    /// Waits for the next event, at most for the given time, and deals with everything that is there.
    fn turn(&mut self, stop: Option<BorrowedFd<'_>>, at_most: Option<Duration>) -> Vec<Ready> {
        let ready = self.wait(stop, at_most);
        let mut datagrams = Vec::new();
        for event in &ready {
            if let Ready::Datagrams(server) = *event {
                self.read_datagrams(server, &mut datagrams);
            }
        }
        datagrams.sort_by_key(|(_, datagram)| Reverse(datagram.age));
        for (server, Datagram { bytes, peer, age }) in datagrams {
            self.query((server, Transport::Udp, peer), Client::Datagram { server, peer }, &bytes, age);
        }
        for event in &ready {
            match *event {
                Ready::Listener(server) => self.accept(server),
                Ready::Connection(id) => self.converse(id),
                Ready::Stop | Ready::Datagrams(_) => {}
            }
        }
        self.send_what_is_due();
        self.connections.retain(|_, connection| !connection.is_over());
        ready
    }

    fn wait(&self, stop: Option<BorrowedFd<'_>>, at_most: Option<Duration>) -> Vec<Ready> {
        let mut what = Vec::new();
        let mut fds = Vec::new();
        let mut add = |ready: Ready, fd, flags| {
            what.push(ready);
            fds.push(PollFd::new(fd, flags));
        };
        if let Some(stop) = stop {
            add(Ready::Stop, stop, PollFlags::POLLIN);
        }
        for (server, sockets) in self.sockets.iter().enumerate() {
            if let Some(udp) = &sockets.udp {
                add(Ready::Datagrams(server), udp.as_fd(), PollFlags::POLLIN);
            }
            if let Some(tcp) = sockets.tcp.as_ref().filter(|_| self.connections.len() < CONNECTIONS) {
                add(Ready::Listener(server), tcp.as_fd(), PollFlags::POLLIN);
            }
        }
        for (id, connection) in &self.connections {
            let write = if connection.wants_to_write() { PollFlags::POLLOUT } else { PollFlags::empty() };
            add(Ready::Connection(*id), connection.stream.as_fd(), PollFlags::POLLIN | write);
        }
        let due = self.waiting.peek().map(|Reverse(next)| next.due.saturating_duration_since(Instant::now()));
        match poll(&mut fds, timeout(at_most.or(due))) {
            Ok(_) | Err(Errno::EINTR) => {}
            // Nothing here can pass a wrong descriptor or run out of memory for so few.
            Err(e) => panic!("polling the scripted servers: {e}"),
        }
        let is_ready = |fd: &PollFd<'_>| fd.any().unwrap_or(true);
        what.into_iter().zip(&fds).filter(|(_, fd)| is_ready(fd)).map(|(ready, _)| ready).collect()
    }

    /// Appends what lies in a server's socket, oldest first.
    fn read_datagrams(&mut self, server: usize, into: &mut Vec<(usize, Datagram)>) {
        let Some(udp) = &self.sockets[server].udp else { return };
        let first = into.len();
        into.extend(std::iter::from_fn(|| receive(udp, &mut self.buffer)).take(DATAGRAMS).map(|d| (server, d)));
        // The kernel stamps no packet before the first socket has asked for it, and then gives the time of the reading.
        // Nothing is younger than what came behind it in the same socket.
        let mut least = Duration::ZERO;
        for (_, datagram) in into[first..].iter_mut().rev() {
            least = least.max(datagram.age);
            datagram.age = least;
        }
    }

    fn accept(&mut self, server: usize) {
        let Some(tcp) = &self.sockets[server].tcp else { return };
        while self.connections.len() < CONNECTIONS {
            // A client that has gone again, or no more clients.
            let Ok((stream, peer)) = tcp.accept() else { return };
            let Ok(connection) = Connection::new(server, peer, stream) else { continue };
            self.counted += 1;
            self.connections.insert(self.counted, connection);
        }
    }

    fn converse(&mut self, id: u64) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.flush();
        let (server, peer) = (connection.server, connection.peer);
        for message in connection.messages() {
            self.query((server, Transport::Tcp, peer), Client::Connection(id), &message, Duration::ZERO);
        }
    }

    /// Logs a query and sends, now or later, what the script says.
    fn query(&mut self, from: (usize, Transport, SocketAddr), client: Client, packet: &[u8], age: Duration) {
        let (server, transport, peer) = from;
        let socket = if self.seen.insert(from) { Socket::New } else { Socket::Seen };
        let mut entry = Query {
            server: server_name(server),
            transport: transport.name().into(),
            port: Some(peer.port()),
            late_ms: (transport == Transport::Udp).then_some(age.as_millis() as u64),
            ..Query::default()
        };
        let sendings = match Question::read(packet) {
            Some(question) => {
                let (sendings, word) = self.rules.decide(Arrival { server, transport, socket }, &question);
                (entry.name, entry.kind, entry.rcode) = (question.name.to_string(), question.kind_in_class(), word);
                entry.flags = Some(question.flag_names());
                entry.edns = question.edns.map(|edns| edns.payload);
                sendings
            }
            None => {
                let bytes = message::format_error(packet);
                let word = if bytes.is_some() { "FORMERR" } else { "dropped" };
                (entry.name, entry.kind, entry.rcode) = (message::escaped(packet), "malformed".into(), word.into());
                let framed = |bytes: Vec<u8>| match transport {
                    Transport::Udp => bytes,
                    Transport::Tcp => [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat(),
                };
                vec![Sending { after: Duration::ZERO, bytes: bytes.map(framed), end: None }]
            }
        };
        self.log.add(age, entry);
        for Sending { after, bytes, end } in sendings {
            if after.is_zero() {
                self.send(client, bytes.as_deref(), end);
            } else if self.waiting.len() < WAITING {
                self.counted += 1;
                let due = Instant::now() + after.saturating_sub(age);
                self.waiting.push(Reverse(Waiting { due, number: self.counted, client, bytes, end }));
            }
        }
    }

    fn send_what_is_due(&mut self) {
        while self.waiting.peek().is_some_and(|Reverse(next)| next.due <= Instant::now()) {
            let Some(Reverse(next)) = self.waiting.pop() else { return };
            self.send(next.client, next.bytes.as_deref(), next.end);
        }
    }

    /// Sends to a client that may be gone already, in which case there is nobody to tell.
    fn send(&mut self, client: Client, bytes: Option<&[u8]>, end: Option<End>) {
        match client {
            Client::Datagram { server, peer } => {
                if let (Some(bytes), Some(udp)) = (bytes, &self.sockets[server].udp) {
                    let _ = udp.send_to(bytes, peer);
                }
            }
            Client::Connection(id) => {
                let Some(connection) = self.connections.get_mut(&id) else { return };
                if let Some(bytes) = bytes {
                    connection.send(bytes);
                }
                match end {
                    Some(End::Close) => connection.close(),
                    Some(End::Reset) => connection.reset(),
                    None => {}
                }
            }
        }
    }
}

/// Whole milliseconds for poll, rounded up so that the time has come when it returns; without end for `None`.
fn timeout(at_most: Option<Duration>) -> PollTimeout {
    let Some(time) = at_most else { return PollTimeout::NONE };
    PollTimeout::try_from(time.as_micros().div_ceil(1000)).unwrap_or(PollTimeout::MAX)
}

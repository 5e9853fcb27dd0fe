//! A DNS server for one process: a child that listens on port 53 of the loopback interface, answers as a function of safe code
//! says, and writes down what it was asked in memory that both share.
//!
//! It answers from whichever address of 127/8 was asked, and from `::1`. A datagram may be read late, so [`Server::settle`] sends
//! one of its own: when that comes back, everything before it has been read, answered and written down.

use core::ffi::c_int;
use core::mem::{MaybeUninit, size_of, zeroed};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::sys::call::{Errno, check, errno};
use crate::sys::fuzz::and_back;
use crate::sys::process::{monotonic_ms, write_all};

const PORT: u16 = 53;
/// What [`Server::settle`] sends; shorter than any query.
const MARK: &[u8] = b"MARK";
/// Bytes of a query that are read.
const QUERY: usize = 1024;
/// Bytes of what an input wants answered.
const SCRIPT: usize = 16 << 10;
/// Bytes of what was asked.
const LOG: usize = 64 << 10;
/// Milliseconds after which a connection is closed on which nothing more is asked: a library without a time limit waits for
/// ever otherwise.
const IDLE_MS: u64 = 300;
/// Connections at once.
const CONNECTIONS: usize = 16;
/// Milliseconds for the server to begin, and to settle, on a machine that is very busy.
const PATIENCE_MS: u64 = 10_000;

/// A query, and what its answer may depend on.
pub struct Asked<'a> {
    /// What the input wants answered.
    pub script: &'a [u8],
    /// What was asked before, as [`Server::log`] has it.
    pub log: &'a [u8],
    /// The query.
    pub query: &'a [u8],
    /// Whether it came by TCP.
    pub tcp: bool,
    /// The address that was asked.
    pub server: IpAddr,
}

/// What answers: sends any number of messages, and says what is written down, and whether the connection stays.
pub type Reply = fn(&Asked<'_>, &mut dyn FnMut(&[u8])) -> Said;

/// What comes of a query besides its answers.
pub struct Said {
    /// What is added to the log.
    pub note: heap::vec::Vec<u8>,
    /// Whether a connection ends here.
    pub close: bool,
}

/// What parent and child share.
#[repr(C)]
struct Page {
    ready: AtomicUsize,
    scripted: AtomicUsize,
    logged: AtomicUsize,
    script: [u8; SCRIPT],
    log: [u8; LOG],
}

/// A server that runs as long as this process does.
pub struct Server {
    page: *mut Page,
    socket: c_int,
}

impl Server {
    /// The server of this process, which is started where there is none yet.
    ///
    /// # Errors
    /// Memory, a child or a socket could not be had, or it did not begin in time.
    pub fn of_this_process(reply: Reply) -> Result<Self, Errno> {
        static PAGE: AtomicPtr<Page> = AtomicPtr::new(null_mut());
        static SOCKET: AtomicUsize = AtomicUsize::new(0);
        let known = PAGE.load(Ordering::Relaxed);
        if !known.is_null() {
            return Ok(Self { page: known, socket: SOCKET.load(Ordering::Relaxed) as c_int });
        }
        let server = Self { page: share()?, socket: marker()? };
        let parent = own_pid();
        // SAFETY: the worker has one thread, so the child may call anything.
        if check(unsafe { libc::fork() })? == 0 {
            // SAFETY: the page is shared, and the child ends here.
            unsafe {
                let failed = live(&mut *server.page, parent, reply).err().map_or(0, |errno| errno.0);
                libc::_exit(failed)
            }
        }
        let begun = monotonic_ms();
        while server.figure(|page| &page.ready).load(Ordering::Acquire) == 0 {
            if monotonic_ms() - begun > PATIENCE_MS {
                return Err(Errno(libc::ETIMEDOUT));
            }
            // SAFETY: a plain sleep of a tenth of a millisecond.
            unsafe { libc::usleep(100) };
        }
        SOCKET.store(server.socket as usize, Ordering::Relaxed);
        PAGE.store(server.page, Ordering::Relaxed);
        Ok(server)
    }

    fn figure(&self, of: fn(&Page) -> &AtomicUsize) -> &AtomicUsize {
        // SAFETY: the mapping lives as long as the process, and begins with figures that both sides only touch as atomics.
        of(unsafe { &*self.page })
    }

    /// From here on queries are answered by this script, and the log is empty. Longer scripts are cut.
    pub fn script(&self, script: &[u8]) {
        let length = script.len().min(SCRIPT);
        // SAFETY: the server is idle, since whoever asks has let it settle; the source is not in the page.
        unsafe { core::ptr::copy_nonoverlapping(script.as_ptr(), (&raw mut (*self.page).script).cast(), length) };
        self.figure(|page| &page.logged).store(0, Ordering::Relaxed);
        self.figure(|page| &page.scripted).store(length, Ordering::Release);
    }

    /// Waits until all that was sent so far has been read, and gives the log.
    ///
    /// # Errors
    /// The server is gone.
    pub fn settle(&self) -> Result<&[u8], Errno> {
        let mut back = [0u8; MARK.len()];
        // SAFETY: the socket is connected to the server, and both buffers are as long as said.
        unsafe {
            check(libc::send(self.socket, MARK.as_ptr().cast(), MARK.len(), 0) as c_int)?;
            let mut poll = libc::pollfd { fd: self.socket, events: libc::POLLIN, revents: 0 };
            if libc::poll(&mut poll, 1, PATIENCE_MS as c_int) != 1 {
                return Err(Errno(libc::ETIMEDOUT));
            }
            check(libc::recv(self.socket, back.as_mut_ptr().cast(), back.len(), 0) as c_int)?;
        }
        let length = self.figure(|page| &page.logged).load(Ordering::Acquire).min(LOG);
        // SAFETY: the server is idle now, and does not write before it is asked again.
        Ok(unsafe { core::slice::from_raw_parts((&raw const (*self.page).log).cast(), length) })
    }
}

fn own_pid() -> c_int {
    // SAFETY: takes nothing and always succeeds.
    unsafe { libc::getpid() }
}

fn share() -> Result<*mut Page, Errno> {
    let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: a new anonymous mapping touches no memory that is in use; zeros are a valid page.
    let page = unsafe { libc::mmap(null_mut(), size_of::<Page>(), access, flags, -1, 0) };
    if page == libc::MAP_FAILED { Err(Errno(errno())) } else { Ok(page.cast()) }
}

/// The parent's socket for marks.
fn marker() -> Result<c_int, Errno> {
    let address = v4(Ipv4Addr::LOCALHOST, PORT);
    // SAFETY: the address is as long as said.
    unsafe {
        let socket = check(libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0))?;
        check(libc::connect(socket, (&raw const address).cast(), size_of::<libc::sockaddr_in>() as _))?;
        Ok(socket)
    }
}

fn v4(address: Ipv4Addr, port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as _,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: address.to_bits().to_be() },
        sin_zero: [0; 8],
    }
}

/// A socket of port 53; an earlier server may take a moment to go.
fn listening(family: c_int, kind: c_int) -> Result<c_int, Errno> {
    let begun = monotonic_ms();
    loop {
        match bound(family, kind) {
            Err(Errno(libc::EADDRINUSE)) if monotonic_ms() - begun < PATIENCE_MS => {
                // SAFETY: a plain sleep of half a millisecond.
                unsafe { libc::usleep(500) };
            }
            other => return other,
        }
    }
}

fn bound(family: c_int, kind: c_int) -> Result<c_int, Errno> {
    let on = 1 as c_int;
    let size = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: options and addresses are as long as said; a socket that is not given back is closed.
    unsafe {
        let socket = check(libc::socket(family, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0))?;
        libc::setsockopt(socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, (&raw const on).cast(), size);
        let bound = if family == libc::AF_INET {
            libc::setsockopt(socket, libc::IPPROTO_IP, libc::IP_PKTINFO, (&raw const on).cast(), size);
            let any = v4(Ipv4Addr::UNSPECIFIED, PORT);
            libc::bind(socket, (&raw const any).cast(), size_of::<libc::sockaddr_in>() as _)
        } else {
            let mut own: libc::sockaddr_in6 = zeroed();
            own.sin6_family = libc::AF_INET6 as _;
            own.sin6_port = PORT.to_be();
            own.sin6_addr.s6_addr = Ipv6Addr::LOCALHOST.octets();
            libc::bind(socket, (&raw const own).cast(), size_of::<libc::sockaddr_in6>() as _)
        };
        let listens = kind != libc::SOCK_STREAM || bound == 0 && libc::listen(socket, 64) == 0;
        if bound == 0 && listens {
            return Ok(socket);
        }
        let failed = errno();
        libc::close(socket);
        Err(Errno(failed))
    }
}

/// The child's life.
fn live(page: &mut Page, parent: c_int, reply: Reply) -> Result<(), Errno> {
    // SAFETY: plain calls about this process; descriptors above the standard ones belong to the parent alone, and among them
    // is the pipe whose end tells of the parent's.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
        if libc::getppid() != parent {
            return Ok(());
        }
        for fd in 3..64 {
            libc::close(fd);
        }
    }
    let mut life =
        Life { page, reply, datagrams: [-1; 2], listeners: [-1; 2], connections: [const { None }; CONNECTIONS] };
    for (n, family) in [libc::AF_INET, libc::AF_INET6].into_iter().enumerate() {
        // A kernel may have no IPv6.
        let opened = listening(family, libc::SOCK_DGRAM)
            .and_then(|datagrams| Ok((datagrams, listening(family, libc::SOCK_STREAM)?)));
        match opened {
            Ok((datagrams, listener)) => (life.datagrams[n], life.listeners[n]) = (datagrams, listener),
            Err(error) if n == 0 => return Err(error),
            Err(_) => {}
        }
    }
    life.page.ready.store(1, Ordering::Release);
    let mut mark = None;
    loop {
        // Behind a mark, only what is there already.
        let worked = life.round(if mark.is_some() { 0 } else { -1 }, &mut mark);
        if let (false, Some(to)) = (worked, mark) {
            send(life.datagrams[0], MARK, &to);
            mark = None;
        }
    }
}

/// Whom to send a datagram to, and from which address.
#[derive(Clone, Copy)]
struct Peer {
    address: libc::sockaddr_storage,
    length: libc::socklen_t,
    own: IpAddr,
}

struct Connection {
    fd: c_int,
    own: IpAddr,
    buffer: [u8; QUERY],
    have: usize,
    last: u64,
}

struct Life<'a> {
    page: &'a mut Page,
    reply: Reply,
    datagrams: [c_int; 2],
    listeners: [c_int; 2],
    connections: [Option<Connection>; CONNECTIONS],
}

impl Life<'_> {
    /// Waits for something and does all that there is to do; false where there was nothing. A mark is put aside.
    fn round(&mut self, wait: c_int, mark: &mut Option<Peer>) -> bool {
        let open = self.connections.iter().flatten().count() > 0;
        let mut polls = [libc::pollfd { fd: -1, events: libc::POLLIN, revents: 0 }; 4 + CONNECTIONS];
        let fixed = self.datagrams.iter().chain(&self.listeners).copied();
        let moving = self.connections.iter().map(|connection| connection.as_ref().map_or(-1, |open| open.fd));
        polls.iter_mut().zip(fixed.chain(moving)).for_each(|(poll, fd)| poll.fd = fd);
        let wait = if open && wait != 0 { 50 } else { wait };
        // SAFETY: the array is as long as said; descriptors of -1 are passed over.
        let ready = unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as _, wait) };
        for (n, poll) in polls.iter().enumerate().filter(|(_, poll)| poll.revents != 0) {
            match n {
                0 | 1 => self.datagrams(poll.fd, mark),
                2 | 3 => self.accept(poll.fd),
                _ => self.read(n - 4),
            }
        }
        self.close_idle();
        ready > 0
    }

    fn datagrams(&mut self, socket: c_int, mark: &mut Option<Peer>) {
        let mut buffer = [0u8; QUERY];
        while let Some((length, peer)) = receive(socket, &mut buffer) {
            match &buffer[..length] {
                MARK => *mark = Some(peer),
                query => {
                    self.answer(query, false, peer.own, |message| send(socket, message, &peer));
                }
            }
        }
    }

    fn accept(&mut self, listener: c_int) {
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: nothing is asked about the peer; the own address has a place as large as said.
        unsafe {
            let fd = libc::accept4(listener, null_mut(), null_mut(), flags);
            if fd < 0 {
                return;
            }
            let mut address: libc::sockaddr_storage = zeroed();
            let mut length = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            libc::getsockname(fd, (&raw mut address).cast(), &mut length);
            let connection = Connection { fd, own: ip(&address), buffer: [0; QUERY], have: 0, last: monotonic_ms() };
            match self.connections.iter_mut().find(|place| place.is_none()) {
                Some(place) => *place = Some(connection),
                None => _ = libc::close(fd),
            }
        }
    }

    /// Reads a connection, and answers each query that is whole.
    fn read(&mut self, n: usize) {
        let Some(mut open) = self.connections[n].take() else { return };
        let room = &mut open.buffer[open.have..];
        // SAFETY: the room is writable for its length.
        let got = unsafe { libc::recv(open.fd, room.as_mut_ptr().cast(), room.len(), 0) };
        let mut ended = got == 0 || got < 0 && errno() != libc::EAGAIN;
        open.have += got.max(0) as usize;
        open.last = monotonic_ms();
        let mut at = 0;
        while let Some(query) = whole(&open.buffer[at..open.have]).filter(|_| !ended) {
            let fd = open.fd;
            at += 2 + query.len();
            ended = self.answer(query, true, open.own, |message| {
                let mut framed = heap::vec::Vec::from((message.len() as u16).to_be_bytes());
                framed.extend_from_slice(message);
                write_all(fd, &framed);
            });
        }
        open.buffer.copy_within(at..open.have, 0);
        open.have -= at;
        match ended || open.have == QUERY {
            // SAFETY: the descriptor is this connection's own.
            true => _ = unsafe { libc::close(open.fd) },
            false => self.connections[n] = Some(open),
        }
    }

    fn close_idle(&mut self) {
        let now = monotonic_ms();
        for place in &mut self.connections {
            if let Some(idle) = place.take_if(|open| now.saturating_sub(open.last) > IDLE_MS) {
                // SAFETY: the descriptor is this connection's own.
                unsafe { libc::close(idle.fd) };
            }
        }
    }

    /// Answers a query and writes it down; true where a connection ends.
    fn answer(&mut self, query: &[u8], tcp: bool, server: IpAddr, mut send: impl FnMut(&[u8])) -> bool {
        let scripted = self.page.scripted.load(Ordering::Acquire).min(SCRIPT);
        let logged = self.page.logged.load(Ordering::Relaxed).min(LOG);
        let reply = self.reply;
        let page = &mut *self.page;
        let (mut close, mut end) = (false, logged);
        and_back(|| {
            let asked = Asked { script: &page.script[..scripted], log: &page.log[..logged], query, tcp, server };
            // What is sent wakes the one who asked, so it goes out after the note.
            let mut messages = heap::vec::Vec::new();
            let said = reply(&asked, &mut |message| messages.push(heap::vec::Vec::from(message)));
            if logged + said.note.len() <= LOG {
                end = logged + said.note.len();
                page.log[logged..end].copy_from_slice(&said.note);
            }
            page.logged.store(end, Ordering::Release);
            messages.iter().for_each(|message| send(message));
            close = said.close;
            true
        });
        close
    }
}

/// A query behind its length, where all of it is there.
fn whole(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.get(..usize::from(u16::from_be_bytes(*length)))
}

fn ip(address: &libc::sockaddr_storage) -> IpAddr {
    let start: *const libc::sockaddr_storage = address;
    // SAFETY: the storage is aligned and large enough for both families, and any bytes are a valid address.
    unsafe {
        match c_int::from(address.ss_family) {
            libc::AF_INET6 => Ipv6Addr::from((*start.cast::<libc::sockaddr_in6>()).sin6_addr.s6_addr).into(),
            _ => Ipv4Addr::from_bits(u32::from_be((*start.cast::<libc::sockaddr_in>()).sin_addr.s_addr)).into(),
        }
    }
}

/// Room for one control message about an address.
#[repr(C, align(16))]
struct Control([u8; 64]);

/// The next datagram.
fn receive(socket: c_int, buffer: &mut [u8]) -> Option<(usize, Peer)> {
    // SAFETY: everything that the message points to is as large as said and outlives the call; the control message that is
    // read is one that the kernel wrote.
    unsafe {
        let mut address = MaybeUninit::<libc::sockaddr_storage>::zeroed().assume_init();
        let mut control = Control([0; 64]);
        let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        let mut message: libc::msghdr = zeroed();
        message.msg_name = (&raw mut address).cast();
        message.msg_namelen = size_of::<libc::sockaddr_storage>() as _;
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = control.0.len() as _;
        let length = libc::recvmsg(socket, &mut message, libc::MSG_DONTWAIT);
        if length < 0 {
            return None;
        }
        let mut own = IpAddr::V6(Ipv6Addr::LOCALHOST);
        let head = libc::CMSG_FIRSTHDR(&message);
        if !head.is_null() && (*head).cmsg_level == libc::IPPROTO_IP && (*head).cmsg_type == libc::IP_PKTINFO {
            let about = &*libc::CMSG_DATA(head).cast::<libc::in_pktinfo>();
            own = Ipv4Addr::from_bits(u32::from_be(about.ipi_addr.s_addr)).into();
        }
        Some((length as usize, Peer { address, length: message.msg_namelen, own }))
    }
}

/// Sends a datagram from the address that was asked.
fn send(socket: c_int, bytes: &[u8], to: &Peer) {
    let mut address = to.address;
    // SAFETY: as in `receive`; the control message is written inside its room.
    unsafe {
        let mut control = Control([0; 64]);
        let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let mut message: libc::msghdr = zeroed();
        message.msg_name = (&raw mut address).cast();
        message.msg_namelen = to.length;
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        if let IpAddr::V4(own) = to.own {
            let size = size_of::<libc::in_pktinfo>() as u32;
            message.msg_control = control.0.as_mut_ptr().cast();
            message.msg_controllen = libc::CMSG_SPACE(size) as _;
            let head = libc::CMSG_FIRSTHDR(&message);
            (*head).cmsg_level = libc::IPPROTO_IP;
            (*head).cmsg_type = libc::IP_PKTINFO;
            (*head).cmsg_len = libc::CMSG_LEN(size) as _;
            let about = &mut *libc::CMSG_DATA(head).cast::<libc::in_pktinfo>();
            about.ipi_spec_dst.s_addr = own.to_bits().to_be();
        }
        libc::sendmsg(socket, &message, 0);
    }
}

//! One TCP connection: messages behind two bytes of length (RFC 1035, 4.2.2), read and written without ever waiting.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use nix::sys::socket::{setsockopt, sockopt};

/// More than any client that reads at all leaves unread.
const UNSENT_BYTES: usize = 1 << 20;

/// A client's connection to one of the servers.
pub struct Connection {
    /// The server, counted from 0.
    pub server: usize,
    /// The client's end.
    pub peer: SocketAddr,
    /// The stream.
    pub stream: TcpStream,
    received: Vec<u8>,
    unsent: Vec<u8>,
    /// No message will follow: close as soon as everything is sent.
    closing: bool,
    broken: bool,
}

impl Connection {
    /// A connection that was just accepted.
    pub fn new(server: usize, peer: SocketAddr, stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        // Pieces go out one by one, as the script cuts them.
        stream.set_nodelay(true)?;
        let (received, unsent) = (Vec::new(), Vec::new());
        Ok(Self { server, peer, stream, received, unsent, closing: false, broken: false })
    }

    /// Whether there is something that the client's window did not take yet.
    pub fn wants_to_write(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Whether nothing more will happen here.
    pub fn is_over(&self) -> bool {
        self.broken || (self.closing && self.unsent.is_empty())
    }

    /// Reads what is there, and returns the messages that are complete.
    pub fn messages(&mut self) -> Vec<Vec<u8>> {
        let mut buffer = [0; 4096];
        // A bound on one turn: whoever sends without end takes turns with everybody else.
        for _ in 0..64 {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.closing = true;
                    break;
                }
                Ok(n) => self.received.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.broken |= e.kind() != io::ErrorKind::WouldBlock;
                    break;
                }
            }
        }
        let mut messages = Vec::new();
        while let Some((length, rest)) = self.received.split_first_chunk::<2>() {
            let Some(message) = rest.get(..usize::from(u16::from_be_bytes(*length))) else { break };
            messages.push(message.to_vec());
            self.received.drain(..2 + messages[messages.len() - 1].len());
        }
        messages
    }

    /// Sends bytes, or what the client's window takes of them now.
    pub fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.flush();
    }

    /// Closes once everything is sent.
    pub fn close(&mut self) {
        self.closing = true;
    }

    /// Ends the connection by a reset, which closing does when there is nothing to linger for.
    pub fn reset(&mut self) {
        let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
        let _ = setsockopt(&self.stream, sockopt::Linger, &linger);
        self.broken = true;
    }

    /// Sends what is left.
    pub fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.broken |= e.kind() != io::ErrorKind::WouldBlock || self.unsent.len() > UNSENT_BYTES;
                    return;
                }
            }
        }
    }
}

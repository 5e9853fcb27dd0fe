//! The agent: runs a plan inside an image, every case in a process of its own.
//!
//! Three kinds of process, each a fork of the one before: the *session* (pid 1 of the sandbox) starts cases and collects
//! their observations; a *case* has namespaces of its own, a fresh layer over the image, and its DNS servers; the
//! *program* is the probe itself. Whatever a program does is over when its case ends.
//!
//! In a container that somebody else made, and that allows none of this, programs run as they are ([`plain`]).

pub mod budget;
pub mod case;
pub mod dns;
pub mod emulator;
#[cfg(test)]
mod example;
pub mod filter;
pub mod layer;
pub mod limits;
pub mod memory;
pub mod messages;
pub mod network;
pub mod observe;
pub mod patchwork;
pub mod plain;
pub mod pod;
pub mod procfs;
pub mod sandbox;
pub mod session;
pub mod sys;
pub mod within;

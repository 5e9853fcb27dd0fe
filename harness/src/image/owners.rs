//! Whom the entries of an unpacked tree belong to, and which of their mode bits it has.
//!
//! A tree that programs are run in belongs to the caller: the sandbox knows one user. One that is unpacked for its own sake has
//! the owners that its archive says, if root unpacks it; anybody else has them recorded beside the files, in the extended
//! attribute that rootless tools agree on (`user.rootlesscontainers`), which no symlink can have. Set-id bits let whoever made
//! an image run programs as whoever owns them, so a tree has them where they are asked for alone.

use std::io;
use std::os::fd::AsFd;

use nix::unistd::geteuid;
use rustix::fs::{AtFlags, Gid, Uid, XattrFlags};
use rustix::io::Errno;

use super::tree::{Fault, Place};

/// A user and a group, by their numbers; `None` where an archive gives one that is none.
pub(crate) type Owner = Option<(u32, u32)>;

/// The owner of these two numbers.
pub(crate) fn owner(user: Option<u64>, group: Option<u64>) -> Owner {
    // The last number means nobody to the kernel.
    let id = |number: Option<u64>| u32::try_from(number?).ok().filter(|id| *id != u32::MAX);
    Some((id(user)?, id(group)?))
}

/// Whose a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owners {
    /// The caller's, all of it; folders are open to him.
    Caller,
    /// Those that the archive says.
    Archive {
        /// With set-id bits.
        set_id: bool,
    },
    /// The caller's, and those that the archive says are recorded; folders are open to the caller.
    Recorded {
        /// With set-id bits.
        set_id: bool,
    },
}

const RECORD: &str = "user.rootlesscontainers";

impl Owners {
    /// As true to the archive as this process may be.
    pub fn true_to_archive(set_id: bool) -> Self {
        if geteuid().is_root() { Self::Archive { set_id } } else { Self::Recorded { set_id } }
    }

    /// Whether files have their set-id bits.
    pub fn set_id(self) -> bool {
        matches!(self, Self::Archive { set_id: true } | Self::Recorded { set_id: true })
    }

    /// The bits of a file's mode that it gets.
    pub fn file_mode(self, mode: u32) -> u32 {
        match self {
            Self::Caller => mode & 0o777,
            _ if self.set_id() => mode & 0o7777,
            _ => mode & 0o1777,
        }
    }

    /// The bits of a folder's mode that it gets. Sticky is a folder's own business (/tmp), and so are set-id bits, which decide
    /// whose what is made in it will be, and make nobody somebody else.
    pub fn folder_mode(self, mode: u32) -> u32 {
        match self {
            Self::Caller => mode & 0o1777 | 0o700,
            Self::Archive { .. } => mode & 0o7777,
            Self::Recorded { .. } => mode & 0o7777 | 0o700,
        }
    }

    /// The mode that a file is made with, before its owner is said.
    pub fn first_mode(self, mode: u32) -> u32 {
        match self {
            Self::Caller => mode & 0o777,
            // Nobody else's before it is finished, and the caller's to write.
            _ => 0o600,
        }
    }

    /// Says whose an open file or folder is. Goes before its mode, which a change of owner takes set-id bits from.
    pub fn say(self, file: impl AsFd, owner: Owner) -> Result<(), Fault> {
        match self {
            Self::Caller => Ok(()),
            Self::Archive { .. } => {
                let (user, group) = known(owner)?;
                rustix::fs::fchown(file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)))
                    .map_err(unmapped(user, group))
            }
            Self::Recorded { .. } => match known(owner)? {
                (0, 0) => Ok(()),
                owner => rustix::fs::fsetxattr(file, RECORD, &record(owner), XattrFlags::empty()).map_err(unrecorded),
            },
        }
    }

    /// The same of a symlink.
    pub fn say_of_symlink(self, place: &Place, owner: Owner) -> Result<(), Fault> {
        let Self::Archive { .. } = self else { return Ok(()) };
        let (user, group) = known(owner)?;
        let (to, flags) = ((Some(Uid::from_raw(user)), Some(Gid::from_raw(group))), AtFlags::SYMLINK_NOFOLLOW);
        rustix::fs::chownat(place.folder(), place.name(), to.0, to.1, flags).map_err(unmapped(user, group))
    }
}

fn known(owner: Owner) -> Result<(u32, u32), Fault> {
    owner.ok_or_else(|| Fault::Refused("belongs to a user or group whose number is none".into()))
}

fn unmapped(user: u32, group: u32) -> impl FnOnce(Errno) -> Fault {
    move |errno| match errno {
        Errno::INVAL => Fault::Refused(format!(
            "belongs to {user}:{group}, which this user namespace does not know; unpack it as root of the machine, or as an \
             ordinary user"
        )),
        errno => Fault::System(errno.into()),
    }
}

fn unrecorded(errno: Errno) -> Fault {
    Fault::System(match errno {
        Errno::OPNOTSUPP => io::Error::other(
            "this file system keeps no extended attributes, in which owners would be recorded; unpack as root, or elsewhere",
        ),
        errno => errno.into(),
    })
}

/// The record of an owner: a message of Protocol Buffers, field 1 the user, field 2 the group. Root, whose everything is without a
/// record, is written as nobody, which means that nothing is changed.
fn record((user, group): (u32, u32)) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (field, id) in [(1 << 3, user), (2 << 3, group)] {
        let mut number = if id == 0 { u32::MAX } else { id };
        bytes.push(field);
        while number > 0x7f {
            bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        bytes.push(number as u8);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_id_bits_are_kept_where_they_are_asked_for_and_folders_stay_open_to_their_owner() {
        let modes = |owners: Owners| (owners.file_mode(0o7755), owners.folder_mode(0o7055));
        assert_eq!(modes(Owners::Caller), (0o755, 0o1755));
        assert_eq!(modes(Owners::Archive { set_id: false }), (0o1755, 0o7055));
        assert_eq!(modes(Owners::Archive { set_id: true }), (0o7755, 0o7055));
        assert_eq!(modes(Owners::Recorded { set_id: true }), (0o7755, 0o7755));
    }

    #[test]
    fn a_record_is_what_rootless_tools_write() {
        assert_eq!(record((0, 42)), [0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x10, 42]);
        assert_eq!(record((1000, 0)), [0x08, 0xe8, 0x07, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(record((65534, 65534)), [0x08, 0xfe, 0xff, 0x03, 0x10, 0xfe, 0xff, 0x03]);
    }

    #[test]
    fn numbers_beyond_all_ids_are_nobody() {
        assert_eq!(owner(Some(0), Some(4_294_967_294)), Some((0, 4_294_967_294)));
        for (user, group) in [(Some(0), None), (Some(1 << 32), Some(0)), (Some(0), Some(u32::MAX.into()))] {
            assert_eq!(owner(user, group), None);
        }
    }
}

//! A container of the image that somebody else has made: an engine, a cluster. The agent looks for the image in it as it is
//! without what its engine has put there, and then shuts itself into namespaces of its own as it does anywhere.
//!
//! An engine lays its own /etc/resolv.conf, /etc/hosts, /proc and /dev over the image, and makes the files and folders that it
//! lays them over. A user namespace could not take them off again, so that is done before there is one, in a mount namespace of
//! the agent's own, for which the container has CAP_SYS_ADMIN. The programs get none of that: they have no capability at all.

use std::fs::{self, File, FileTimes, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use libcdiff_protocol::Within;
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::Pid;

use crate::sandbox::{Lower, SandboxError, step};
use crate::sys;

/// Finds the image of the container, and shuts out what is not the image's.
pub fn image_of(within: &Within) -> Result<Lower, SandboxError> {
    let stage = Path::new(&within.stage);
    let probes = stage.join("probes");
    unshare(CloneFlags::CLONE_NEWNS).map_err(refused("making a mount namespace in the container"))?;
    mount(None::<&str>, "/", None::<&str>, MsFlags::MS_PRIVATE | MsFlags::MS_REC, None::<&str>)
        .map_err(refused("making the container's mounts the agent's own"))?;
    uncover_proc()?;
    let held = File::open(&probes).map_err(step(format!("opening the probes {}", probes.display())))?;
    mount(Some("tmpfs"), stage, Some("tmpfs"), MsFlags::MS_NOSUID, Some("size=512m,mode=755"))
        .map_err(refused("mounting a file system in the container"))?;
    let lower = Lower { image: stage.join("image"), probes, hidden: Some(stage.join("hidden")), emulator: None };
    for folder in [&lower.image].into_iter().chain(&lower.hidden) {
        fs::create_dir(folder).map_err(step(format!("creating {}", folder.display())))?;
    }
    // Not what is mounted below: that is the engine's.
    bind(Path::new("/"), &lower.image)?;
    // A copy, because a layer over the image may not be a folder of the image's own file system.
    let given = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
    copy(&given, &lower.probes).map_err(step(format!("copying the probes to {}", lower.probes.display())))?;
    for path in within.absent.iter().chain([&within.stage]) {
        hide(path, &lower)?;
    }
    Ok(lower)
}

/// Takes off what the engine has laid over parts of /proc: with anything there the kernel refuses a /proc of a namespace.
fn uncover_proc() -> Result<(), SandboxError> {
    let path = "/proc/self/mountinfo";
    let mounts = fs::read_to_string(path).map_err(step(format!("reading {path}")))?;
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(4)).filter(|point| point.starts_with("/proc/"));
    for point in points.collect::<Vec<_>>().into_iter().rev() {
        umount2(point, MntFlags::MNT_DETACH).map_err(refused(format!("taking what covers {point} off")))?;
    }
    Ok(())
}

/// Hides a path of the image by a whiteout in the layer above it; does nothing where it is not there, or hidden with its folder.
fn hide(path: &str, lower: &Lower) -> Result<(), SandboxError> {
    let Some(hidden) = &lower.hidden else { return Ok(()) };
    let (mut from, mut to) = (lower.image.clone(), hidden.clone());
    let mut names = Path::new(path).components().filter(|name| matches!(name, Component::Normal(_))).peekable();
    while let Some(name) = names.next() {
        from.push(name);
        to.push(name);
        let Ok(meta) = fs::symlink_metadata(&from) else { return Ok(()) };
        let there = fs::symlink_metadata(&to).ok();
        if there.as_ref().is_some_and(|there| !there.is_dir()) {
            return Ok(());
        }
        if names.peek().is_none() {
            return mknod(&to, SFlag::S_IFCHR, Mode::empty(), makedev(0, 0)).map_err(refused(format!("hiding {path}")));
        }
        if !meta.is_dir() {
            return Ok(());
        }
        if there.is_none() {
            copy_folder(&meta, &to).map_err(step(format!("hiding {path}")))?;
        }
    }
    Ok(())
}

/// Copies a folder of folders, files and links, with their modes.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    copy_folder(&fs::metadata(from)?, to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            copy(&from, &to)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from)?, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// A folder like another: of two that lie over each other, the mode and the times of the upper one are seen.
fn copy_folder(like: &Metadata, folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(like.mode()))?;
    File::open(folder)?.set_times(FileTimes::new().set_modified(like.modified()?))
}

fn bind(source: &Path, target: &Path) -> Result<(), SandboxError> {
    mount(Some(source), target, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .map_err(refused(format!("mounting {}", target.display())))
}

/// An error of a step that takes what containers do not have by themselves.
fn refused(doing: impl Into<String>) -> impl FnOnce(Errno) -> SandboxError {
    let doing = doing.into();
    move |errno| match errno {
        Errno::EPERM | Errno::EACCES => SandboxError::Container { doing, errno },
        errno => SandboxError::Step { step: doing, source: errno.into() },
    }
}

/// Waits until pid 1 of the sandbox has ended, and ends it when nobody holds the other end of standard input any more: an
/// engine closes it when the one who listens has gone, however that happened. Where the session stays, what comes on standard
/// input is for pid 1.
pub fn attend(init: Pid, stays: bool) {
    let Ok(ended) = sys::pidfd_open(init) else { return };
    let stdin = io::stdin();
    let wanted = if stays { PollFlags::empty() } else { PollFlags::POLLIN };
    while !over(&ended, stdin.as_fd(), wanted) {
        let said = if stays { Ok(0) } else { stdin.lock().read(&mut [0; 64]) };
        match said {
            Ok(n) if n > 0 => {}
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            _ => {
                let _ = kill(init, Signal::SIGKILL);
                return;
            }
        }
    }
}

/// Waits for the end of the process, or for this of standard input or its end; true for the former.
fn over(ended: &OwnedFd, stdin: BorrowedFd<'_>, wanted: PollFlags) -> bool {
    loop {
        let mut fds = [PollFd::new(ended.as_fd(), PollFlags::POLLIN), PollFd::new(stdin, wanted)];
        match poll(&mut fds, PollTimeout::NONE) {
            Err(Errno::EINTR) => {}
            Err(_) => return true,
            Ok(_) => return fds[0].any().unwrap_or(true),
        }
    }
}

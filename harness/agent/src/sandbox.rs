//! The built-in sandbox: user, mount, pid, net, uts and ipc namespaces, entered as an ordinary user or as root.
//!
//! The process that was started stays outside as a guard: it dies with the harness, and its child, pid 1 inside, dies
//! with it; the kernel then ends everything in the pid namespace and drops its mounts. So nothing is left behind however
//! the harness ends. The image is seen read-only; what a program writes goes to a layer of its case ([`crate::layer`]).

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use libcdiff_protocol::{Emulator, Enter, Session, Together};
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Gid, Pid, Uid, chdir, getegid, geteuid, getpid, getppid, pivot_root, sethostname, setsid};

use crate::emulator;
use crate::layer::place;
use crate::memory::Bounds;
use crate::sys::{self, Side};
use crate::within;

/// Why the sandbox could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The kernel refused the namespaces.
    #[error(
        "this kernel does not let {who} make the namespaces of the sandbox ({errno}): `libcdiff doctor` says which setting forbids it"
    )]
    Namespaces {
        /// `root` or `an ordinary user`.
        who: &'static str,
        /// What came back.
        errno: Errno,
    },
    /// A step of the set-up failed.
    #[error("setting up the sandbox: {step}: {source}")]
    Step {
        /// What was being done, to what.
        step: String,
        /// What came back.
        source: std::io::Error,
    },
    /// The engine that made the container did not give what it takes.
    #[error(
        "{doing}: {errno}: the container may not do that. Its engine, or a policy of the machine (AppArmor, SELinux, rootless \
         mode), does not let it have CAP_SYS_ADMIN: `libcdiff doctor` tells; the built-in sandbox needs no engine"
    )]
    Container {
        /// What was being done.
        doing: String,
        /// What came back.
        errno: Errno,
    },
    /// The sandbox is not shut.
    #[error("the sandbox is not isolated: {0}; nothing was run")]
    NotIsolated(String),
}

/// What the root of the sandbox is made of, as folders that the agent can open.
pub struct Lower {
    /// The image.
    pub image: PathBuf,
    /// What holds the probes in `.libcdiff`.
    pub probes: PathBuf,
    /// What lies over the image and hides some of it.
    pub hidden: Option<PathBuf>,
    /// What runs its programs, where this machine cannot.
    pub emulator: Option<Emulator>,
}

/// Enters the sandbox that the session asks for and runs `inside` there as pid 1, told which of the bounds hold; the result is
/// its exit code.
pub fn enter_and_run(
    session: &Session,
    bounds: Bounds,
    inside: impl FnOnce(Option<Together>) -> u8,
) -> Result<u8, SandboxError> {
    let lower = match (&session.enter, &session.within) {
        (Some(Enter { parent, image, probes, emulator }), _) => {
            die_with(Pid::from_raw(*parent))?;
            Lower { image: image.into(), probes: probes.into(), hidden: None, emulator: emulator.clone() }
        }
        (None, Some(within)) => within::image_of(within)?,
        (None, None) => return Err(SandboxError::NotIsolated("the session names no image to shut it into".into())),
    };
    namespaces()?;
    let (mut guard_lives, guard) = sys::pipe().map_err(step("making a pipe"))?;
    match bounds.fork().map_err(step("forking pid 1"))? {
        (Side::Parent(init), together) => {
            // Meanwhile pid 1 builds its root.
            let told = serde_json::to_string(&together).unwrap_or_default();
            let _ = (&guard).write_all(format!("{told}\n").as_bytes());
            if session.enter.is_none() {
                within::attend(init, session.stays);
            }
            let code = exit_code(init);
            drop(guard);
            Ok(code)
        }
        (Side::Child, _) => {
            drop((guard, bounds));
            set_pdeathsig(Signal::SIGKILL).map_err(step("asking to die with the guard"))?;
            if hung_up(&guard_lives) {
                return Err(SandboxError::NotIsolated("its guard ended while it was entered".into()));
            }
            // No controlling terminal: a program could otherwise type into it.
            setsid().map_err(step("leaving the terminal"))?;
            // Only now, when it is in the cgroup that it will stay in: it sees none above.
            unshare(CloneFlags::CLONE_NEWCGROUP).map_err(step("making a namespace of cgroups"))?;
            build_root(&lower)?;
            verify()?;
            let together = told(&mut guard_lives).map_err(step("hearing from the guard"))?;
            Ok(inside(together))
        }
    }
}

/// Makes new namespaces around this process, in which it is uid 0 and gid 0, whoever it is outside.
fn namespaces() -> Result<(), SandboxError> {
    let own_ids = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
    let own_view = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWUTS;
    let (uid, gid) = (geteuid(), getegid());
    unshare(own_ids | own_view).map_err(|errno| refused(uid, errno))?;
    write_maps(uid, gid)
}

/// Maps uid 0 and gid 0 of a case's new user namespace to those of the session.
pub fn map_ids() -> Result<(), SandboxError> {
    write_maps(Uid::from_raw(0), Gid::from_raw(0))
}

fn write_maps(uid: Uid, gid: Gid) -> Result<(), SandboxError> {
    for (file, content) in
        [("setgroups", "deny".to_owned()), ("uid_map", format!("0 {uid} 1")), ("gid_map", format!("0 {gid} 1"))]
    {
        let write = fs::OpenOptions::new().write(true).open(format!("/proc/self/{file}"));
        write.and_then(|mut map| map.write_all(content.as_bytes())).map_err(|e| match e.raw_os_error() {
            Some(code) if code == libc::EPERM => refused(uid, Errno::EPERM),
            _ => SandboxError::Step { step: format!("writing /proc/self/{file}"), source: e },
        })?;
    }
    Ok(())
}

fn refused(uid: Uid, errno: Errno) -> SandboxError {
    SandboxError::Namespaces { who: if uid.is_root() { "root" } else { "an ordinary user" }, errno }
}

fn die_with(parent: Pid) -> Result<(), SandboxError> {
    set_pdeathsig(Signal::SIGKILL).map_err(step("asking to die with the harness"))?;
    if getppid() != parent {
        return Err(SandboxError::NotIsolated("the harness ended while the sandbox was entered".into()));
    }
    Ok(())
}

/// Whether nobody holds the other end of a pipe any more. Inside, the guard has no pid to look for.
fn hung_up(pipe: &fs::File) -> bool {
    let mut fds = [PollFd::new(pipe.as_fd(), PollFlags::empty())];
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
}

/// What the guard says, in one line, once it has put pid 1 under the bounds. The pipe stays open as long as the guard lives.
fn told(guard: &mut fs::File) -> io::Result<Option<Together>> {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        guard.read_exact(&mut byte)?;
        line.extend(byte);
    }
    serde_json::from_slice(&line).map_err(io::Error::other)
}

/// The guard's whole life: wait for pid 1.
fn exit_code(init: Pid) -> u8 {
    loop {
        match waitpid(init, None) {
            Ok(WaitStatus::Exited(_, code)) => return code as u8,
            Err(Errno::EINTR) => {}
            _ => return 3,
        }
    }
}

/// A folder to put the new root over. None of those that it will show: each is shown with what is mounted on it.
fn base(lower: &Lower) -> Result<&Path, SandboxError> {
    let usual = ["/tmp", "/run", "/mnt", "/var/tmp"].map(Path::new).into_iter().chain(lower.probes.parent());
    let shown = [Some(&lower.image), Some(&lower.probes), lower.hidden.as_ref()];
    let free = |path: &&Path| path.is_dir() && *path != Path::new("/") && !shown.iter().flatten().any(|s| s == path);
    usual.into_iter().find(free).ok_or_else(|| SandboxError::Step {
        step: "looking for a folder to build a root on (/tmp, /run, /mnt or /var/tmp)".into(),
        source: io::Error::from(io::ErrorKind::NotFound),
    })
}

/// A root of the agent's own, in memory: the image and the probes read-only, devices, /proc; nothing of the host.
fn build_root(lower: &Lower) -> Result<(), SandboxError> {
    let base = base(lower)?;
    let inside = |path: &str| PathBuf::from(format!("{}{path}", base.display()));
    // The folders may lie under `base`, which the new root is about to cover: hold them by descriptors.
    let open =
        |what: &str, path: &Path| fs::File::open(path).map_err(step(format!("opening the {what} {}", path.display())));
    let mut shown = vec![(open("image", &lower.image)?, place::IMAGE), (open("probes", &lower.probes)?, place::PROBES)];
    if let Some(hidden) = &lower.hidden {
        shown.push((open("hidden paths", hidden)?, place::HIDDEN));
    }

    let emulator = lower.emulator.as_ref().map(|emulator| Ok((emulator, emulator::open(emulator)?))).transpose()?;

    bind(None, Path::new("/"), MsFlags::MS_PRIVATE | MsFlags::MS_REC)?;
    mount(Some("tmpfs"), base, Some("tmpfs"), MsFlags::MS_NOSUID, Some("size=1m,mode=755"))
        .map_err(step(format!("mounting a root at {}", base.display())))?;
    for folder in [place::DEV, place::CASE, "/proc", "/old"] {
        make_dir(&inside(folder))?;
    }
    for (source, target) in &shown {
        make_dir(&inside(target))?;
        bind_read_only(source, &inside(target))?;
    }
    if let Some((emulator, file)) = &emulator {
        make_dir(&inside(place::FORMATS))?;
        emulator::tell(emulator, file, &inside(place::FORMATS))?;
    }
    devices(&inside(place::DEV))?;
    mount(
        Some("proc"),
        &inside("/proc"),
        Some("proc"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC,
        None::<&str>,
    )
    .map_err(step("mounting /proc (masked in this container? `libcdiff doctor` tells)"))?;
    pivot_root(base, &inside("/old")).map_err(step("changing the root"))?;
    chdir("/").map_err(step("entering the new root"))?;
    umount2("/old", MntFlags::MNT_DETACH).map_err(step("letting go of the old root"))?;
    sethostname("libcdiff").map_err(step("setting the host name"))?;
    sys::loopback_up().map_err(|e| SandboxError::Step { step: "putting the loopback interface up".into(), source: e })
}

fn bind(source: Option<&Path>, target: &Path, flags: MsFlags) -> Result<(), SandboxError> {
    mount(source, target, None::<&str>, flags, None::<&str>).map_err(step(format!("mounting {}", target.display())))
}

/// Binds a folder and makes the bind read-only, keeping whatever restriction it has already: the kernel insists on that
/// for mounts that come from outside the user namespace.
fn bind_read_only(source: &fs::File, target: &Path) -> Result<(), SandboxError> {
    use std::os::fd::AsRawFd;
    let source = PathBuf::from(format!("/proc/self/fd/{}", source.as_raw_fd()));
    bind(Some(&source), target, MsFlags::MS_BIND | MsFlags::MS_REC)?;
    let now = statvfs(target).map_err(step(format!("reading the flags of {}", target.display())))?.flags();
    let kept = [
        (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
        (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
    ];
    let kept = kept.iter().filter(|(is, _)| now.contains(*is)).fold(MsFlags::empty(), |all, (_, flag)| all | *flag);
    bind(None, target, MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | kept)
}

/// The devices that every program may expect, bound from the host: making them anew takes a privilege.
fn devices(dev: &Path) -> Result<(), SandboxError> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    mount(Some("tmpfs"), dev, Some("tmpfs"), flags, Some("size=64k,mode=755")).map_err(step("mounting /dev"))?;
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        let target = dev.join(name);
        fs::write(&target, "")
            .map_err(|e| SandboxError::Step { step: format!("creating {}", target.display()), source: e })?;
        bind(Some(&Path::new("/dev").join(name)), &target, MsFlags::MS_BIND)?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        // A case that wants to see what syslog sends listens there; nobody does otherwise.
        ("log", "/tmp/.log"),
    ] {
        std::os::unix::fs::symlink(target, dev.join(name))
            .map_err(|e| SandboxError::Step { step: format!("linking /dev/{name}"), source: e })?;
    }
    make_dir(&dev.join("shm"))?;
    bind(None, dev, MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY | flags)
}

/// Looks at what was entered: pid 1, uid 0 of another user namespace, no network but loopback, no mount from outside.
fn verify() -> Result<(), SandboxError> {
    let not = |what: String| Err(SandboxError::NotIsolated(what));
    let read = |path: &str| {
        fs::read_to_string(path).map_err(|e| SandboxError::Step { step: format!("reading {path}"), source: e })
    };
    if getpid().as_raw() != 1 {
        return not(format!("this process has pid {} instead of 1", getpid()));
    }
    let interfaces: Vec<String> = read("/proc/net/dev")?
        .lines()
        .skip(2)
        .filter_map(|line| line.split(':').next().map(|name| name.trim().to_owned()))
        .filter(|name| name != "lo" && !never_carries(name))
        .collect();
    if !interfaces.is_empty() {
        return not(format!("it has the network interfaces {}", interfaces.join(", ")));
    }
    let ours = [place::IMAGE, place::PROBES, place::HIDDEN, place::DEV, place::FORMATS, "/proc"];
    for line in read("/proc/self/mountinfo")?.lines() {
        let Some(point) = line.split(' ').nth(4) else { continue };
        if point != "/" && !ours.iter().any(|known| Path::new(point).starts_with(known)) {
            return not(format!("{point} is mounted in it"));
        }
    }
    Ok(())
}

/// Tunnel ends that the kernel puts into every network namespace, down and without a way out.
fn never_carries(interface: &str) -> bool {
    ["tunl0", "sit0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0"].contains(&interface)
}

fn make_dir(path: &Path) -> Result<(), SandboxError> {
    fs::create_dir(path).map_err(|e| SandboxError::Step { step: format!("creating {}", path.display()), source: e })
}

/// Turns an error number into an error that says which step failed.
pub fn step<E: Into<std::io::Error>>(step: impl Into<String>) -> impl FnOnce(E) -> SandboxError {
    let step = step.into();
    move |source| SandboxError::Step { step, source: source.into() }
}

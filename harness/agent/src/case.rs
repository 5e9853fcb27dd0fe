//! One case: namespaces of its own, a fresh root, its DNS servers, and the program with its limits.
//!
//! This process is pid 1 of the case's pid namespace: when it ends, the kernel ends whatever the program has left running.
//! The program's process waits at a gate until its servers listen.

use std::collections::VecDeque;
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use libcdiff_protocol::{Item, Message, Observation};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::CloneFlags;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, chdir, chroot, dup2_stderr, dup2_stdin, dup2_stdout, execve, sethostname};

use crate::dns::Lab;
use crate::dns::relay::{Outfit, Relay};
use crate::layer::{self, place};
use crate::memory::{Cgroup, Limit, Outcome, together, watch};
use crate::sys::{self, Side};
use crate::{filter, limits, observe, procfs, sandbox, session};

/// Why a case could not be run. Says nothing about the C library.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Namespaces.
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    /// A mount.
    #[error("mounting {what} at {}: {errno}", target.display())]
    Mount {
        /// What.
        what: String,
        /// Where.
        target: PathBuf,
        /// What came back.
        errno: Errno,
    },
    /// A file or folder.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, to what.
        what: String,
        /// What came back.
        source: std::io::Error,
    },
    /// The plan asks for something that makes no sense.
    #[error("{0}")]
    Plan(String),
}

impl CaseError {
    /// An error of doing something to a path.
    pub fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { what: format!("{doing} {}", path.display()), source }
    }
    /// An error of a system call.
    pub fn call(what: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        let what = what.into();
        move |errno| Self::Io { what, source: errno.into() }
    }
}

/// The program's process, before and while it runs.
struct Program {
    pid: Pid,
    stdout: File,
    stderr: File,
    /// Says nothing when the program was started, and otherwise why it was not.
    trouble: File,
    /// Opened by a byte when the servers listen.
    gate: File,
    /// Tells, just before the program starts, how long its process had waited for a processor until then.
    waited: File,
}

/// How the program ended, and what it wrote.
pub struct Run {
    /// Its end, `None` when it was stopped at its deadline.
    pub end: Option<WaitStatus>,
    /// Standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// Standard error, up to the limit.
    pub stderr: Vec<u8>,
    /// It was stopped because it wrote more than it may.
    pub flooded: bool,
    /// From the gate to its end.
    pub elapsed: Duration,
    /// How long it was ready to run and did not, from its start to its end.
    pub delay: Duration,
    /// What came of the limit on its memory, where it had one.
    pub memory: Option<Outcome>,
}

/// Runs one case in this process, which is its own, and writes its message to `output`. `outfit` is what a relay
/// takes, `cgroup` what holds the program to its limit on memory.
pub fn run(item: &Item, mut output: File, outfit: Option<Outfit>, cgroup: Option<Cgroup>) {
    let message = observation(item, outfit, cgroup)
        .map_or_else(|e| session::broke(item, e.to_string()), |o| Message::Observation(Box::new(o)));
    if let Ok(line) = serde_json::to_string(&message) {
        // The session sees a missing line and says so itself.
        let _ = output.write_all(line.as_bytes()).and_then(|()| output.write_all(b"\n"));
    }
}

fn observation(item: &Item, outfit: Option<Outfit>, cgroup: Option<Cgroup>) -> Result<Observation, CaseError> {
    sandbox::map_ids()?;
    // Nobody may look into this process through the case's /proc: its root and its executable are the agent's own.
    nix::sys::prctl::set_dumpable(false).map_err(CaseError::call("hiding from the program"))?;
    if let Some(name) = &item.hostname {
        sethostname(name).map_err(CaseError::call(format!("setting the host name `{name}`")))?;
    }
    let root = layer::build(place::IMAGE, &item.files, item.limits.disk_bytes)?;
    let limit = Limit::of(item, cgroup);
    let program = start_program(item, Ground::Own(&root), limit.as_ref())?;
    let start =
        |script| Lab::start(script).map_err(|e| CaseError::Io { what: "starting the DNS servers".into(), source: e });
    let lab = item.dns.as_ref().map(start).transpose()?;
    let relay = item.relay.as_ref().zip(outfit).map(|(relay, outfit)| Relay::start(relay, outfit));
    let relay = relay.transpose().map_err(|e| CaseError::Io { what: "starting the relay".into(), source: e })?;
    let run = attend(item, &root.join("proc"), program, limit.as_ref())?;
    let wire = lab.map(|lab| {
        end_all();
        lab.finish()
    });
    let mut seen = observe::observation(item, &run, wire);
    if let Some(relay) = relay {
        end_all();
        relay.finish().add_to(&mut seen);
    }
    Ok(seen)
}

/// The namespaces of a case's own. Its network, where it has one, is lent by the session.
pub fn namespaces(item: &Item) -> CloneFlags {
    let host = if item.hostname.is_some() { CloneFlags::CLONE_NEWUTS } else { CloneFlags::empty() };
    let own = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
    own | host
}

/// Ends whatever the program has left running, so that the servers can be asked for all they saw. Without servers this
/// is left to the kernel, which does the same when this process, pid 1 of the case, ends.
fn end_all() {
    while kill(Pid::from_raw(-1), Signal::SIGKILL).is_ok() {
        while waitpid(None, None).is_ok() {}
    }
}

/// Where a program runs.
#[derive(Clone, Copy)]
enum Ground<'a> {
    /// In a root of its case's own.
    Own(&'a Path),
    /// In the container that somebody else made, as it is.
    Shared,
}

impl Ground<'_> {
    fn enter(self, item: &Item) -> Result<(), CaseError> {
        let Self::Own(root) = self else { return chdir("/").map_err(CaseError::call("entering the root folder")) };
        procfs::mount_in(root, &item.limits)?;
        together::offer_to_be_ended(&root.join("proc")).map_err(|e| CaseError::Io {
            what: "putting the program first of what is ended for memory".into(),
            source: e,
        })?;
        chroot(root).and_then(|()| chdir("/")).map_err(CaseError::call("entering the case's root"))
    }

    fn limit(self, item: &Item) -> Result<(), CaseError> {
        match self {
            Self::Own(_) => {
                sys::drop_privileges().map_err(CaseError::call("dropping privileges"))?;
                limits::apply(&item.limits)
            }
            Self::Shared => {
                sys::drop_what_there_is().map_err(CaseError::call("dropping privileges"))?;
                limits::apply_shared(&item.limits)
            }
        }
    }
}

/// Runs the program of a case in the container that this process is in, as it is.
pub fn run_here(item: &Item) -> Result<Observation, CaseError> {
    let program = start_program(item, Ground::Shared, None)?;
    let run = attend(item, Path::new("/proc"), program, None)?;
    Ok(observe::observation(item, &run, None))
}

fn start_program(item: &Item, ground: Ground<'_>, limit: Option<&Limit>) -> Result<Program, CaseError> {
    let pipe = || sys::pipe().map_err(CaseError::call("making a pipe"));
    let ((stdout, out), (stderr, err), (trouble, report), (go, gate)) = (pipe()?, pipe()?, pipe()?, pipe()?);
    let (waited, wait) = pipe()?;
    match sys::fork().map_err(CaseError::call("starting the program's process"))? {
        Side::Parent(pid) => Ok(Program { pid, stdout, stderr, trouble, gate, waited }),
        Side::Child => {
            drop((stdout, stderr, trouble, gate, waited));
            let error = become_program(item, ground, limit, [&out, &err, &wait], go);
            let _ = (&report).write_all(error.to_string().as_bytes());
            sys::exit_now(127)
        }
    }
}

/// Turns this process into the program; returns only when that failed.
fn become_program(
    item: &Item,
    ground: Ground<'_>,
    limit: Option<&Limit>,
    [out, err, mut wait]: [&File; 3],
    mut go: File,
) -> CaseError {
    let prepared = (|| {
        ground.enter(item)?;
        let null = File::open("/dev/null").map_err(|e| CaseError::io("opening", Path::new("/dev/null"), e))?;
        dup2_stdin(&null)
            .and_then(|()| dup2_stdout(out))
            .and_then(|()| dup2_stderr(err))
            .map_err(CaseError::call("connecting the streams"))?;
        if let Some(limit) = limit {
            limit.enter().map_err(|e| CaseError::Io { what: "entering the program's cgroup".into(), source: e })?;
        }
        ground.limit(item)?;
        sys::reset_signals();
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
        // The gate closes without a byte when the case gives up.
        go.read_exact(&mut [0]).map_err(|_| CaseError::Plan("the case was given up before it started".into()))?;
        let _ = wait.write_all(&procfs::run_delay(Path::new("/proc/self")).as_nanos().to_string().into_bytes());
        // From here on there is nothing left to do but what the program may do too.
        filter::install().map_err(CaseError::call("filtering system calls"))
    })();
    if let Err(e) = prepared {
        return e;
    }
    let program = format!("{}/{}", place::PROBES_INSIDE, item.program);
    let text = |s: String| CString::new(s).map_err(|e| CaseError::Plan(format!("an argument holds a NUL byte: {e}")));
    let arguments =
        std::iter::once(program.clone()).chain(item.args.iter().cloned()).map(text).collect::<Result<Vec<_>, _>>();
    let fixed = [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/root")];
    // A variable that is there twice means one thing to getenv and another to a shell.
    let fixed = fixed.into_iter().filter(|(name, _)| !item.env.iter().any(|(given, _)| given == name));
    let variables = fixed.chain(item.env.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let environment = variables.map(|(k, v)| text(format!("{k}={v}"))).collect::<Result<Vec<_>, _>>();
    match (arguments, environment) {
        (Ok(arguments), Ok(environment)) => match execve(&arguments[0].clone(), &arguments, &environment) {
            Ok(never) => match never {},
            Err(e) => CaseError::call(format!("starting {program}"))(e),
        },
        (Err(e), _) | (_, Err(e)) => e,
    }
}

/// Opens the gate, reads what the program writes, and waits for its end or its deadline.
fn attend(item: &Item, proc: &Path, mut program: Program, limit: Option<&Limit>) -> Result<Run, CaseError> {
    let pidfd = sys::pidfd_open(program.pid).map_err(CaseError::call("watching the program"))?;
    let start = Instant::now();
    let deadline = start + Duration::from_millis(item.limits.deadline_ms);
    let _ = program.gate.write_all(b"g");
    let mut streams = [program.stdout, program.stderr].map(|file| (Some(file), Vec::new()));
    let watched = limit.and_then(Limit::watched);
    let (ended, flooded, over) = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break (false, false, false);
        }
        if watched.is_some_and(|bytes| watch::resident_bytes(proc) > bytes) {
            break (false, false, true);
        }
        // A stream that is at its end would be ready for ever.
        let open = streams.iter().filter_map(|(file, _)| file.as_ref());
        let mut fds: Vec<PollFd<'_>> = std::iter::once(pidfd.as_fd())
            .chain(open.map(AsFd::as_fd))
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        let left = if watched.is_some() { watch::EVERY_MS.into() } else { left.as_millis().max(1) };
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        if poll(&mut fds, timeout).is_err() {
            continue;
        }
        let mut ready: VecDeque<bool> = fds.iter().map(|fd| fd.any().unwrap_or(true)).collect();
        let ended = ready.pop_front().unwrap_or(false);
        let mut read = false;
        for (file, kept) in &mut streams {
            if file.is_some() && ready.pop_front().unwrap_or(false) {
                read |= take(file, kept);
            }
        }
        if streams.iter().any(|(_, kept)| kept.len() as u64 > item.limits.output_bytes) {
            break (false, true, false);
        }
        if ended && !read {
            break (true, false, false);
        }
    };
    if !ended {
        let _ = kill(program.pid, Signal::SIGKILL);
    }
    let elapsed = start.elapsed();
    // What has ended can still be read of until it is waited for.
    let delay = procfs::run_delay(&proc.join(program.pid.to_string()));
    let (end, peak_bytes) = sys::wait_for(program.pid).unwrap_or((None, 0));
    let end = end.filter(|_| ended);
    let memory = limit.map(|limit| limit.outcome(over, peak_bytes));
    let [(_, stdout), (_, stderr)] = streams;
    let [mut trouble, mut waited] = [String::new(), String::new()];
    let _ = program.trouble.read_to_string(&mut trouble);
    let _ = program.waited.read_to_string(&mut waited);
    let delay = delay.saturating_sub(Duration::from_nanos(waited.parse().unwrap_or(0)));
    match trouble.is_empty() {
        true => Ok(Run { end, stdout, stderr, flooded, elapsed, delay, memory }),
        false => Err(CaseError::Plan(trouble)),
    }
}

/// Reads once, and lets go of a stream that is at its end; true when something came.
fn take(file: &mut Option<File>, kept: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 16 << 10];
    match file.as_mut().map(|file| file.read(&mut buffer)) {
        Some(Ok(n)) if n > 0 => {
            kept.extend_from_slice(&buffer[..n]);
            true
        }
        Some(Err(e)) if e.kind() == std::io::ErrorKind::Interrupted => true,
        _ => {
            *file = None;
            false
        }
    }
}

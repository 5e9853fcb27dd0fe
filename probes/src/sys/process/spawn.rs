//! `posix_spawn`: its file actions, its attributes, and what it answers where a step fails.

use core::ffi::{CStr, c_char, c_int, c_short};

use super::{describe_child, say};
use crate::outcome::Outcome;
use crate::sys::call::lookup;
use crate::sys::place::Place;
use crate::text;

/// One file action.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// `addopen` with these flags.
    Open(c_int, &'static CStr, c_int),
    /// `adddup2`
    Dup2(c_int, c_int),
    /// `addclose`
    Close(c_int),
    /// `addchdir_np`
    Chdir(&'static CStr),
    /// `addfchdir_np`
    Fchdir(c_int),
    /// `addclosefrom_np`
    CloseFrom(c_int),
}

/// What is arranged for the new process beside file actions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Attributes {
    /// Flags of `posix_spawnattr_setflags`.
    pub flags: c_short,
    /// A signal for `setsigmask`.
    pub blocked: Option<c_int>,
    /// A signal for `setsigdefault`.
    pub defaulted: Option<c_int>,
    /// A signal that this process ignores.
    pub ignored: Option<c_int>,
}

type Actions = libc::posix_spawn_file_actions_t;

/// Adds one action: what the function returned, nothing where there is no such function.
unsafe fn add(actions: *mut Actions, action: Action) -> Option<c_int> {
    type Named = unsafe extern "C" fn(*mut Actions, *const c_char) -> c_int;
    type Numbered = unsafe extern "C" fn(*mut Actions, c_int) -> c_int;
    // SAFETY: the caller vouches for the object; strings are terminated; signatures are those of spawn.h.
    unsafe {
        Some(match action {
            Action::Open(fd, path, flags) => {
                libc::posix_spawn_file_actions_addopen(actions, fd, path.as_ptr(), flags, 0o644)
            }
            Action::Dup2(from, to) => libc::posix_spawn_file_actions_adddup2(actions, from, to),
            Action::Close(fd) => libc::posix_spawn_file_actions_addclose(actions, fd),
            Action::Chdir(path) => lookup::<Named>(c"posix_spawn_file_actions_addchdir_np")?(actions, path.as_ptr()),
            Action::Fchdir(fd) => lookup::<Numbered>(c"posix_spawn_file_actions_addfchdir_np")?(actions, fd),
            Action::CloseFrom(fd) => lookup::<Numbered>(c"posix_spawn_file_actions_addclosefrom_np")?(actions, fd),
        })
    }
}

/// Starts `/bin/sh -c told` with these actions and attributes, in a folder that holds a file `data` and a folder `inside`.
/// Descriptor 7 is open and closed on exec, 8 and 9 are open, none other above 2.
pub fn shell(o: &mut Outcome, told: &CStr, actions: &[Action], attributes: Attributes) {
    program(o, c"/bin/sh", told, actions, attributes);
}

/// As [`shell`], with another program.
pub fn program(o: &mut Outcome, path: &CStr, told: &CStr, actions: &[Action], attributes: Attributes) {
    let Some(place) = o.need("making a folder", Place::enter()) else { return };
    let laid = place.file(c"data", b"said by a file\n", 0o644).and_then(|()| place.folder(c"inside"));
    if o.need("laying out files", laid).is_none() {
        return;
    }
    // SAFETY: see `start`, whose arguments are the caller's.
    describe_child(o, || unsafe { start(path, told, actions, attributes) });
}

/// # Safety
/// To be called in a child of its own with one thread.
unsafe fn start(path: &CStr, told: &CStr, actions: &[Action], attributes: Attributes) -> c_int {
    // SAFETY: objects are initialised before they are used; descriptors up to 63 belong to this child; strings are terminated.
    unsafe {
        for fd in 3..64 {
            libc::close(fd);
        }
        libc::dup2(0, 8);
        libc::dup2(0, 9);
        libc::fcntl(libc::dup2(0, 7), libc::F_SETFD, libc::FD_CLOEXEC);
        let mut list: Actions = core::mem::zeroed();
        libc::posix_spawn_file_actions_init(&mut list);
        for action in actions {
            match add(&mut list, *action) {
                Some(0) => {}
                Some(code) => say(format_args!("action: {}", text::errno(code))),
                None => {
                    say("action: absent");
                    return 0;
                }
            }
        }
        let mut attr: libc::posix_spawnattr_t = core::mem::zeroed();
        libc::posix_spawnattr_init(&mut attr);
        let code = libc::posix_spawnattr_setflags(&mut attr, attributes.flags);
        if code != 0 {
            say(format_args!("flags: {}", text::errno(code)));
        }
        let mut set: libc::sigset_t = core::mem::zeroed();
        libc::sigemptyset(&mut set);
        if let Some(signal) = attributes.blocked {
            libc::sigaddset(&mut set, signal);
            libc::posix_spawnattr_setsigmask(&mut attr, &set);
        }
        if let Some(signal) = attributes.defaulted {
            libc::sigaddset(&mut set, signal);
            libc::posix_spawnattr_setsigdefault(&mut attr, &set);
        }
        if let Some(signal) = attributes.ignored {
            libc::signal(signal, libc::SIG_IGN);
        }
        let argv = [c"sh".as_ptr(), c"-c".as_ptr(), told.as_ptr(), core::ptr::null()];
        let variables = [c"PATH=/usr/bin:/bin".as_ptr(), core::ptr::null::<c_char>()];
        let mut pid = -1;
        let (argv, variables) = (argv.as_ptr().cast(), variables.as_ptr().cast());
        let code = libc::posix_spawn(&mut pid, path.as_ptr(), &list, &attr, argv, variables);
        if code != 0 {
            say(format_args!("spawn: {}", text::errno(code)));
            return 0;
        }
        let mut status = 0;
        libc::waitpid(pid, &mut status, 0);
        if libc::WIFSIGNALED(status) {
            say(format_args!("child: {}", text::signal(libc::WTERMSIG(status))));
        } else if libc::WEXITSTATUS(status) != 0 {
            say(format_args!("child: exit {}", libc::WEXITSTATUS(status)));
        }
    }
    0
}

/// The setters of attributes and what they say.
pub fn setters(o: &mut Outcome) {
    // SAFETY: the object is initialised before it is used; the structures are of numbers.
    unsafe {
        let mut attr: libc::posix_spawnattr_t = core::mem::zeroed();
        o.fact("init", text::errno(libc::posix_spawnattr_init(&mut attr)));
        for flags in [0x80, 0x100, 0x4000, 0x7fff] {
            let code = libc::posix_spawnattr_setflags(&mut attr, flags as c_short);
            o.fact(&heap::format!("setflags_{flags:x}"), text::errno(code));
        }
        o.fact("setpgroup_-1", text::errno(libc::posix_spawnattr_setpgroup(&mut attr, -1)));
        o.fact("setschedpolicy", text::errno(libc::posix_spawnattr_setschedpolicy(&mut attr, libc::SCHED_BATCH)));
        o.fact("setschedpolicy_99", text::errno(libc::posix_spawnattr_setschedpolicy(&mut attr, 99)));
        let param: libc::sched_param = core::mem::zeroed();
        o.fact("setschedparam", text::errno(libc::posix_spawnattr_setschedparam(&mut attr, &param)));
        let mut param = param;
        o.fact("getschedparam", text::errno(libc::posix_spawnattr_getschedparam(&attr, &mut param)));
    }
}

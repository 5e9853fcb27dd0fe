//! Which functions a C library has: what a program built elsewhere may not find.

use core::ffi::CStr;

use crate::case::{Needs, cases};
use crate::sys::process::names::present;

const NOTHING: Needs = Needs::NOTHING;

macro_rules! tables {
    ($($id:literal, $title:literal, $what:literal, $source:literal, [$($name:literal)*];)*) => {
        cases! { $(
            $id, $title, concat!("Which ", $what, " does the C library have?"), $source, NOTHING,
            |o| { const NAMES: &[&CStr] = &[$($name),*]; present(o, NAMES) };
        )* }
    };
}

tables! {
    "process.functions.gnu", "functions of GNU headers", "functions of execinfo.h, error.h, argp.h, obstack.h and fts.h",
        "musl wiki, functional differences and FAQ: not provided",
        [c"argp_parse" c"argp_usage" c"backtrace" c"backtrace_symbols" c"error" c"error_at_line" c"fts_open" c"fts_read"
         c"_obstack_begin" c"_obstack_newchunk" c"obstack_printf" c"rpmatch" c"wordexp"];
    "process.functions.context", "functions of ucontext.h", "functions of ucontext.h", "POSIX 2001 makecontext, removed in 2008; musl has none",
        [c"getcontext" c"makecontext" c"setcontext" c"swapcontext"];
    "process.functions.version", "functions that say which C library it is", "functions that name the C library or its variants",
        "gnu_get_libc_version(3), dlvsym(3), register_printf_function",
        [c"gnu_get_libc_release" c"gnu_get_libc_version" c"dlvsym" c"dlmopen" c"__libc_start_main" c"__cxa_thread_atexit_impl"
         c"__errno_location" c"__libc_current_sigrtmin" c"_dl_find_object" c"__register_atfork"];
    "process.functions.fortified", "functions of fortified programs", "functions that a program built with _FORTIFY_SOURCE calls",
        "glibc debug/; LSB; alpine-pkg-glibc#57",
        [c"__memcpy_chk" c"__strcpy_chk" c"__sprintf_chk" c"__snprintf_chk" c"__printf_chk" c"__fprintf_chk" c"__vsnprintf_chk"
         c"__read_chk" c"__fdelt_chk" c"__longjmp_chk" c"__fgets_chk" c"__realpath_chk" c"__strcat_chk" c"__syslog_chk"
         c"__stack_chk_fail" c"__asprintf_chk" c"__poll_chk"];
    "process.functions.newer", "wrappers of newer system calls", "wrappers of system calls that came after 2010",
        "glibc NEWS 2.30 to 2.41, musl WHATSNEW 1.2.2 to 1.2.6",
        [c"close_range" c"closefrom" c"copy_file_range" c"epoll_pwait2" c"execveat" c"fsopen" c"getcpu" c"getdents64" c"getentropy"
         c"getrandom" c"gettid" c"memfd_create" c"mlock2" c"mount_setattr" c"name_to_handle_at" c"pidfd_getfd" c"pidfd_open"
         c"pidfd_send_signal" c"pkey_alloc" c"preadv2" c"process_madvise" c"process_mrelease" c"process_vm_readv" c"renameat2"
         c"sched_setattr" c"setns" c"statx" c"tgkill"];
    "process.functions.spawn", "functions around spawn", "later additions to spawn.h",
        "POSIX 2024 spawn.h; glibc 2.29, 2.34, 2.35, 2.39; musl 1.1.24",
        [c"posix_spawn_file_actions_addchdir" c"posix_spawn_file_actions_addchdir_np" c"posix_spawn_file_actions_addclosefrom_np"
         c"posix_spawn_file_actions_addfchdir" c"posix_spawn_file_actions_addfchdir_np" c"posix_spawn_file_actions_addtcsetpgrp_np"
         c"posix_spawnattr_setcgroup_np" c"pidfd_spawn" c"pidfd_spawnp" c"_Fork" c"at_quick_exit" c"quick_exit" c"on_exit"];
    "process.functions.signals", "functions around signals", "functions on signals and their names",
        "POSIX 2024 sig2str; glibc 2.32 sigabbrev_np; System V and BSD",
        [c"bsd_signal" c"psiginfo" c"psignal" c"sig2str" c"sigabbrev_np" c"sigandset" c"sigblock" c"sigdescr_np" c"siggetmask"
         c"sigisemptyset" c"sigpause" c"sigqueue" c"sigreturn" c"sigset" c"sigsetmask" c"sigstack" c"sigvec" c"str2sig"
         c"sysv_signal" c"__sysv_signal" c"gsignal" c"ssignal" c"killpg" c"sys_siglist"];
    "process.functions.legacy", "functions that few programs call", "functions of old systems",
        "BSD and System V; glibc and musl differ in what they kept",
        [c"acct" c"brk" c"cuserid" c"daemon" c"endttyent" c"endusershell" c"fattach" c"getdate" c"getpass" c"getttyent" c"getw"
         c"gtty" c"lutimes" c"nfsservctl" c"profil" c"revoke" c"setlogin" c"stime" c"stty" c"swab" c"sysctl" c"ustat" c"vhangup"
         c"vlimit" c"vtimes" c"getumask" c"forkpty" c"openpty" c"login_tty" c"isfdtype" c"sstk"];
}

//! What the C library says of the system: `sysconf`, `confstr`, processors, limits.

use core::ffi::c_int;

use crate::case::{Needs, cases};
use crate::sys::process::{names, numbers};

const SYSCONF: &str = "POSIX sysconf, unistd.h, limits.h; glibc sysdeps/posix/sysconf.c, musl src/conf/sysconf.c";
const CONFSTR: &str = "POSIX confstr; glibc posix/confstr.c, musl src/conf/confstr.c";
const NOTHING: Needs = Needs::NOTHING;

macro_rules! named {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}

/// Options of POSIX, whose answer is the version of the standard or -1.
const OPTIONS: &[(&str, c_int)] = named! {
    _SC_VERSION _SC_JOB_CONTROL _SC_SAVED_IDS _SC_REGEXP _SC_SHELL _SC_FSYNC _SC_MAPPED_FILES _SC_MEMLOCK
    _SC_MEMLOCK_RANGE _SC_MEMORY_PROTECTION _SC_MESSAGE_PASSING _SC_SEMAPHORES _SC_SHARED_MEMORY_OBJECTS
    _SC_SYNCHRONIZED_IO _SC_ASYNCHRONOUS_IO _SC_PRIORITIZED_IO _SC_PRIORITY_SCHEDULING _SC_REALTIME_SIGNALS _SC_TIMERS
    _SC_MONOTONIC_CLOCK _SC_CLOCK_SELECTION _SC_CPUTIME _SC_SPAWN _SC_SPORADIC_SERVER _SC_TIMEOUTS
    _SC_TYPED_MEMORY_OBJECTS _SC_ADVISORY_INFO _SC_BARRIERS _SC_READER_WRITER_LOCKS _SC_SPIN_LOCKS _SC_THREADS
    _SC_THREAD_SAFE_FUNCTIONS _SC_TRACE _SC_IPV6 _SC_RAW_SOCKETS
};
/// The shell and utilities.
const UTILITIES: &[(&str, c_int)] = named! {
    _SC_2_VERSION _SC_2_C_BIND _SC_2_C_DEV _SC_2_CHAR_TERM _SC_2_FORT_DEV _SC_2_FORT_RUN _SC_2_LOCALEDEF _SC_2_PBS
    _SC_2_SW_DEV _SC_2_UPE
};
/// The X/Open extensions.
const XOPEN: &[(&str, c_int)] = named! {
    _SC_XOPEN_VERSION _SC_XOPEN_XCU_VERSION _SC_XOPEN_UNIX _SC_XOPEN_CRYPT _SC_XOPEN_ENH_I18N _SC_XOPEN_SHM
    _SC_XOPEN_LEGACY _SC_XOPEN_REALTIME _SC_XOPEN_REALTIME_THREADS _SC_XOPEN_STREAMS _SC_STREAMS _SC_V6_ILP32_OFF32
    _SC_V6_ILP32_OFFBIG _SC_V6_LP64_OFF64 _SC_V6_LPBIG_OFFBIG
};
/// Limits that are the C library's.
const LIMITS: &[(&str, c_int)] = named! {
    _SC_ATEXIT_MAX _SC_BC_BASE_MAX _SC_BC_DIM_MAX _SC_BC_SCALE_MAX _SC_BC_STRING_MAX _SC_COLL_WEIGHTS_MAX
    _SC_EXPR_NEST_MAX _SC_LINE_MAX _SC_RE_DUP_MAX _SC_AIO_LISTIO_MAX _SC_AIO_MAX _SC_AIO_PRIO_DELTA_MAX _SC_DELAYTIMER_MAX
    _SC_MQ_OPEN_MAX _SC_MQ_PRIO_MAX _SC_RTSIG_MAX _SC_TIMER_MAX _SC_IOV_MAX _SC_TZNAME_MAX _SC_SYMLOOP_MAX
    _SC_STREAM_MAX
};
/// Limits of names.
const NAMES: &[(&str, c_int)] = named! { _SC_HOST_NAME_MAX _SC_LOGIN_NAME_MAX _SC_TTY_NAME_MAX _SC_NGROUPS_MAX };
/// Sizes of buffers for the functions that look users up.
const BUFFERS: &[(&str, c_int)] = named! { _SC_GETPW_R_SIZE_MAX _SC_GETGR_R_SIZE_MAX };
/// Figures of the machine.
const MACHINE: &[(&str, c_int)] = named! {
    _SC_PAGESIZE _SC_PHYS_PAGES _SC_AVPHYS_PAGES _SC_NPROCESSORS_CONF _SC_NPROCESSORS_ONLN _SC_ARG_MAX _SC_CHILD_MAX
    _SC_SIGQUEUE_MAX
};
/// Caches, by glibc's numbers.
const CACHES: &[(&str, c_int)] = &[("_SC_LEVEL1_DCACHE_SIZE", 188), ("_SC_LEVEL1_DCACHE_LINESIZE", 190)];
const UNKNOWN: &[(&str, c_int)] = &[("-1", -1), ("247", 247), ("251", 251), ("9999", 9999)];

const STRINGS: &[(&str, c_int)] = &[
    ("_CS_PATH", 0),
    ("_CS_V6_WIDTH_RESTRICTED_ENVS", 1),
    ("_CS_GNU_LIBC_VERSION", 2),
    ("_CS_GNU_LIBPTHREAD_VERSION", 3),
    ("_CS_V5_WIDTH_RESTRICTED_ENVS", 4),
    ("_CS_V7_WIDTH_RESTRICTED_ENVS", 5),
    ("_CS_LFS_CFLAGS", 1000),
    ("_CS_POSIX_V6_LP64_OFF64_CFLAGS", 1124),
    ("_CS_POSIX_V6_LP64_OFF64_LDFLAGS", 1125),
    ("_CS_POSIX_V7_LP64_OFF64_CFLAGS", 1140),
    ("_CS_V6_ENV", 1148),
    ("_CS_V7_ENV", 1149),
    ("-1", -1),
    ("9999", 9999),
];

cases! {
    "process.sysconf.options", "options of POSIX", "What does sysconf say of the options of POSIX?", SYSCONF, NOTHING, |o| numbers::sysconf(o, OPTIONS);
    "process.sysconf.utilities", "options of the utilities", "What does sysconf say of the shell and utilities?", SYSCONF, NOTHING, |o| numbers::sysconf(o, UTILITIES);
    "process.sysconf.xopen", "options of X/Open", "What does sysconf say of the X/Open extensions?", SYSCONF, NOTHING, |o| numbers::sysconf(o, XOPEN);
    "process.sysconf.limits", "limits of the C library", "What does sysconf say of limits that do not depend on the machine?", SYSCONF, NOTHING,
        |o| numbers::sysconf(o, LIMITS);
    "process.sysconf.names", "limits of names", "How long may names be, and how many groups may a process have, by sysconf?",
        "POSIX limits.h: HOST_NAME_MAX, LOGIN_NAME_MAX, TTY_NAME_MAX, NGROUPS_MAX", NOTHING, |o| numbers::sysconf(o, NAMES);
    "process.sysconf.buffers", "buffers for getpwnam_r", "What does sysconf say of the buffers for getpwnam_r and getgrnam_r?", "POSIX getpwnam_r", NOTHING,
        |o| numbers::sysconf(o, BUFFERS);
    "process.sysconf.machine", "figures of the machine", "Which figures of the machine does sysconf give?", SYSCONF, NOTHING,
        |o| numbers::sysconf_known(o, MACHINE);
    "process.sysconf.caches", "sizes of caches", "Does sysconf know the sizes of the processor's caches?", "glibc sysdeps/x86/cacheinfo.c", NOTHING,
        |o| numbers::sysconf_known(o, CACHES);
    "process.sysconf.unknown", "numbers that nobody knows", "What does sysconf say to numbers that it does not know?", "POSIX sysconf: -1 and EINVAL", NOTHING,
        |o| numbers::sysconf(o, UNKNOWN);
    "process.sysconf.count", "how many numbers sysconf knows", "How many numbers below 300 does sysconf know?", SYSCONF, NOTHING, numbers::sysconf_count;
    "process.processors.affinity", "processors of a process that may use one", "What do sysconf and get_nprocs say in a process that may run on one processor of several?",
        "POSIX 2024 sysconf _SC_NPROCESSORS_ONLN; glibc get_nprocs.c, musl src/conf/sysconf.c", NOTHING, numbers::processors;
    "process.confstr.names", "confstr", "What does confstr say to the names that there are?", CONFSTR, NOTHING, |o| names::strings(o, STRINGS);
    "process.confstr.short", "confstr with a short buffer", "What does confstr leave in a buffer that is too short?", CONFSTR, NOTHING, names::short;
    "process.version", "gnu_get_libc_version", "Does the C library say its version by gnu_get_libc_version?", "gnu_get_libc_version(3)", NOTHING, names::version;
    "process.nice", "nice", "What does nice return, and at the end of the range?", "POSIX nice: the new value less NZERO, EPERM", NOTHING, numbers::nice;
    "process.limits.odd", "odd resource limits", "What do the functions of resource limits say to odd arguments?", "POSIX getrlimit; getdtablesize(3)", NOTHING, numbers::limits;
    "process.limits.ulimit", "ulimit", "What does the function ulimit answer?", "POSIX 2008 ulimit; musl src/legacy/ulimit.c", NOTHING, numbers::ulimit;
    "process.auxiliary", "getauxval", "What does getauxval say to what there is not?", "getauxval(3): ENOENT since glibc 2.19", NOTHING, numbers::auxiliary;
    "process.load", "getloadavg", "How many figures does getloadavg give?", "getloadavg(3)", NOTHING, numbers::load;
    "process.used", "times and getrusage", "What do times and getrusage say to odd arguments?", "POSIX times; times(2)", NOTHING, numbers::used;
    "process.affinity.sizes", "affinity with odd sizes", "What do the functions of processor affinity say to odd sizes?", "sched_setaffinity(2): EINVAL", NOTHING, numbers::affinity;
    "process.entropy", "getentropy", "How many bytes does getentropy give at most?", "POSIX 2024 getentropy; getentropy(3): EIO", NOTHING, numbers::entropy;
}

//! What `libcdiff fuzz` has found among the numbers of `confstr` and `sysconf`: one input of its targets each.

use crate::case::{Needs, cases};
use crate::fuzz::{found, targets};

const FLAGS: &str =
    "confstr(3); glibc posix/confstr.c, bits/confname.h; musl src/conf/confstr.c; found by libcdiff fuzz";
const LIMITS: &str = "X/Open Portability Guide, limits.h by sysconf; glibc sysdeps/posix/sysconf.c; \
    musl src/conf/sysconf.c; found by libcdiff fuzz";

cases! {
    "process.found.confstr-large-files", "_CS_LFS_CFLAGS", "What does confstr say to _CS_LFS_CFLAGS, 1000?",
        FLAGS, Needs::NOTHING, |o| found(o, &targets::words::CONFSTR, &[b"1000"]);
    "process.found.confstr-large-files-64", "_CS_LFS64_CFLAGS", "What does confstr say to _CS_LFS64_CFLAGS, 1004?",
        FLAGS, Needs::NOTHING, |o| found(o, &targets::words::CONFSTR, &[b"1004"]);
    "process.found.confstr-environment", "_CS_V6_ENV", "What does confstr say to _CS_V6_ENV, 1148?",
        FLAGS, Needs::NOTHING, |o| found(o, &targets::words::CONFSTR, &[b"1148"]);
    "process.found.sysconf-char-bit", "_SC_CHAR_BIT", "What does sysconf say to _SC_CHAR_BIT, 101?",
        LIMITS, Needs::NOTHING, |o| found(o, &targets::words::SYSCONF, &[b"101"]);
    "process.found.sysconf-int-max", "_SC_INT_MAX", "What does sysconf say to _SC_INT_MAX, 104?",
        LIMITS, Needs::NOTHING, |o| found(o, &targets::words::SYSCONF, &[b"104"]);
    "process.found.sysconf-arguments", "_SC_NL_ARGMAX", "What does sysconf say to _SC_NL_ARGMAX, 119?",
        LIMITS, Needs::NOTHING, |o| found(o, &targets::words::SYSCONF, &[b"119"]);
    "process.found.sysconf-class-names", "_SC_CHARCLASS_NAME_MAX", "What does sysconf say to _SC_CHARCLASS_NAME_MAX, 45?",
        LIMITS, Needs::NOTHING, |o| found(o, &targets::words::SYSCONF, &[b"45"]);
}

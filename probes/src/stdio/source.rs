//! Where the questions come from: the texts that several tables cite.

/// The conversions of the C standard.
pub const C_PRINT: &str = "ISO C11 7.21.6.1; POSIX.1-2017 fprintf()";
/// What C23 added.
pub const C23_PRINT: &str = "ISO C23 7.23.6.1; glibc NEWS 2.35 (%b, %B), 2.38 (%w)";
/// What glibc prints beside.
pub const GNU_PRINT: &str = "glibc manual, Formatted Output; printf(3)";
/// What no standard defines.
pub const NO_PRINT: &str =
    "ISO C11 7.21.6.1, 9: undefined; printf(3), musl src/stdio/vfprintf.c, glibc vfprintf-internal.c";
/// Flags and positions of POSIX.
pub const XSI_PRINT: &str = "POSIX.1-2017 fprintf(), XSI: %n$ and the apostrophe";
/// Sizes and overflow.
pub const LIMITS: &str = "POSIX.1-2017 fprintf(), EOVERFLOW; musl WHATSNEW 1.2.5 (snprintf with n above INT_MAX)";
/// Scanning by the C standard.
pub const C_SCAN: &str = "ISO C11 7.21.6.2; POSIX.1-2017 fscanf()";
/// The m modifier of POSIX.
pub const POSIX_SCAN: &str = "POSIX.1-2017 fscanf(), the assignment-allocation character m";
/// Binary input of C23.
pub const C23_SCAN: &str = "ISO C23 7.23.6.2; glibc NEWS 2.38 (0b with %i, __isoc23_sscanf)";
/// What no standard defines.
pub const NO_SCAN: &str = "ISO C11 7.21.6.2, 10: undefined where the result cannot be represented; scanf(3)";
/// Modes of fopen.
pub const MODES: &str = "POSIX.1-2017 fopen(); fopen(3), Glibc notes: c, e, m, x, ccs";
/// Buffers.
pub const BUFFERS: &str = "ISO C11 7.21.5.6; POSIX.1-2017 setvbuf(); setbuf(3)";
/// What is written when.
pub const WRITES: &str = "ISO C11 7.21.3, 3; musl wiki, Functional differences: readv and writev";
/// Memory as a stream.
pub const MEMORY: &str = "POSIX.1-2017 fmemopen(); fmemopen(3), glibc 2.22 changed it";
/// A stream that grows.
pub const GROWING: &str = "POSIX.1-2017 open_memstream()";
/// Names of temporary files.
pub const TEMPORARY: &str = "POSIX.1-2017 mkstemp(), tmpfile(), tmpnam(); mkstemp(3)";
/// Positions.
pub const POSITION: &str = "POSIX.1-2017 fseek(), ftell(), fgetpos()";
/// Lines.
pub const LINES: &str = "POSIX.1-2017 getdelim(), fgets()";
/// Ends of files.
pub const ENDS: &str = "ISO C11 7.21.7.1; glibc NEWS 2.28 (sticky end of file)";
/// Failures.
pub const FAILURES: &str = "POSIX.1-2017 fflush(), fputc(), fclose(): errors";
/// Characters pushed back.
pub const PUSHBACK: &str = "ISO C11 7.21.7.10: one character is guaranteed; POSIX.1-2017 ungetc()";

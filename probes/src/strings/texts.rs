//! The texts of errors, signals and resolver codes, which logs and tests hold and which no standard fixes.

use super::asks;
use crate::outcome::{Outcome, Value};
use crate::sys::process::{in_child, without_core};
use crate::sys::strings::texts;
use crate::text;

const ERROR: &str =
    "POSIX.1-2017 strerror(): the text is unspecified; musl src/errno/__strerror.h; glibc sysdeps/gnu/errlist.h";
const ERROR_R: &str = "POSIX.1-2017 strerror_r(); strerror_r(3): GNU's returns a text";
const SIGNAL: &str = "POSIX.1-2017 strsignal(); musl src/string/strsignal.c; glibc sysdeps/generic/siglist.h";
const ADDRESS: &str =
    "POSIX.1-2017 gai_strerror(); musl src/network/gai_strerror.c; glibc sysdeps/posix/gai_strerror-strs.h";
const GLIBC: &str = "glibc NEWS 2.32: strerrorname_np, strerrordesc_np, sigabbrev_np, sigdescr_np";
const ASSERT: &str =
    "ISO C11 7.2.1.1: the form is implementation-defined; musl src/exit/assert.c; glibc assert/assert.c";

fn each(o: &mut Outcome, numbers: core::ops::Range<i32>, text: fn(i32) -> Option<heap::string::String>) {
    o.table("text", numbers.map(|n| (heap::format!("{n}"), Value::from(text(n)))).collect());
}

fn glibc(o: &mut Outcome, name: &core::ffi::CStr, number: i32) {
    match texts::of_glibc(name, number) {
        Some(text) => o.fact("text", text),
        None => o.line(format_args!("no {}", name.to_str().unwrap_or_default())),
    }
}

fn into(o: &mut Outcome, number: i32, bytes: usize) {
    let (code, text) = texts::error_into(number, bytes);
    o.fact("return_code", text::errno(code));
    o.fact("buffer", text.map_or("not terminated".into(), |text| heap::format!("{text:?}")));
}

fn assertion(o: &mut Outcome, function: Option<&core::ffi::CStr>) {
    let child = in_child(10, || {
        without_core();
        texts::fail_assertion(c"x > 0", c"file.c", 42, function);
        0
    });
    let Some(child) = o.need("a child", child) else { return };
    o.fact("output", heap::format!("{:?}", child.text()));
    o.fact("end", heap::format!("{}", child.end));
}

asks! {
    "strings.strerror.0", "strerror of 0", "What is the text of error 0?", ERROR, |o| o.fact("text", texts::error(0));
    "strings.strerror.1-34", "errors 1 to 34", "What are the texts of errors 1 to 34, from EPERM to ERANGE?", ERROR, |o| each(o, 1..35, texts::error);
    "strings.strerror.35-68", "errors 35 to 68", "What are the texts of errors 35 to 68, from EDEADLK to EADV?", ERROR, |o| each(o, 35..69, texts::error);
    "strings.strerror.69-100", "errors 69 to 100", "What are the texts of errors 69 to 100, from ESRMNT to ENETDOWN?", ERROR, |o| each(o, 69..101, texts::error);
    "strings.strerror.101-133", "errors 101 to 133", "What are the texts of errors 101 to 133, from ENETUNREACH to EHWPOISON?", ERROR, |o| each(o, 101..134, texts::error);
    "strings.strerror.ENOENT", "strerror of ENOENT", "What is the text of ENOENT?", ERROR, |o| o.fact("text", texts::error(libc::ENOENT));
    "strings.strerror.EIO", "strerror of EIO", "What is the text of EIO?", ERROR, |o| o.fact("text", texts::error(libc::EIO));
    "strings.strerror.ENOTTY", "strerror of ENOTTY", "What is the text of ENOTTY?", ERROR, |o| o.fact("text", texts::error(libc::ENOTTY));
    "strings.strerror.EAGAIN", "strerror of EAGAIN", "What is the text of EAGAIN?", ERROR, |o| o.fact("text", texts::error(libc::EAGAIN));
    "strings.strerror.ENOMEM", "strerror of ENOMEM", "What is the text of ENOMEM?", ERROR, |o| o.fact("text", texts::error(libc::ENOMEM));
    "strings.strerror.ECONNREFUSED", "strerror of ECONNREFUSED", "What is the text of ECONNREFUSED?", ERROR, |o| o.fact("text", texts::error(libc::ECONNREFUSED));
    "strings.strerror.ETIMEDOUT", "strerror of ETIMEDOUT", "What is the text of ETIMEDOUT?", ERROR, |o| o.fact("text", texts::error(libc::ETIMEDOUT));
    "strings.strerror.EACCES", "strerror of EACCES", "What is the text of EACCES?", ERROR, |o| o.fact("text", texts::error(libc::EACCES));
    "strings.strerror.EEXIST", "strerror of EEXIST", "What is the text of EEXIST?", ERROR, |o| o.fact("text", texts::error(libc::EEXIST));
    "strings.strerror.ERANGE", "strerror of ERANGE", "What is the text of ERANGE?", ERROR, |o| o.fact("text", texts::error(libc::ERANGE));
    "strings.strerror.EILSEQ", "strerror of EILSEQ", "What is the text of EILSEQ?", ERROR, |o| o.fact("text", texts::error(libc::EILSEQ));
    "strings.strerror.gap", "a number that is no error", "What is the text of error 41, which Linux does not use?", ERROR, |o| o.fact("text", texts::error(41));
    "strings.strerror.unknown", "an unknown error", "What is the text of error 9999?", ERROR, |o| o.fact("text", texts::error(9999));
    "strings.strerror.negative", "a negative error", "What is the text of error -1?", ERROR, |o| o.fact("text", texts::error(-1));
    "strings.strerror.int-max", "the largest error", "What is the text of error INT_MAX?", ERROR, |o| o.fact("text", texts::error(i32::MAX));
    "strings.strerror.errno", "errno after strerror", "Does strerror leave errno alone for an unknown error?", "POSIX.1-2017 strerror(): EINVAL may be set", |o| o.fact("errno", text::errno(match texts::errno_after(9999).0 { 77 => 0, n => n }));
    "strings.strerror-r.known", "strerror_r of POSIX", "What does strerror_r of POSIX write for ENOENT into 64 bytes?", ERROR_R, |o| into(o, 2, 64);
    "strings.strerror-r.short", "strerror_r of POSIX, short", "What does strerror_r of POSIX return and write for ENOENT into 8 bytes?", ERROR_R, |o| into(o, 2, 8);
    "strings.strerror-r.zero", "strerror_r of POSIX, no bytes", "What does strerror_r of POSIX return for ENOENT and no bytes?", ERROR_R, |o| into(o, 2, 0);
    "strings.strerror-r.unknown", "strerror_r of POSIX, unknown", "What does strerror_r of POSIX return and write for error 9999?", ERROR_R, |o| into(o, 9999, 64);
    "strings.strerror-r.plain", "strerror_r by name", "Does the function called strerror_r return a number or a text?", ERROR_R, |o| o.fact("result", texts::error_plainly(2, 64));
    "strings.strerror-r.plain-unknown", "strerror_r by name, unknown", "What does the function called strerror_r return for error 9999?", ERROR_R, |o| o.fact("result", texts::error_plainly(9999, 64));
    "strings.strerror-r.plain-short", "strerror_r by name, short", "What does the function called strerror_r return for error 9999 and 8 bytes?", ERROR_R, |o| o.fact("result", texts::error_plainly(9999, 8));
    "strings.strsignal.1-31", "signals 1 to 31", "What are the texts of signals 1 to 31?", SIGNAL, |o| each(o, 1..32, texts::signal);
    "strings.strsignal.realtime", "real-time signals", "What are the texts of signals 32 to 66?", SIGNAL, |o| each(o, 32..67, texts::signal);
    "strings.strsignal.SIGSEGV", "strsignal of SIGSEGV", "What is the text of SIGSEGV?", SIGNAL, |o| o.fact("text", texts::signal(11));
    "strings.strsignal.SIGTERM", "strsignal of SIGTERM", "What is the text of SIGTERM?", SIGNAL, |o| o.fact("text", texts::signal(15));
    "strings.strsignal.zero", "strsignal of 0", "What is the text of signal 0?", SIGNAL, |o| o.fact("text", texts::signal(0));
    "strings.strsignal.unknown", "strsignal of an unknown signal", "What is the text of signal 999?", SIGNAL, |o| o.fact("text", texts::signal(999));
    "strings.strsignal.negative", "strsignal of a negative signal", "What is the text of signal -1?", SIGNAL, |o| o.fact("text", texts::signal(-1));
    "strings.gai-strerror.all", "resolver codes", "What are the texts of the codes of getaddrinfo from -12 to -1?", ADDRESS, |o| each(o, -12..0, texts::address);
    "strings.gai-strerror.NONAME", "gai_strerror of EAI_NONAME", "What is the text of EAI_NONAME?", ADDRESS, |o| o.fact("text", texts::address(-2));
    "strings.gai-strerror.AGAIN", "gai_strerror of EAI_AGAIN", "What is the text of EAI_AGAIN?", ADDRESS, |o| o.fact("text", texts::address(-3));
    "strings.gai-strerror.FAIL", "gai_strerror of EAI_FAIL", "What is the text of EAI_FAIL?", ADDRESS, |o| o.fact("text", texts::address(-4));
    "strings.gai-strerror.zero", "gai_strerror of 0", "What is the text of code 0?", ADDRESS, |o| o.fact("text", texts::address(0));
    "strings.gai-strerror.unknown", "gai_strerror of an unknown code", "What are the texts of codes 5 and -999?", ADDRESS, |o| { o.fact("positive", texts::address(5)); o.fact("negative", texts::address(-999)); };
    "strings.gai-strerror.glibc", "codes that glibc alone has", "What are the texts of codes -105 to -100?", ADDRESS, |o| each(o, -105..-99, texts::address);
    "strings.hstrerror.all", "codes of gethostbyname", "What are the texts of the codes of gethostbyname from -1 to 5?", "hstrerror(3); musl src/network/hstrerror.c; glibc resolv/herror.c", |o| each(o, -1..6, texts::host);
    "strings.strerrorname.known", "strerrorname_np", "Is there strerrorname_np, and what is the name of error 2?", GLIBC, |o| glibc(o, c"strerrorname_np", 2);
    "strings.strerrorname.unknown", "strerrorname_np, unknown", "What does strerrorname_np return for error 9999?", GLIBC, |o| glibc(o, c"strerrorname_np", 9999);
    "strings.strerrordesc.known", "strerrordesc_np", "Is there strerrordesc_np, and what is the text of error 2?", GLIBC, |o| glibc(o, c"strerrordesc_np", 2);
    "strings.sigabbrev.known", "sigabbrev_np", "Is there sigabbrev_np, and what is the name of signal 11?", GLIBC, |o| glibc(o, c"sigabbrev_np", 11);
    "strings.sigdescr.known", "sigdescr_np", "Is there sigdescr_np, and what is the text of signal 11?", GLIBC, |o| glibc(o, c"sigdescr_np", 11);
    "strings.assert.text", "a failed assertion", "What does a failed assertion write, and how does the program end?", ASSERT, |o| assertion(o, Some(c"main"));
    "strings.assert.no-function", "a failed assertion outside a function", "What does a failed assertion write when the function's name is null?", ASSERT, |o| assertion(o, None);
}

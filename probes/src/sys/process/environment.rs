//! The environment: what the functions accept, whose memory a variable is in, and what an odd list of variables does.

use core::ffi::{CStr, c_char, c_int};
use heap::string::String;

use super::{describe_child, say};
use crate::outcome::Outcome;
use crate::sys::call::{said, set_errno};
use crate::sys::optional::optional;
use crate::text;

unsafe extern "C" {
    static mut environ: *mut *mut c_char;
    fn putenv(string: *mut c_char) -> c_int;
    fn clearenv() -> c_int;
}

fn get(name: &CStr) -> String {
    // SAFETY: the name is terminated, and the value is read at once.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        if value.is_null() {
            "unset".into()
        } else {
            heap::format!("`{}`", text::bytes(CStr::from_ptr(value).to_bytes()))
        }
    }
}

fn set(name: &CStr, value: &CStr, overwrite: c_int) -> String {
    set_errno(0);
    // SAFETY: both are terminated; the process has one thread.
    said(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), overwrite) })
}

fn unset(name: &CStr) -> String {
    set_errno(0);
    // SAFETY: as above.
    said(unsafe { libc::unsetenv(name.as_ptr()) })
}

/// `setenv` of this name.
pub fn set_named(o: &mut Outcome, name: &CStr) {
    describe_child(o, || {
        say(format_args!("setenv: {}", set(name, c"value", 1)));
        say(format_args!("getenv: {}", get(name)));
        0
    });
}

/// `unsetenv` of this name.
pub fn unset_named(o: &mut Outcome, name: &CStr) {
    describe_child(o, || {
        set(c"A", c"value", 1);
        say(format_args!("unsetenv: {}", unset(name)));
        say(format_args!("A: {}", get(c"A")));
        0
    });
}

/// `setenv` and `unsetenv` of no name at all.
pub fn null_names(o: &mut Outcome, unsets: bool) {
    describe_child(o, || {
        super::without_core();
        set_errno(0);
        let call =
            core::hint::black_box(libc::setenv as unsafe extern "C" fn(*const c_char, *const c_char, c_int) -> c_int);
        let remove = core::hint::black_box(libc::unsetenv as unsafe extern "C" fn(*const c_char) -> c_int);
        // SAFETY: what the function says to a null pointer is the question.
        let answer = unsafe {
            match unsets {
                true => remove(core::ptr::null()),
                false => call(core::ptr::null(), c"value".as_ptr(), 1),
            }
        };
        say(format_args!("answer: {}", said(answer)));
        0
    });
}

/// `setenv` of a variable that is set, to be overwritten or not.
pub fn overwrite(o: &mut Outcome) {
    set(c"A", c"first", 1);
    o.fact("kept", set(c"A", c"second", 0));
    o.fact("A", get(c"A"));
    o.fact("overwritten", set(c"A", c"third", 1));
    o.fact("A_then", get(c"A"));
}

/// `putenv` of this string, and what the variable is afterwards.
pub fn put(o: &mut Outcome, string: &'static CStr, name: &CStr) {
    describe_child(o, || {
        set(c"A", c"before", 1);
        set_errno(0);
        // SAFETY: the string is static and never written to.
        say(format_args!("putenv: {}", said(unsafe { putenv(string.as_ptr().cast_mut()) })));
        say(format_args!("getenv: {}", get(name)));
        0
    });
}

/// Whether a string that was given to `putenv` is the variable itself, and stays so after `setenv`.
pub fn put_owned(o: &mut Outcome) {
    let mut string = *b"A=first\0";
    let at = string.as_mut_ptr();
    // SAFETY: the string outlives the process's use of it: nothing is asked after this function.
    unsafe {
        putenv(at.cast());
        core::ptr::write_volatile(at.add(2), b'F');
        o.fact("after_change", get(c"A"));
        set(c"A", c"second", 1);
        o.fact("string_after_setenv", text::bytes(CStr::from_ptr(at.cast()).to_bytes()));
        o.fact("A", get(c"A"));
        libc::unsetenv(c"A".as_ptr());
    }
}

/// `clearenv`, and `setenv` afterwards.
pub fn clear(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: one thread.
        unsafe {
            set(c"A", c"value", 1);
            say(format_args!("clearenv: {}", said(clearenv())));
            say(format_args!("environ: {}", if environ.is_null() { "null" } else { "a list" }));
            say(format_args!("A: {}", get(c"A")));
            say(format_args!("setenv: {}", set(c"B", c"value", 1)));
            say(format_args!("B: {}", get(c"B")));
        }
        0
    });
}

/// A list of variables of a case's own, put in place of the process's.
pub fn list(o: &mut Outcome, strings: &[&'static CStr], then: fn()) {
    describe_child(o, || {
        let mut pointers = [core::ptr::null_mut(); 8];
        for (pointer, string) in pointers.iter_mut().zip(strings) {
            *pointer = string.as_ptr().cast_mut();
        }
        // SAFETY: the list ends in null and stays on this stack until the child ends; nothing writes to the strings.
        unsafe { environ = pointers.as_mut_ptr() };
        then();
        0
    });
}

/// Every variable in order, as the list holds them.
pub fn all() {
    // SAFETY: the list ends in null, if it is there, and its strings are terminated.
    unsafe {
        let list = environ;
        let mut n = 0;
        while !list.is_null() && !(*list.add(n)).is_null() {
            say(format_args!("  {}", text::bytes(CStr::from_ptr(*list.add(n)).to_bytes())));
            n += 1;
        }
    }
}

/// Tells one variable.
pub fn tell(name: &CStr) {
    say(format_args!("{}: {}", name.to_string_lossy(), get(name)));
}

/// Sets one variable and lists all.
pub fn set_then_all(name: &CStr, value: &CStr) {
    say(format_args!("setenv: {}", set(name, value, 1)));
    all();
}

/// Removes one variable and lists all.
pub fn unset_then_all(name: &CStr) {
    say(format_args!("unsetenv: {}", unset(name)));
    all();
}

/// The environment gone altogether.
pub fn null_list(o: &mut Outcome) {
    describe_child(o, || {
        // SAFETY: a null list is what some programs set to start afresh.
        unsafe { environ = core::ptr::null_mut() };
        tell(c"PATH");
        say(format_args!("unsetenv: {}", unset(c"PATH")));
        set_then_all(c"A", c"value");
        0
    });
}

/// `secure_getenv` in an ordinary program.
pub fn secure(o: &mut Outcome) {
    set(c"A", c"value", 1);
    let call = optional!(secure_getenv(*const c_char) -> *const c_char);
    // SAFETY: the name is terminated, and the value is read at once.
    let found = call.map(|call| unsafe { call(c"A".as_ptr()) });
    o.fact("secure_getenv", found.map_or("absent", |value| if value.is_null() { "unset" } else { "value" }));
}

//! A stream: `FILE *` as an object, each function of stdio a method that answers with its return value and `errno`.

use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use core::fmt;
use core::ptr::{self, NonNull};
use heap::string::String;
use heap::vec::Vec;
use libc::FILE;

use super::descriptor::Fd;
use crate::outcome::Value;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::optional::required;
use crate::text;

/// What a function returned, and the error number where that means failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The return value.
    pub value: i64,
    /// `errno` after a failure, which was 0 before.
    pub errno: Option<Errno>,
}

impl Answer {
    fn new(value: i64, failed: bool) -> Self {
        Self { value, errno: failed.then(|| Errno(errno())) }
    }
    fn negative(value: impl Into<i64>) -> Self {
        let value = value.into();
        Self::new(value, value < 0)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errno {
            Some(errno) => write!(f, "{}, {}", self.value, text::errno(errno.0)),
            None => write!(f, "{}", self.value),
        }
    }
}

impl From<Answer> for Value {
    fn from(answer: Answer) -> Self {
        Value::Text(heap::format!("{answer}"))
    }
}

/// An open stream. It is closed by [`Stream::close`] alone.
#[derive(Debug)]
pub struct Stream(NonNull<FILE>);

/// Where `fseek` counts from.
pub use libc::{SEEK_CUR, SEEK_END, SEEK_SET};

/// `_IOFBF`, `_IOLBF`, `_IONBF`
pub const BUFFER_FULL: i32 = 0;
/// A buffer that is written at each new line.
pub const BUFFER_LINE: i32 = 1;
/// No buffer.
pub const BUFFER_NONE: i32 = 2;

fn opened(file: *mut FILE) -> Result<Stream, Errno> {
    NonNull::new(file).map(Stream).ok_or_else(|| Errno(errno()))
}

/// What another function of this C library opened.
pub(super) fn adopted(file: *mut FILE) -> Option<Stream> {
    NonNull::new(file).map(Stream)
}

/// `fopen`
pub fn open(path: &CStr, mode: &CStr) -> Result<Stream, Errno> {
    let call = required!(fopen(*const c_char, *const c_char) -> *mut FILE);
    set_errno(0);
    // SAFETY: both strings are terminated.
    opened(unsafe { call(path.as_ptr(), mode.as_ptr()) })
}

/// `fdopen`; the descriptor is given back where it fails.
pub fn over(fd: Fd, mode: &CStr) -> Result<Stream, (Errno, Fd)> {
    let call = required!(fdopen(c_int, *const c_char) -> *mut FILE);
    set_errno(0);
    // SAFETY: the mode is terminated; the stream owns the descriptor from here on.
    match opened(unsafe { call(fd.number(), mode.as_ptr()) }) {
        Ok(stream) => {
            fd.into_number();
            Ok(stream)
        }
        Err(e) => Err((e, fd)),
    }
}

/// `fdopen` of a number that is no descriptor.
pub fn over_number(fd: i32, mode: &CStr) -> Result<Stream, Errno> {
    let call = required!(fdopen(c_int, *const c_char) -> *mut FILE);
    set_errno(0);
    // SAFETY: the mode is terminated; any number may be asked about.
    opened(unsafe { call(fd, mode.as_ptr()) })
}

/// `fmemopen` over memory that lives on; a null pointer where there is none.
pub fn in_memory(memory: Option<&'static mut [u8]>, bytes: usize, mode: &CStr) -> Result<Stream, Errno> {
    let call = required!(fmemopen(*mut c_void, usize, *const c_char) -> *mut FILE);
    let place = memory.map_or(ptr::null_mut(), |memory| memory.as_mut_ptr().cast());
    set_errno(0);
    // SAFETY: the memory is as large as the case says and is never given back; the mode is terminated.
    opened(unsafe { call(place, bytes, mode.as_ptr()) })
}

/// `tmpfile`
pub fn temporary() -> Result<Stream, Errno> {
    let call = required!(tmpfile() -> *mut FILE);
    set_errno(0);
    // SAFETY: takes nothing.
    opened(unsafe { call() })
}

/// `popen`
pub fn command(command: &CStr, mode: &CStr) -> Result<Stream, Errno> {
    let call = required!(popen(*const c_char, *const c_char) -> *mut FILE);
    set_errno(0);
    // SAFETY: both strings are terminated.
    opened(unsafe { call(command.as_ptr(), mode.as_ptr()) })
}

macro_rules! standard {
    ($($function:ident $name:ident;)*) => {$(
        /// One of the three streams that a program starts with.
        pub fn $function() -> Stream {
            unsafe extern "C" {
                static $name: *mut FILE;
            }
            // SAFETY: the C library has set it before `main`, and nothing here assigns to it.
            Stream(unsafe { NonNull::new($name) }.expect("a standard stream"))
        }
    )*};
}
standard! {
    input stdin;
    output stdout;
    error stderr;
}

/// Methods of one shape: a function that takes arguments and the stream, and what of its results means failure.
macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident($($argument:ident: $type:ty),*) = $name:ident($($c:ty => $value:expr),*) -> $result:ty;)*) => {$(
        $(#[$doc])*
        pub fn $method(&self $(, $argument: $type)*) -> Answer {
            let call = required!($name($($c),*) -> $result);
            let file = self.0.as_ptr();
            set_errno(0);
            // SAFETY: the stream is open, and pointers are to terminated or static data.
            Answer::negative(unsafe { call($(at(file, $value)),*) })
        }
    )*};
}

/// A marker for the stream itself among the arguments of [`methods!`].
struct This;
trait At<T> {
    fn at(self, file: *mut FILE) -> T;
}
impl At<*mut FILE> for This {
    fn at(self, file: *mut FILE) -> *mut FILE {
        file
    }
}
macro_rules! itself {
    ($($type:ty),*) => {$(impl At<$type> for $type {
        fn at(self, _: *mut FILE) -> $type {
            self
        }
    })*};
}
itself!(c_int, c_long, *const c_char, *mut c_char);
fn at<T>(file: *mut FILE, value: impl At<T>) -> T {
    value.at(file)
}

impl Stream {
    methods! {
        /// `fputc`
        put(byte: i32) = fputc(c_int => byte, *mut FILE => This) -> c_int;
        /// `fputs` with the very number that it returned.
        puts_value(text: &CStr) = fputs(*const c_char => text.as_ptr(), *mut FILE => This) -> c_int;
        /// `fgetc`
        get() = fgetc(*mut FILE => This) -> c_int;
        /// `ungetc`
        unget(byte: i32) = ungetc(c_int => byte, *mut FILE => This) -> c_int;
        /// `fgetwc`, whose WEOF is -1 here.
        get_wide() = fgetwc(*mut FILE => This) -> c_int;
        /// `fputwc`
        put_wide(letter: i32) = fputwc(c_int => letter, *mut FILE => This) -> c_int;
        /// `ungetwc`
        unget_wide(letter: i32) = ungetwc(c_int => letter, *mut FILE => This) -> c_int;
        /// `fwide`
        wide(mode: i32) = fwide(*mut FILE => This, c_int => mode) -> c_int;
        /// `fflush`
        flush() = fflush(*mut FILE => This) -> c_int;
        /// `fileno`
        number() = fileno(*mut FILE => This) -> c_int;
        /// `feof`
        eof() = feof(*mut FILE => This) -> c_int;
        /// `ferror`
        error() = ferror(*mut FILE => This) -> c_int;
        /// `fseek`
        seek(offset: i64, whence: i32) = fseek(*mut FILE => This, c_long => offset, c_int => whence) -> c_int;
        /// `ftell`
        tell() = ftell(*mut FILE => This) -> c_long;
    }

    /// `fputs`, 0 for success: any number that is not negative means that, and C libraries differ in which.
    pub fn puts(&self, text: &CStr) -> Answer {
        let answer = self.puts_value(text);
        Answer { value: answer.value.min(0), ..answer }
    }

    /// Whether `feof` and `ferror` are set.
    pub fn state(&self) -> &'static str {
        match (self.eof().value != 0, self.error().value != 0) {
            (false, false) => "clear",
            (true, false) => "end of file",
            (false, true) => "error",
            (true, true) => "end of file, error",
        }
    }

    /// `setvbuf` with memory of the caller's that lives on, or none.
    pub fn set_buffer(&self, memory: Option<&'static mut [u8]>, mode: i32, bytes: usize) -> Answer {
        let call = required!(setvbuf(*mut FILE, *mut c_char, c_int, usize) -> c_int);
        let place = memory.map_or(ptr::null_mut(), |memory| memory.as_mut_ptr().cast());
        set_errno(0);
        // SAFETY: the stream is open; the memory is at least as large as said and is never given back.
        let value = unsafe { call(self.0.as_ptr(), place, mode, bytes) };
        Answer::new(value.into(), value != 0)
    }

    /// `fwrite` of items of this size out of the bytes.
    pub fn write(&self, bytes: &[u8], size: usize, count: usize) -> Answer {
        let call = required!(fwrite(*const c_void, usize, usize, *mut FILE) -> usize);
        set_errno(0);
        // SAFETY: the cases ask for no more than there is, or for nothing.
        let done = unsafe { call(bytes.as_ptr().cast(), size, count, self.0.as_ptr()) };
        Answer::new(done as i64, done < count)
    }

    /// `fread` of items of this size, at most 16 KiB: the count, and the bytes of the items.
    pub fn read(&self, size: usize, count: usize) -> (Answer, Vec<u8>) {
        let call = required!(fread(*mut c_void, usize, usize, *mut FILE) -> usize);
        let mut bytes = heap::vec![0u8; 16 << 10];
        set_errno(0);
        // SAFETY: the cases ask for no more than the buffer holds, or for nothing.
        let done = unsafe { call(bytes.as_mut_ptr().cast(), size, count, self.0.as_ptr()) };
        let answer = Answer::new(done as i64, done < count && self.error().value != 0);
        bytes.truncate(done.saturating_mul(size));
        (answer, bytes)
    }

    /// `fgets` into a buffer of 64 bytes of which `size` are told: the line, or nothing.
    pub fn line(&self, size: i32) -> Option<String> {
        let call = required!(fgets(*mut c_char, c_int, *mut FILE) -> *mut c_char);
        let mut bytes = [b'~'; 64];
        set_errno(0);
        // SAFETY: the buffer is at least as large as said.
        let result = unsafe { call(bytes.as_mut_ptr().cast(), size.min(64), self.0.as_ptr()) };
        let end = bytes.iter().position(|byte| *byte == 0);
        (!result.is_null())
            .then(|| end.map_or("not terminated".into(), |end| heap::format!("{:?}", text::bytes(&bytes[..end]))))
    }

    /// `fscanf` of one integer: the return value and, where it was stored, the number.
    pub fn scan_int(&self, format: &CStr) -> (Answer, Option<i32>) {
        unsafe extern "C" {
            fn fscanf(file: *mut FILE, format: *const c_char, ...) -> c_int;
        }
        let call = core::hint::black_box(fscanf as unsafe extern "C" fn(_, _, ...) -> c_int);
        let mut number = i32::MIN;
        set_errno(0);
        // SAFETY: the stream is open; the format is terminated and has at most one conversion, to an int.
        let value = unsafe { call(self.0.as_ptr(), format.as_ptr(), &raw mut number) };
        (Answer::negative(value), (number != i32::MIN).then_some(number))
    }

    /// `fprintf` with a number and a string.
    pub fn print(&self, format: &CStr, number: i32, string: &CStr) -> Answer {
        unsafe extern "C" {
            fn fprintf(file: *mut FILE, format: *const c_char, ...) -> c_int;
        }
        let call = core::hint::black_box(fprintf as unsafe extern "C" fn(_, _, ...) -> c_int);
        set_errno(0);
        // SAFETY: the stream is open; the format is terminated and takes an int and a string, or less.
        Answer::negative(unsafe { call(self.0.as_ptr(), format.as_ptr(), number, string.as_ptr()) })
    }

    /// `clearerr`
    pub fn clear(&self) {
        // SAFETY: the stream is open.
        unsafe { required!(clearerr(*mut FILE) -> ())(self.0.as_ptr()) }
    }

    /// `rewind`: `errno` afterwards.
    pub fn rewind(&self) -> Errno {
        set_errno(0);
        // SAFETY: the stream is open.
        unsafe { required!(rewind(*mut FILE) -> ())(self.0.as_ptr()) };
        Errno(errno())
    }

    /// `fgetpos`, some more reading, `fsetpos`, and the byte that comes then.
    pub fn remember(&self, reading: impl FnOnce(&Self)) -> Answer {
        let mut position = [0u64; 8];
        let ask = required!(fgetpos(*mut FILE, *mut u64) -> c_int);
        let set = required!(fsetpos(*mut FILE, *const u64) -> c_int);
        set_errno(0);
        // SAFETY: a position is at most 16 bytes in either C library; the stream is open.
        if unsafe { ask(self.0.as_ptr(), position.as_mut_ptr()) } != 0 {
            return Answer::new(-2, true);
        }
        reading(self);
        // SAFETY: as above.
        if unsafe { set(self.0.as_ptr(), position.as_ptr()) } != 0 {
            return Answer::new(-3, true);
        }
        self.get()
    }

    /// `__fbufsize`
    pub fn buffer_bytes(&self) -> usize {
        // SAFETY: the stream is open.
        unsafe { required!(__fbufsize(*mut FILE) -> usize)(self.0.as_ptr()) }
    }

    /// `__fpending`
    pub fn pending(&self) -> usize {
        // SAFETY: the stream is open.
        unsafe { required!(__fpending(*mut FILE) -> usize)(self.0.as_ptr()) }
    }

    /// `__flbf`: whether it is line buffered.
    pub fn line_buffered(&self) -> bool {
        // SAFETY: the stream is open.
        unsafe { required!(__flbf(*mut FILE) -> c_int)(self.0.as_ptr()) != 0 }
    }

    /// `getdelim` with this buffer: the return value, the text, and the size of the buffer afterwards.
    pub fn delimited(&self, buffer: &mut Buffer, delimiter: i32) -> (Answer, Option<String>, usize) {
        let call = required!(getdelim(*mut *mut c_char, *mut usize, c_int, *mut FILE) -> isize);
        set_errno(0);
        // SAFETY: the buffer is null or malloc's, and its size is what the function left there or smaller.
        let length = unsafe { call(&mut buffer.start, &mut buffer.bytes, delimiter, self.0.as_ptr()) };
        let answer = Answer::new(length as i64, length < 0);
        // SAFETY: after a success the buffer holds this many bytes.
        let line = (length >= 0)
            .then(|| text::bytes(unsafe { core::slice::from_raw_parts(buffer.start.cast::<u8>(), length as usize) }));
        (answer, line, buffer.bytes)
    }

    /// `getline` without a place for the buffer, or without one for its size.
    pub fn line_nowhere(&self, place: bool, size: bool) -> Answer {
        let call = required!(getline(*mut *mut c_char, *mut usize, *mut FILE) -> isize);
        let (mut start, mut bytes) = (ptr::null_mut(), 0);
        let start = if place { &raw mut start } else { ptr::null_mut() };
        let bytes = if size { &raw mut bytes } else { ptr::null_mut() };
        set_errno(0);
        // SAFETY: that null pointers are refused is the question; POSIX says EINVAL. May crash, so call it in a child.
        Answer::negative(unsafe { call(start, bytes, self.0.as_ptr()) } as i64)
    }

    /// `freopen`; without a path the mode alone is to change.
    pub fn reopen(self, path: Option<&CStr>, mode: &CStr) -> Result<Stream, Errno> {
        let call = required!(freopen(*const c_char, *const c_char, *mut FILE) -> *mut FILE);
        set_errno(0);
        // SAFETY: the strings are terminated or null; the stream is consumed, and given back where the call succeeds.
        opened(unsafe { call(path.map_or(ptr::null(), CStr::as_ptr), mode.as_ptr(), self.0.as_ptr()) })
    }

    /// `fclose`
    pub fn close(self) -> Answer {
        let call = required!(fclose(*mut FILE) -> c_int);
        set_errno(0);
        // SAFETY: the stream is open, and consumed here.
        Answer::negative(unsafe { call(self.0.as_ptr()) })
    }

    /// `pclose`
    pub fn end_command(self) -> Answer {
        let call = required!(pclose(*mut FILE) -> c_int);
        set_errno(0);
        // SAFETY: the stream is one of `popen`, and consumed here.
        Answer::negative(unsafe { call(self.0.as_ptr()) })
    }
}

/// What `getline` keeps between calls.
pub struct Buffer {
    start: *mut c_char,
    bytes: usize,
}

impl Buffer {
    /// None yet, with this size said.
    pub fn none(bytes: usize) -> Self {
        Self { start: ptr::null_mut(), bytes }
    }
    /// One of malloc's, of this size.
    pub fn of(bytes: usize) -> Self {
        // SAFETY: any size may be asked for.
        Self { start: unsafe { required!(malloc(usize) -> *mut c_void)(bytes) }.cast(), bytes }
    }
}

/// `fflush(NULL)`
pub fn flush_all() -> Answer {
    set_errno(0);
    // SAFETY: a null pointer means every stream.
    Answer::negative(unsafe { required!(fflush(*mut FILE) -> c_int)(ptr::null_mut()) })
}

/// `exit`, which flushes streams; for a child of a case.
pub fn exit(code: i32) -> ! {
    // SAFETY: ends the process; nothing runs beside it.
    unsafe { libc::exit(code) }
}

/// `puts`, which writes to standard output; for a child of a case.
pub fn put_line(text: &CStr) -> Answer {
    set_errno(0);
    // SAFETY: the string is terminated.
    Answer::negative(unsafe { required!(puts(*const c_char) -> c_int)(text.as_ptr()) })
}

/// `perror`, with a prefix or a null pointer, of an error number.
pub fn describe_error(prefix: Option<&CStr>, number: i32) {
    let call = required!(perror(*const c_char) -> ());
    set_errno(number);
    // SAFETY: the prefix is null or terminated.
    unsafe { call(prefix.map_or(ptr::null(), CStr::as_ptr)) }
}

/// `psignal`, with a prefix or a null pointer.
pub fn describe_signal(prefix: Option<&CStr>, signal: i32) {
    // SAFETY: the prefix is null or terminated; any number may be asked about.
    unsafe { required!(psignal(c_int, *const c_char) -> ())(signal, prefix.map_or(ptr::null(), CStr::as_ptr)) }
}

/// `fcloseall`; nothing where the C library has none.
pub fn close_all() -> Option<i32> {
    // SAFETY: the signature is that of stdio.h.
    let call: unsafe extern "C" fn() -> c_int = unsafe { crate::sys::call::lookup(c"fcloseall") }?;
    // SAFETY: takes nothing; the child that calls this uses no stream afterwards but to see what became of it.
    Some(unsafe { call() })
}

/// A copy of memory that a stream was opened over.
///
/// The memory is given as the address of a leaked block of at least `N` bytes, which a stream may write to meanwhile.
pub fn leaked<const N: usize>(block: *const u8) -> [u8; N] {
    // SAFETY: the cases pass the start of a block that they leaked, of this size; streams write bytes to it, nothing else.
    unsafe { core::hint::black_box(block).cast::<[u8; N]>().read_volatile() }
}

//! Questions to the loader about what is loaded: `dl_iterate_phdr`, `dladdr`, `dlinfo`, and the process's own map.

use core::ffi::{CStr, c_char, c_int, c_void};
use heap::string::String;
use heap::vec::Vec;

use super::library::{Library, find};
use super::{canonical, enter_objects};
use crate::outcome::{Outcome, Value};
use crate::sys::call::lookup;
use crate::text;

/// Where the loader keeps the figures of one library.
#[derive(Clone)]
pub struct Entry {
    /// `dlpi_name`.
    pub name: String,
    /// `dlpi_adds` and `dlpi_subs`.
    pub counts: [u64; 2],
    /// Bytes of the structure.
    pub size: usize,
}

unsafe extern "C" fn entry(info: *mut libc::dl_phdr_info, size: usize, list: *mut c_void) -> c_int {
    // SAFETY: the loader passes its structure, and `entries` its list.
    let (info, list) = unsafe { (&*info, &mut *list.cast::<Vec<Entry>>()) };
    let name = if info.dlpi_name.is_null() {
        "null".into()
    } else {
        // SAFETY: the name is terminated.
        text::bytes(unsafe { CStr::from_ptr(info.dlpi_name) }.to_bytes())
    };
    list.push(Entry { name, counts: [info.dlpi_adds, info.dlpi_subs], size });
    0
}

/// What `dl_iterate_phdr` lists, in its order.
pub fn entries() -> Vec<Entry> {
    let mut list: Vec<Entry> = Vec::new();
    // SAFETY: the function takes the list that is passed with it, which outlives the call.
    unsafe { libc::dl_iterate_phdr(Some(entry), (&raw mut list).cast()) };
    list
}

/// How many names that are listed end so.
pub fn listed(end: &str) -> usize {
    entries().iter().filter(|entry| entry.name.ends_with(end)).count()
}

/// Opens an object of the folder in this process.
fn opened(o: &mut Outcome, path: &str) -> Option<Library> {
    if cfg!(target_feature = "crt-static") {
        o.unsupported("a static program loads no libraries");
        return None;
    }
    o.need("entering the folder of objects", enter_objects())?;
    Library::open(Some(path), libc::RTLD_NOW).map_err(|message| o.broke(message)).ok()
}

/// `dladdr` of an address: its result, and names relative to the folder of the objects.
fn located(o: &mut Outcome, address: *const c_void) {
    // SAFETY: an all-zero structure is one that `dladdr` overwrites.
    let mut info: libc::Dl_info = unsafe { core::mem::zeroed() };
    // SAFETY: any address may be asked for; the structure is writable.
    let result = unsafe { libc::dladdr(address, &mut info) };
    o.fact("result", result != 0);
    if result == 0 {
        return;
    }
    let name = |pointer: *const c_char| {
        // SAFETY: the loader's names are null or terminated.
        (!pointer.is_null()).then(|| canonical(&text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes())))
    };
    let file = name(info.dli_fname);
    o.fact("file", file.map(|f| f.rsplit('/').next().unwrap_or_default().into()).map(|f: String| f));
    o.fact("symbol", name(info.dli_sname));
    o.fact("symbol_address", if info.dli_saddr.is_null() { "null" } else { "set" });
}

/// `dladdr` of a symbol of an object, and so many bytes after it.
pub fn locate(o: &mut Outcome, object: &str, symbol: &str, after: usize) {
    let Some(library) = opened(o, object) else { return };
    match find(library.0, symbol).0 {
        Some(address) => located(o, address.as_ptr().wrapping_byte_add(after)),
        None => o.broke(heap::format!("{object} has no {symbol}")),
    }
}

/// `dladdr` of an address on the stack.
pub fn locate_stack(o: &mut Outcome) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    let here = 0u8;
    located(o, (&raw const here).cast());
}

/// `dladdr` of the program's own `main`.
pub fn locate_main(o: &mut Outcome) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    unsafe extern "C" {
        fn main();
    }
    located(o, main as *const c_void);
}

/// Requests of `dlinfo`, by the names of dlfcn.h.
const REQUESTS: &[(&str, c_int)] = &[
    ("RTLD_DI_LMID", 1),
    ("RTLD_DI_LINKMAP", 2),
    ("RTLD_DI_SERINFOSIZE", 5),
    ("RTLD_DI_ORIGIN", 6),
    ("RTLD_DI_TLS_MODID", 9),
    ("RTLD_DI_TLS_DATA", 10),
    ("RTLD_DI_PHDR", 11),
    ("99", 99),
];

/// What each request of `dlinfo` comes to.
pub fn requests(o: &mut Outcome) {
    let Some(library) = opened(o, "./tls.so") else { return };
    type Ask = unsafe extern "C" fn(*mut c_void, c_int, *mut c_void) -> c_int;
    // SAFETY: the signature is that of dlfcn.h.
    let Some(ask) = (unsafe { lookup::<Ask>(c"dlinfo") }) else {
        return o.fact("dlinfo", "there is no such function");
    };
    let rows = REQUESTS.iter().map(|(name, request)| {
        let mut room = [0u64; 2048];
        // SAFETY: the handle is open; every request writes less than this room holds.
        let result = unsafe { ask(library.0, *request, room.as_mut_ptr().cast()) };
        let said: Value = match result {
            -1 => super::library::error().unwrap_or_else(|| "-1, no message".into()).into(),
            _ => "answered".into(),
        };
        ((*name).into(), said)
    });
    o.table("requests", rows.collect());
}

/// Whether the main stack is executable before and after an object is opened.
pub fn stack(o: &mut Outcome, object: &str) {
    let before = stack_access();
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    let Some(()) = o.need("entering the folder of objects", enter_objects()) else { return };
    let opened = Library::open(Some(object), libc::RTLD_NOW);
    o.fact("opened", opened.map_or_else(|message| message, |_| "done".into()));
    o.fact("stack_before", before);
    o.fact("stack_after", stack_access());
}

/// The stack size that a thread without attributes gets, before and after an object is opened, where one is named.
pub fn thread_stack(o: &mut Outcome, object: Option<&str>) {
    if cfg!(target_feature = "crt-static") {
        return o.unsupported("a static program loads no libraries");
    }
    o.fact("stack_bytes", default_stack());
    if let Some(object) = object
        && opened(o, object).is_some()
    {
        o.fact("stack_bytes_after", default_stack());
    }
}

fn default_stack() -> usize {
    let mut bytes = 0;
    // SAFETY: the attributes are initialised before they are asked and destroyed once; the size is writable.
    unsafe {
        let mut attributes = core::mem::zeroed();
        libc::pthread_attr_init(&mut attributes);
        libc::pthread_attr_getstacksize(&attributes, &mut bytes);
        libc::pthread_attr_destroy(&mut attributes);
    }
    bytes
}

/// The access letters of the stack in the process's map.
fn stack_access() -> Option<String> {
    let mut map = [0u8; 32 << 10];
    let mut length = 0;
    // SAFETY: the path is terminated; reads go to what is left of the buffer; the descriptor is closed once.
    unsafe {
        let fd = libc::open(c"/proc/self/maps".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        loop {
            let n = libc::read(fd, map[length..].as_mut_ptr().cast(), map.len() - length);
            if n <= 0 {
                break;
            }
            length += n as usize;
        }
        libc::close(fd);
    }
    let map = String::from_utf8_lossy(&map[..length]);
    map.lines().find(|line| line.ends_with("[stack]")).and_then(|line| line.split(' ').nth(1)).map(String::from)
}

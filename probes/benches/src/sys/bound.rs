//! Which object a function comes from: what proves that the `malloc` under test is the one that was meant.

use std::ffi::{CStr, c_void};
use std::hint::black_box;
use std::mem::MaybeUninit;

/// The file that holds the function at an address, by the dynamic loader; `program` where it is linked in, which a static
/// program's loader does not know and so means it.
fn object_of(address: *const c_void) -> String {
    let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: the structure is writable; any address may be asked for.
    let known = unsafe { libc::dladdr(address, found.as_mut_ptr()) } != 0;
    // SAFETY: zeroes are a valid structure without names.
    let (found, own) = unsafe { (found.assume_init(), own_base()) };
    if !known || found.dli_fname.is_null() || Some(found.dli_fbase) == own {
        return "program".into();
    }
    // SAFETY: a name that the loader gives is terminated and lives as long as the object, which is never unloaded.
    unsafe { CStr::from_ptr(found.dli_fname) }.to_string_lossy().into_owned()
}

/// Where this program itself is loaded, if the loader knows.
fn own_base() -> Option<*mut c_void> {
    let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: as in `object_of`.
    unsafe {
        let known = libc::dladdr(object_of as *const c_void, found.as_mut_ptr()) != 0;
        known.then(|| found.assume_init().dli_fbase)
    }
}

/// The object that `malloc` is in.
pub fn malloc() -> String {
    object_of(black_box(libc::malloc as *const c_void))
}

/// The object that the C library itself is in, by a function that no allocator replaces.
pub fn libc() -> String {
    object_of(black_box(libc::getppid as *const c_void))
}

/// The address of a name that any loaded object exports; null in a static program.
pub fn symbol(name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the name is terminated, and this handle is always valid.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

/// glibc's version, where glibc is what is loaded.
pub fn glibc_version() -> Option<String> {
    let address = symbol(c"gnu_get_libc_version")?;
    // SAFETY: the function of this name takes nothing and returns a terminated string that is never freed.
    unsafe {
        let version: extern "C" fn() -> *const libc::c_char = std::mem::transmute(address);
        Some(CStr::from_ptr(version()).to_string_lossy().into_owned())
    }
}

//! Locale objects: `newlocale`, `uselocale`, `duplocale`.

use super::c;
use crate::sys::call::{Errno, errno, set_errno};

/// LC_GLOBAL_LOCALE, -1 in both families.
const GLOBAL: libc::locale_t = usize::MAX as libc::locale_t;

/// A locale object. Never freed: a case ends its process.
#[derive(Clone, Copy)]
pub struct Object(libc::locale_t);

/// `newlocale` over a base; without one it begins anew.
pub fn new(mask: i32, name: &str, base: Option<Object>) -> Result<Object, Errno> {
    let name = c(name);
    set_errno(0);
    let base = base.map_or(core::ptr::null_mut(), |object| object.0);
    // SAFETY: the name is terminated; the base is null or an object, which nobody uses afterwards.
    let object = unsafe { libc::newlocale(mask, name.as_ptr(), base) };
    if object.is_null() { Err(Errno(errno())) } else { Ok(Object(object)) }
}

/// `duplocale` of LC_GLOBAL_LOCALE.
pub fn duplicate_global() -> Result<Object, Errno> {
    set_errno(0);
    // SAFETY: POSIX allows LC_GLOBAL_LOCALE here.
    let object = unsafe { libc::duplocale(GLOBAL) };
    if object.is_null() { Err(Errno(errno())) } else { Ok(Object(object)) }
}

impl Object {
    /// `uselocale`: whether it returned an object.
    pub fn install(self) -> bool {
        // SAFETY: the object is not freed.
        !unsafe { libc::uselocale(self.0) }.is_null()
    }

    /// Whether two are one object.
    pub fn same(self, other: Self) -> bool {
        core::ptr::eq(self.0, other.0)
    }
}

/// Whether `uselocale(NULL)` says LC_GLOBAL_LOCALE.
pub fn global_in_use() -> bool {
    // SAFETY: a null argument only asks.
    core::ptr::eq(unsafe { libc::uselocale(core::ptr::null_mut()) }, GLOBAL)
}

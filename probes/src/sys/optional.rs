//! Functions that not every C library has: found at run time in a dynamic program, linked in the static one.
//!
//! A static program has no dynamic symbols to ask, but the C library inside is musl's, known when it was linked.

use core::sync::atomic::{AtomicPtr, Ordering};

/// Where the address of a function is kept once it was looked up: a look-up takes longer than many a function.
pub struct Address(AtomicPtr<()>);

impl Address {
    const UNKNOWN: *mut () = core::ptr::without_provenance_mut(1);

    /// Nothing was looked up yet.
    #[allow(clippy::new_without_default, reason = "it is a static, built in a constant")]
    pub const fn new() -> Self {
        Self(AtomicPtr::new(Self::UNKNOWN))
    }

    /// The function, looked up where it was not before.
    ///
    /// # Safety
    /// `F` must be the type of a function pointer, and the same in every call.
    pub unsafe fn get<F: Copy>(&self, find: fn() -> Option<F>) -> Option<F> {
        const { assert!(size_of::<Option<F>>() == size_of::<*mut ()>()) };
        let kept = self.0.load(Ordering::Relaxed);
        if kept != Self::UNKNOWN {
            // SAFETY: the address was made of an `Option<F>` below, and the sizes are equal.
            return unsafe { core::mem::transmute_copy(&kept) };
        }
        let found = find();
        // SAFETY: a function pointer that may be none is an address that may be null.
        self.0.store(unsafe { core::mem::transmute_copy(&found) }, Ordering::Relaxed);
        found
    }
}

/// As [`optional!`], looked up once in a process.
macro_rules! kept {
    ($name:ident($($type:ty),* $(,)?) -> $result:ty) => {{
        fn find() -> Option<unsafe extern "C" fn($($type),*) -> $result> {
            $crate::sys::optional::optional!($name($($type),*) -> $result)
        }
        static ADDRESS: $crate::sys::optional::Address = $crate::sys::optional::Address::new();
        // SAFETY: this place is its own, and the type is that of `find`.
        #[allow(unused_unsafe, reason = "some of the uses are in unsafe code already")]
        let found = core::hint::black_box(unsafe { ADDRESS.get(find) });
        found
    }};
}
pub(crate) use kept;

/// A function by name: an expression of type `Option<unsafe extern "C" fn(..) -> ..>`.
///
/// Only for functions that musl has had since 1.2.3, the oldest that the static flavour is linked with. The signature must
/// be the one of the C headers.
macro_rules! optional {
    ($name:ident($($type:ty),* $(,)?) -> $result:ty) => {{
        #[cfg(target_feature = "crt-static")]
        {
            unsafe extern "C" {
                fn $name($(_: $type),*) -> $result;
            }
            Some($name as unsafe extern "C" fn($($type),*) -> $result)
        }
        #[cfg(not(target_feature = "crt-static"))]
        {
            const NAME: &core::ffi::CStr = match core::ffi::CStr::from_bytes_with_nul(
                concat!(stringify!($name), "\0").as_bytes()
            ) {
                Ok(name) => name,
                Err(_) => unreachable!(),
            };
            // SAFETY: the signature is the one of the C headers, which each use vouches for.
            #[allow(unused_unsafe, reason = "some of the uses are in unsafe code already")]
            let found = unsafe { $crate::sys::call::lookup::<unsafe extern "C" fn($($type),*) -> $result>(NAME) };
            found
        }
    }};
}
pub(crate) use optional;

/// A function that every C library has, behind a pointer that the compiler cannot see through: it knows many functions of C
/// by name, works them out at build time, and makes one call of another. In glibc it is the newest version. It is looked up once
/// in a process: a program that asks a million questions has no time for more.
macro_rules! required {
    ($name:ident($($type:ty),* $(,)?) -> $result:ty) => {
        $crate::sys::optional::kept!($name($($type),*) -> $result)
            .expect(concat!("the C library has no ", stringify!($name)))
    };
}
pub(crate) use required;

//! Thread attributes: what a thread is made with, and what it turns out to have.

use core::ffi::c_void;

use crate::sys::call::{Errno, check_code};
use crate::sys::optional::optional;

/// An initialised `pthread_attr_t`.
pub struct Attributes(libc::pthread_attr_t);

/// Lowest address and size of a stack.
#[derive(Clone, Copy, Debug)]
pub struct Stack {
    /// The lowest address.
    pub lowest: usize,
    /// Bytes.
    pub bytes: usize,
}

/// The setters that are called with odd values, to see what they refuse.
#[derive(Clone, Copy, Debug)]
pub enum Setter {
    /// `pthread_attr_setdetachstate`
    DetachState,
    /// `pthread_attr_setscope`
    Scope,
    /// `pthread_attr_setinheritsched`
    InheritSched,
    /// `pthread_attr_setschedpolicy`
    SchedPolicy,
}

unsafe extern "C" {
    // The libc crate leaves this POSIX function out.
    fn pthread_attr_setscope(attributes: *mut libc::pthread_attr_t, scope: i32) -> i32;
}

impl Attributes {
    /// As `pthread_attr_init` makes it.
    pub fn new() -> Result<Self, Errno> {
        // SAFETY: an all-zero object is overwritten by `pthread_attr_init` before it is read.
        let mut raw = unsafe { core::mem::zeroed() };
        // SAFETY: the object is writable.
        check_code(unsafe { libc::pthread_attr_init(&mut raw) })?;
        Ok(Self(raw))
    }

    /// With a stack of this many bytes.
    pub fn with_stack(bytes: usize) -> Result<Self, Errno> {
        let mut new = Self::new()?;
        new.set_stack(bytes).map(|()| new)
    }

    /// `pthread_attr_setstacksize`
    pub fn set_stack(&mut self, bytes: usize) -> Result<(), Errno> {
        // SAFETY: the object is initialised.
        check_code(unsafe { libc::pthread_attr_setstacksize(&mut self.0, bytes) })
    }

    /// `pthread_attr_setguardsize`
    pub fn set_guard(&mut self, bytes: usize) -> Result<(), Errno> {
        // SAFETY: the object is initialised.
        check_code(unsafe { libc::pthread_attr_setguardsize(&mut self.0, bytes) })
    }

    /// `pthread_attr_setstack` with memory that is leaked for it, page aligned and `offset` bytes into a page.
    pub fn set_own_stack(&mut self, bytes: usize, offset: usize) -> Result<Stack, Errno> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a fresh mapping, larger than what is used of it, and never given back.
        let memory = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            libc::mmap(core::ptr::null_mut(), bytes + offset, access, flags, -1, 0)
        };
        if memory == libc::MAP_FAILED {
            return Err(Errno(libc::ENOMEM));
        }
        let lowest = memory.wrapping_byte_add(offset);
        // SAFETY: the object is initialised, and the memory is mapped for good.
        check_code(unsafe { libc::pthread_attr_setstack(&mut self.0, lowest, bytes) })?;
        Ok(Stack { lowest: lowest as usize, bytes })
    }

    /// One of the setters with this value.
    pub fn set(&mut self, setter: Setter, value: i32) -> Result<(), Errno> {
        // SAFETY: the object is initialised; every integer is allowed as an argument.
        check_code(unsafe {
            match setter {
                Setter::DetachState => libc::pthread_attr_setdetachstate(&mut self.0, value),
                Setter::Scope => pthread_attr_setscope(&mut self.0, value),
                Setter::InheritSched => libc::pthread_attr_setinheritsched(&mut self.0, value),
                Setter::SchedPolicy => libc::pthread_attr_setschedpolicy(&mut self.0, value),
            }
        })
    }

    /// The stack size: bytes.
    pub fn stack(&self) -> Result<usize, Errno> {
        let mut bytes = 0;
        // SAFETY: the object is initialised, and the result is writable.
        check_code(unsafe { libc::pthread_attr_getstacksize(&self.0, &mut bytes) }).map(|()| bytes)
    }

    /// The guard size: bytes.
    pub fn guard(&self) -> Result<usize, Errno> {
        let mut bytes = 0;
        // SAFETY: as in `stack`.
        check_code(unsafe { libc::pthread_attr_getguardsize(&self.0, &mut bytes) }).map(|()| bytes)
    }

    /// `pthread_attr_getstack`
    pub fn whole_stack(&self) -> Result<Stack, Errno> {
        let (mut lowest, mut bytes) = (core::ptr::null_mut::<c_void>(), 0);
        // SAFETY: as in `stack`, with two results.
        check_code(unsafe { libc::pthread_attr_getstack(&self.0, &mut lowest, &mut bytes) })?;
        Ok(Stack { lowest: lowest as usize, bytes })
    }

    /// `pthread_getattr_np` of the calling thread.
    pub fn of_this_thread() -> Result<Self, Errno> {
        // SAFETY: an all-zero object is overwritten by the call.
        let mut raw = unsafe { core::mem::zeroed() };
        // SAFETY: the thread is the calling one, and the object is writable.
        check_code(unsafe { libc::pthread_getattr_np(libc::pthread_self(), &mut raw) })?;
        Ok(Self(raw))
    }

    /// `pthread_setattr_default_np`; nothing where the C library has no such function.
    pub fn make_default(&self) -> Option<Result<(), Errno>> {
        let set = optional!(pthread_setattr_default_np(*const libc::pthread_attr_t) -> i32)?;
        // SAFETY: the object is initialised; the function copies it.
        Some(check_code(unsafe { set(&self.0) }))
    }

    /// For the calls that take a pointer to the attributes.
    pub(super) fn raw(&self) -> *const libc::pthread_attr_t {
        &self.0
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the object is initialised and not used again.
        unsafe { libc::pthread_attr_destroy(&mut self.0) };
    }
}

/// Stack size and guard size, in bytes, of a default thread attribute object (`pthread_attr_init`).
pub fn defaults() -> Result<(usize, usize), Errno> {
    let attributes = Attributes::new()?;
    Ok((attributes.stack()?, attributes.guard()?))
}

/// A system limit that has to do with threads: nothing where `sysconf` says that there is none, or does not know it.
pub fn sysconf(name: i32) -> Option<i64> {
    // SAFETY: asks for a number.
    let value = unsafe { libc::sysconf(name) };
    (value != -1).then_some(value)
}

/// The soft limit on the size of the main thread's stack: bytes, nothing for unlimited.
pub fn stack_limit() -> Result<Option<u64>, Errno> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the result is writable.
    crate::sys::call::check(unsafe { libc::getrlimit(libc::RLIMIT_STACK, &mut limit) })?;
    Ok((limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur))
}

/// Sets the soft limit on the size of the main thread's stack: bytes.
pub fn set_stack_limit(bytes: u64) -> Result<(), Errno> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is writable, then readable.
    crate::sys::call::check(unsafe {
        libc::getrlimit(libc::RLIMIT_STACK, &mut limit);
        limit.rlim_cur = bytes;
        libc::setrlimit(libc::RLIMIT_STACK, &limit)
    })
    .map(drop)
}

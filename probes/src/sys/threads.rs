//! Threads: attributes, stacks and what happens at their end.

use super::call::{Errno, check_code};

/// Stack size and guard size, in bytes, of a default thread attribute object (`pthread_attr_init`).
pub fn default_attributes() -> Result<(usize, usize), Errno> {
    // SAFETY: an all-zero attribute object is overwritten by `pthread_attr_init` before it is read.
    let mut attributes: libc::pthread_attr_t = unsafe { core::mem::zeroed() };
    let (mut stack, mut guard) = (0, 0);
    // SAFETY: the object is initialised first; both results are written to valid places.
    unsafe {
        check_code(libc::pthread_attr_init(&mut attributes))?;
        check_code(libc::pthread_attr_getstacksize(&attributes, &mut stack))?;
        check_code(libc::pthread_attr_getguardsize(&attributes, &mut guard))?;
    }
    Ok((stack, guard))
}

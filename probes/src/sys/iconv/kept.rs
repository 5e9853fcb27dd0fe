//! Descriptors that serve more than one input: opening one may read a dozen files.

use core::ffi::CStr;

use super::Conversion;
use crate::sys::call::{Errno, errno, set_errno};
use crate::sys::kept::{Kept, Name};

/// Most bytes of a name of a charset.
const NAME_BYTES: usize = 48;
/// How many descriptors are kept: those of all pairs that inputs are made of would hold too much memory.
const SLOTS: usize = 256;

struct Slot {
    to: Name<NAME_BYTES>,
    from: Name<NAME_BYTES>,
    opened: Option<Result<Conversion, Errno>>,
}

const EMPTY: Slot = Slot { to: Name::NONE, from: Name::NONE, opened: None };

static KEPT: Kept<[Slot; SLOTS]> = Kept::new([EMPTY; SLOTS]);

/// Hands out a conversion in its first state, or the error of `iconv_open`; `None` where a name is too long to be kept.
pub fn with<R>(to: &CStr, from: &CStr, body: impl FnOnce(Result<&mut Conversion, Errno>) -> R) -> Option<R> {
    let names = (Name::of(to.to_bytes())?, Name::of(from.to_bytes())?);
    let bytes = to.to_bytes().iter().chain(b"/").chain(from.to_bytes());
    let place = bytes.fold(5381usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(*byte)) % SLOTS;
    Some(KEPT.with(|slots| {
        let slot = &mut slots[place];
        if (slot.to, slot.from) != names || slot.opened.is_none() {
            if let Some(Ok(old)) = slot.opened.take() {
                old.close();
            }
            (slot.to, slot.from) = names;
            slot.opened = Some(open(to, from));
        }
        match slot.opened.as_mut() {
            Some(Ok(conversion)) => {
                conversion.reset(None);
                body(Ok(conversion))
            }
            Some(Err(error)) => body(Err(*error)),
            None => body(Err(Errno(0))),
        }
    }))
}

fn open(to: &CStr, from: &CStr) -> Result<Conversion, Errno> {
    set_errno(0);
    // SAFETY: both names are terminated.
    let descriptor = unsafe { libc::iconv_open(to.as_ptr(), from.as_ptr()) };
    if descriptor as isize == -1 { Err(Errno(errno())) } else { Ok(Conversion(descriptor)) }
}

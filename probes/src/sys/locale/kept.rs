//! The locale of characters, changed only where the next question wants another one.

use core::ffi::CStr;

use crate::sys::kept::Kept;

/// A locale that questions are asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Characters {
    /// `C`
    Plain,
    /// `C.UTF-8`
    Utf8,
}

/// What is set, and whether it was taken; a program starts in `C`.
static SET: Kept<(Characters, bool)> = Kept::new((Characters::Plain, true));

/// `setlocale(LC_ALL, ...)`: whether the locale is there.
pub fn use_characters(wanted: Characters) -> bool {
    SET.with(|set| {
        if set.0 != wanted {
            let name: &CStr = match wanted {
                Characters::Plain => c"C",
                Characters::Utf8 => c"C.UTF-8",
            };
            // SAFETY: the name is terminated.
            *set = (wanted, !unsafe { libc::setlocale(libc::LC_ALL, name.as_ptr()) }.is_null());
        }
        set.1
    })
}

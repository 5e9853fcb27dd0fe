//! `sscanf` and its relatives into places that a table describes.

use core::ffi::{CStr, c_char, c_int};
use core::hint::black_box;
use core::ptr;
use heap::string::String;
use heap::vec::Vec;

use crate::sys::call::{Errno, errno, set_errno};
use crate::text;

/// Which function a program gets by the name of `sscanf`: glibc's headers choose by the language that is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// C99 to C17, as every compiler has had it by default: `__isoc99_sscanf` in glibc.
    C99,
    /// C90 with GNU extensions: `sscanf` itself.
    Gnu90,
    /// C23, or any with _GNU_SOURCE from glibc 2.38 on: `__isoc23_sscanf`, where there is one.
    C23,
}

/// What a conversion writes to.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A signed integer of so many bytes.
    Int(usize),
    /// A `float`.
    Float,
    /// A `double`.
    Double,
    /// 256 bytes of characters.
    Text,
    /// 64 wide characters.
    Wide,
    /// Up to 8 bytes of which only the number matters.
    Size,
    /// A pointer that the call fills with a string of its own making.
    Allocated,
}

/// What a scanning function did.
pub struct Scanned {
    /// The return value.
    pub count: i32,
    /// `errno`, which was 0 before.
    pub errno: Errno,
    /// What each place holds; nothing where it was not written to.
    pub values: Vec<Option<String>>,
}

const UNTOUCHED: u8 = 0x5a;
const PLACE: usize = 256;
type Call = unsafe extern "C" fn(*const c_char, *const c_char, ...) -> c_int;

#[cfg(target_env = "gnu")]
fn function(language: Language) -> Option<Call> {
    let name = match language {
        Language::C99 => c"__isoc99_sscanf",
        Language::Gnu90 => c"sscanf",
        Language::C23 => c"__isoc23_sscanf",
    };
    // SAFETY: the signature is that of stdio.h.
    unsafe { crate::sys::call::lookup(name) }
}
#[cfg(not(target_env = "gnu"))]
fn function(_: Language) -> Option<Call> {
    unsafe extern "C" {
        fn sscanf(text: *const c_char, format: *const c_char, ...) -> c_int;
    }
    Some(sscanf as Call)
}

/// `sscanf` with up to four places; nothing where the C library has no such function for the language.
pub fn scan(language: Language, input: &CStr, format: &CStr, places: &[Place]) -> Option<Scanned> {
    let call = black_box(function(language))?;
    let mut memory = heap::vec![UNTOUCHED; 5 * PLACE];
    let mut at = memory.chunks_exact_mut(PLACE).map(<[u8]>::as_mut_ptr);
    let [a, b, c, d, e] = core::array::from_fn(|_| at.next().unwrap_or(ptr::null_mut()));
    set_errno(0);
    // SAFETY: both strings are terminated, and each place is larger than what the row's conversion writes.
    let count = unsafe { call(input.as_ptr(), format.as_ptr(), a, b, c, d, e) };
    let errno = Errno(errno());
    let values = places.iter().zip(memory.chunks_exact(PLACE)).map(|(place, bytes)| read(*place, bytes)).collect();
    Some(Scanned { count, errno, values })
}

fn read(place: Place, bytes: &[u8]) -> Option<String> {
    let word = |n: usize| -> [u8; 8] { core::array::from_fn(|i| if i < n { bytes[i] } else { 0 }) };
    let touched = |n: usize| bytes[..n].iter().any(|byte| *byte != UNTOUCHED);
    let number = u64::from_le_bytes(word(8));
    Some(match place {
        Place::Int(n) => {
            touched(n).then_some(())?;
            let shift = 64 - 8 * n as u32;
            heap::format!("{}", (u64::from_le_bytes(word(n)) << shift) as i64 >> shift)
        }
        Place::Float => {
            touched(4).then_some(())?;
            heap::format!("{:?}", f32::from_bits(number as u32))
        }
        Place::Double => {
            touched(8).then_some(())?;
            heap::format!("{:?}", f64::from_bits(number))
        }
        Place::Text => {
            touched(PLACE).then_some(())?;
            let end = bytes.iter().position(|byte| matches!(*byte, 0 | UNTOUCHED)).unwrap_or(PLACE);
            let ended = if bytes.get(end) == Some(&0) { "" } else { ", not terminated" };
            heap::format!("{:?}{ended}", text::bytes(&bytes[..end]))
        }
        Place::Wide => {
            touched(4).then_some(())?;
            let words = bytes.chunks_exact(4).map(|w| u32::from_le_bytes([w[0], w[1], w[2], w[3]]));
            let text: String = words.take_while(|w| *w != 0).map(|w| char::from_u32(w).unwrap_or('\u{fffd}')).collect();
            heap::format!("{text:?}")
        }
        Place::Size => heap::format!("{} bytes", bytes[..8].iter().rposition(|byte| *byte != UNTOUCHED)? + 1),
        Place::Allocated => {
            touched(8).then_some(())?;
            let pointer: *const c_char = ptr::with_exposed_provenance(number as usize);
            if pointer.is_null() {
                return Some("null".into());
            }
            // SAFETY: such rows have a conversion that allocates, so that the pointer is the call's own string.
            heap::format!("{:?}", text::bytes(unsafe { CStr::from_ptr(pointer) }.to_bytes()))
        }
    })
}

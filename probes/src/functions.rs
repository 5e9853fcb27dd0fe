//! Which functions a C library has: tables of names that an area asks for.

use core::ffi::CStr;

use crate::outcome::Outcome;
use crate::sys::call::exists;

/// A table of cases, behind its name and the source of its functions: rows of `id, title, names`. The area's `case` makes each.
macro_rules! functions {
    ($table:ident, $source:literal; $($id:literal, $title:literal, [$($name:literal),*];)*) => {
        /// Cases that ask which functions there are.
        pub const $table: &[$crate::case::Case] = &[$(super::case(
            $id,
            $title,
            concat!("Which of these does the C library have: ", $title, "?"),
            $source,
            |o| $crate::functions::found(o, &[$($name),*]),
        )),*];
    };
}
pub(crate) use functions;

/// Says of each name whether the C library has it.
pub fn found(o: &mut Outcome, names: &[&CStr]) {
    if !exists(c"printf") {
        return o.unsupported("a static program has no names to look up");
    }
    let rows = names.iter().map(|name| (name.to_str().unwrap_or_default().into(), exists(name).into()));
    o.table("there", rows.collect());
}

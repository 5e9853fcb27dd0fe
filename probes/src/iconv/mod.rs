//! `iconv`: which character sets there are, and what becomes of characters that do not fit, of input that is wrong or ends
//! early, and of byte order marks and shift states.
//!
//! glibc reads all but a handful of its character sets from the image's gconv modules, so most cases look at the image as
//! shipped; [`bare`] asks without any. The rows are data: the reference column answers them by encoding_rs.

use crate::case::{Case, File, Needs, count, join};

pub mod bare;
pub mod convert;
mod found;
pub mod names;
mod state;

/// No gconv module, no list of them and no cache of the list, wherever Debian and Alpine keep them.
const BARE: Needs = Needs::NOTHING.files(&[
    empty("/usr/lib/x86_64-linux-gnu/gconv/gconv-modules"),
    empty("/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache"),
    empty("/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.d/gconv-modules-extra.conf"),
    empty("/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.d/gconv-modules.conf"),
    empty("/usr/lib/aarch64-linux-gnu/gconv/gconv-modules"),
    empty("/usr/lib/aarch64-linux-gnu/gconv/gconv-modules.cache"),
    empty("/usr/lib/aarch64-linux-gnu/gconv/gconv-modules.d/gconv-modules-extra.conf"),
    empty("/usr/lib/aarch64-linux-gnu/gconv/gconv-modules.d/gconv-modules.conf"),
    empty("/usr/lib64/gconv/gconv-modules"),
    empty("/usr/lib64/gconv/gconv-modules.cache"),
]);

const fn empty(path: &'static str) -> File {
    File { path, content: b"" }
}

/// Character sets of the image, with the hermetic question of what there is without them.
const SHIPPED: Needs = Needs::as_shipped(Some("iconv.bare.open"));

const TABLES: &[&[Case]] = &[names::CASES, convert::CASES, state::CASES, bare::CASES, found::CASES];

/// Every case of the area.
pub static CASES: &[Case] = &join::<{ count(TABLES) }>(TABLES);

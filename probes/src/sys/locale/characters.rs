//! Characters: bytes into wide characters and back, classes, case and width.

use core::ffi::{CStr, c_char, c_int, c_ulong};
use heap::vec::Vec;

use crate::sys::call::{Errno, errno, set_errno};

type Wide = u32;

/// Room for either family's `mbstate_t`.
#[repr(C, align(8))]
#[derive(Default)]
struct State([u64; 4]);

unsafe extern "C" {
    fn mbrtowc(to: *mut libc::wchar_t, from: *const c_char, size: usize, state: *mut State) -> usize;
    fn wcrtomb(to: *mut c_char, from: libc::wchar_t, state: *mut State) -> usize;
    fn mbstowcs(to: *mut libc::wchar_t, from: *const c_char, size: usize) -> usize;
    fn wcstombs(to: *mut c_char, from: *const libc::wchar_t, size: usize) -> usize;
    fn mblen(from: *const c_char, size: usize) -> c_int;
    fn btowc(byte: c_int) -> Wide;
    fn wctob(wide: Wide) -> c_int;
    fn wctype(name: *const c_char) -> c_ulong;
    fn iswctype(wide: Wide, class: c_ulong) -> c_int;
    fn wctrans(name: *const c_char) -> *const c_int;
    fn towupper(wide: Wide) -> Wide;
    fn towlower(wide: Wide) -> Wide;
    fn wcwidth(wide: libc::wchar_t) -> c_int;
    fn wcswidth(text: *const libc::wchar_t, size: usize) -> c_int;
}

/// One step of `mbrtowc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A character and how many bytes it took.
    Character(u32, usize),
    /// -1, with this error number.
    Invalid(i32),
    /// -2: more bytes are needed.
    Incomplete,
}

/// `mbrtowc` over all bytes; after an error it goes on one byte later with a fresh state.
pub fn decode(bytes: &[u8]) -> Vec<Decoded> {
    let mut found = Vec::new();
    let (mut at, mut state) = (0, State::default());
    while at < bytes.len() {
        let (mut wide, rest) = (0, &bytes[at..]);
        set_errno(0);
        // SAFETY: the state is large enough for both families and starts as zeros; the bytes are as many as said.
        let length = unsafe { mbrtowc(&mut wide, rest.as_ptr().cast(), rest.len(), &mut state) };
        match length as isize {
            -1 => {
                found.push(Decoded::Invalid(errno()));
                state = State::default();
                at += 1;
            }
            -2 => {
                found.push(Decoded::Incomplete);
                break;
            }
            _ => {
                found.push(Decoded::Character(wide as u32, length));
                at += length.max(1);
            }
        }
    }
    found
}

/// `mbrtowc` of one byte after the other, the state kept: what each call returned.
pub fn decode_bytewise(bytes: &[u8]) -> Vec<isize> {
    let mut state = State::default();
    let mut wide = 0;
    // SAFETY: as in `decode`; one byte each.
    bytes.iter().map(|b| unsafe { mbrtowc(&mut wide, (&raw const *b).cast(), 1, &mut state) } as isize).collect()
}

/// `wcrtomb`: the bytes, or the error number.
pub fn encode(wide: u32) -> Result<Vec<u8>, Errno> {
    let mut buffer = [0u8; 16];
    let mut state = State::default();
    set_errno(0);
    // SAFETY: the buffer holds MB_LEN_MAX of either family; the state is as in `decode`.
    let length = unsafe { wcrtomb(buffer.as_mut_ptr().cast(), wide as libc::wchar_t, &mut state) };
    if length == usize::MAX { Err(Errno(errno())) } else { Ok(buffer[..length].to_vec()) }
}

/// `mbstowcs`: the count, without a place for the result or with one; -1 as the error number.
pub fn count_characters(text: &CStr, place: bool) -> Result<usize, Errno> {
    let mut wide = [0; 64];
    set_errno(0);
    let to = if place { wide.as_mut_ptr() } else { core::ptr::null_mut() };
    // SAFETY: the text is terminated; the place is null or as long as said.
    let count = unsafe { mbstowcs(to, text.as_ptr(), wide.len()) };
    if count == usize::MAX { Err(Errno(errno())) } else { Ok(count) }
}

/// `wcstombs` without a place: how many bytes it would write; -1 as the error number.
pub fn count_bytes(text: &[u32]) -> Result<usize, Errno> {
    let wide: Vec<libc::wchar_t> = text.iter().chain(&[0]).map(|w| *w as libc::wchar_t).collect();
    set_errno(0);
    // SAFETY: the text is terminated; a null place is allowed.
    let count = unsafe { wcstombs(core::ptr::null_mut(), wide.as_ptr(), 0) };
    if count == usize::MAX { Err(Errno(errno())) } else { Ok(count) }
}

/// `mblen`.
pub fn length(bytes: &[u8]) -> i32 {
    // SAFETY: the bytes are as many as said.
    unsafe { mblen(bytes.as_ptr().cast(), bytes.len()) }
}

/// `btowc`; `None` for WEOF.
pub fn from_byte(byte: u8) -> Option<u32> {
    // SAFETY: any byte may be asked.
    let wide = unsafe { btowc(c_int::from(byte)) };
    (wide != u32::MAX).then_some(wide)
}

/// `wctob`; `None` for EOF.
pub fn to_byte(wide: u32) -> Option<i32> {
    // SAFETY: any wide character may be asked.
    let byte = unsafe { wctob(wide) };
    (byte != -1).then_some(byte)
}

/// The classes of POSIX.
pub const CLASSES: [&CStr; 12] = [
    c"alpha", c"upper", c"lower", c"digit", c"xdigit", c"alnum", c"punct", c"space", c"blank", c"cntrl", c"print",
    c"graph",
];

/// Whether `wctype` knows a class.
pub fn class_known(name: &CStr) -> bool {
    // SAFETY: the name is terminated.
    unsafe { wctype(name.as_ptr()) != 0 }
}

/// Whether `wctrans` knows a mapping.
pub fn mapping_known(name: &CStr) -> bool {
    // SAFETY: the name is terminated.
    !unsafe { wctrans(name.as_ptr()) }.is_null()
}

/// `iswctype` of a class by name.
pub fn is(wide: u32, class: &CStr) -> bool {
    // SAFETY: the name is terminated; any wide character may be asked of a class that is known.
    unsafe { iswctype(wide, wctype(class.as_ptr())) != 0 }
}

/// `towupper` and `towlower`.
pub fn cases(wide: u32) -> (u32, u32) {
    // SAFETY: any wide character may be asked.
    unsafe { (towupper(wide), towlower(wide)) }
}

/// `wcwidth`.
pub fn width(wide: u32) -> i32 {
    // SAFETY: any wide character may be asked.
    unsafe { wcwidth(wide as libc::wchar_t) }
}

/// `wcswidth`.
pub fn text_width(text: &str) -> i32 {
    let wide: Vec<libc::wchar_t> = text.chars().chain(['\0']).map(|w| w as libc::wchar_t).collect();
    // SAFETY: the text is as long as said, and terminated.
    unsafe { wcswidth(wide.as_ptr(), wide.len()) }
}

/// `isalpha` and its eleven relatives, by the number of [`CLASSES`], for a byte or EOF.
pub fn byte_is(class: usize, byte: i32) -> bool {
    type Test = unsafe extern "C" fn(c_int) -> c_int;
    const TESTS: [Test; 12] = [
        libc::isalpha,
        libc::isupper,
        libc::islower,
        libc::isdigit,
        libc::isxdigit,
        libc::isalnum,
        libc::ispunct,
        libc::isspace,
        libc::isblank,
        libc::iscntrl,
        libc::isprint,
        libc::isgraph,
    ];
    // SAFETY: the argument is EOF or a byte, as these functions want.
    unsafe { core::hint::black_box(TESTS[class])(byte.clamp(-1, 255)) != 0 }
}

/// One step of `mbrtowc` from a state that is kept, with what is left to read.
pub struct Decoder(State);

unsafe extern "C" {
    fn mbsinit(state: *const State) -> c_int;
    fn mbrlen(from: *const c_char, size: usize, state: *mut State) -> usize;
    fn mbtowc(to: *mut libc::wchar_t, from: *const c_char, size: usize) -> c_int;
    fn mbsrtowcs(to: *mut libc::wchar_t, from: *mut *const c_char, size: usize, state: *mut State) -> usize;
    fn mbsnrtowcs(
        to: *mut libc::wchar_t,
        from: *mut *const c_char,
        bytes: usize,
        size: usize,
        state: *mut State,
    ) -> usize;
    fn towctrans(wide: Wide, mapping: *const c_int) -> Wide;
}

impl Decoder {
    /// In the first state.
    #[allow(clippy::new_without_default, reason = "a state is made to be used")]
    pub fn new() -> Self {
        Self(State::default())
    }

    /// `mbrtowc`: what it returned, and the character where it made one.
    pub fn step(&mut self, bytes: &[u8]) -> (isize, u32) {
        let mut wide = 0;
        set_errno(0);
        // SAFETY: the state is large enough for both families and starts as zeros; the bytes are as many as said.
        let length = unsafe { mbrtowc(&mut wide, bytes.as_ptr().cast(), bytes.len(), &mut self.0) };
        (length as isize, wide as u32)
    }

    /// `mbrlen`: what it returned.
    pub fn length(&mut self, bytes: &[u8]) -> isize {
        set_errno(0);
        // SAFETY: as in `step`.
        unsafe { mbrlen(bytes.as_ptr().cast(), bytes.len(), &mut self.0) as isize }
    }

    /// `mbsinit`
    pub fn is_first(&self) -> bool {
        // SAFETY: the state is one of this C library's.
        unsafe { mbsinit(&self.0) != 0 }
    }
}

/// `mbtowc` from its first state: what it returned, and the character.
pub fn one(bytes: &[u8]) -> (i32, u32) {
    let mut wide = 0;
    // SAFETY: null asks for the first state; the bytes are as many as said.
    unsafe {
        mbtowc(core::ptr::null_mut(), core::ptr::null(), 0);
        // glibc sets no number for a character that is cut; what was there before is no answer.
        set_errno(0);
        (mbtowc(&mut wide, bytes.as_ptr().cast(), bytes.len()), wide as u32)
    }
}

/// What a conversion of a whole string did.
pub struct Converted {
    /// What it returned; `None` for -1.
    pub count: Option<usize>,
    /// How many bytes it read; `None` where it read the end.
    pub read: Option<usize>,
    /// The characters that it returned the count of.
    pub wide: Vec<u32>,
}

/// `mbsrtowcs` into so many characters, 64 at most; with a limit of bytes it is `mbsnrtowcs`.
pub fn string(text: &CStr, bytes: Option<usize>, size: usize) -> Converted {
    let mut wide = [0; 64];
    let size = size.min(wide.len());
    let mut from = text.as_ptr();
    let mut state = State::default();
    // SAFETY: the text is terminated, the place as long as said, the state as in `step`.
    let count = unsafe {
        match bytes {
            None => mbsrtowcs(wide.as_mut_ptr(), &mut from, size, &mut state),
            Some(bytes) => mbsnrtowcs(wide.as_mut_ptr(), &mut from, bytes, size, &mut state),
        }
    };
    Converted {
        count: (count != usize::MAX).then_some(count),
        read: (!from.is_null()).then(|| from.addr() - text.as_ptr().addr()),
        wide: wide.iter().take(if count == usize::MAX { 0 } else { count }).map(|wide| *wide as u32).collect(),
    }
}

/// Whether a wide character is in each of the [`CLASSES`], by `iswalpha` and its relatives and by `iswctype`.
pub fn classes(wide: u32) -> [(bool, bool); 12] {
    type Test = unsafe extern "C" fn(Wide) -> c_int;
    unsafe extern "C" {
        fn iswalpha(wide: Wide) -> c_int;
        fn iswupper(wide: Wide) -> c_int;
        fn iswlower(wide: Wide) -> c_int;
        fn iswdigit(wide: Wide) -> c_int;
        fn iswxdigit(wide: Wide) -> c_int;
        fn iswalnum(wide: Wide) -> c_int;
        fn iswpunct(wide: Wide) -> c_int;
        fn iswspace(wide: Wide) -> c_int;
        fn iswblank(wide: Wide) -> c_int;
        fn iswcntrl(wide: Wide) -> c_int;
        fn iswprint(wide: Wide) -> c_int;
        fn iswgraph(wide: Wide) -> c_int;
    }
    const TESTS: [Test; 12] = [
        iswalpha, iswupper, iswlower, iswdigit, iswxdigit, iswalnum, iswpunct, iswspace, iswblank, iswcntrl, iswprint,
        iswgraph,
    ];
    // SAFETY: any wide character may be asked, of any class that the C library names.
    core::array::from_fn(|i| unsafe { (TESTS[i](wide) != 0, iswctype(wide, wctype(CLASSES[i].as_ptr())) != 0) })
}

/// `towctrans` to upper case and to lower case.
pub fn mapped(wide: u32) -> (u32, u32) {
    // SAFETY: both mappings are POSIX's; any wide character may be asked.
    unsafe { (towctrans(wide, wctrans(c"toupper".as_ptr())), towctrans(wide, wctrans(c"tolower".as_ptr()))) }
}

/// `toupper` and `tolower` of a byte or EOF.
pub fn byte_cases(byte: i32) -> (i32, i32) {
    type Map = unsafe extern "C" fn(c_int) -> c_int;
    const MAPS: [Map; 2] = [libc::toupper, libc::tolower];
    let [upper, lower] = core::hint::black_box(MAPS);
    // SAFETY: the argument is EOF or a byte, as these functions want.
    unsafe { (upper(byte.clamp(-1, 255)), lower(byte.clamp(-1, 255))) }
}

/// `strcoll` and `strcasecmp`: less, equal or greater.
pub fn orders(a: &CStr, b: &CStr) -> (core::cmp::Ordering, core::cmp::Ordering) {
    // SAFETY: both strings are terminated.
    unsafe { (libc::strcoll(a.as_ptr(), b.as_ptr()).cmp(&0), libc::strcasecmp(a.as_ptr(), b.as_ptr()).cmp(&0)) }
}

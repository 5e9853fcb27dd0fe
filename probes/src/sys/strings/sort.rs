//! Sorting and searching of items, with what the comparison function was asked on the way.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use heap::vec::Vec;

use crate::sys::optional::{optional, required};

/// An item: what is compared, and where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Item {
    /// What is compared.
    pub key: i32,
    /// What is not.
    pub place: i32,
}

/// How many pairs are kept; more would fill the probe's arena.
const KEPT: usize = 20_000;

/// The pairs that the comparison was asked about, kept where a C callback can reach them.
struct Asked(UnsafeCell<Vec<(Item, Item)>>);
// SAFETY: the program has one thread, and nothing else looks while a sort runs.
unsafe impl Sync for Asked {}
static ASKED: Asked = Asked(UnsafeCell::new(Vec::new()));

unsafe extern "C" fn compare(a: *const c_void, b: *const c_void) -> c_int {
    // SAFETY: the sorting function passes items of the array that it was given; nothing else uses the list meanwhile.
    unsafe {
        let (a, b) = (*a.cast::<Item>(), *b.cast::<Item>());
        let asked = &mut *ASKED.0.get();
        if asked.len() < KEPT {
            asked.push((a, b));
        }
        a.key.cmp(&b.key) as c_int
    }
}
unsafe extern "C" fn compare_with(a: *const c_void, b: *const c_void, extra: *mut c_void) -> c_int {
    // SAFETY: as in `compare`; the extra argument is the number that `with_argument` passes.
    unsafe { compare(a, b) * *extra.cast::<c_int>() }
}

fn asked() -> Vec<(Item, Item)> {
    // SAFETY: as in `compare`.
    unsafe { core::mem::take(&mut *ASKED.0.get()) }
}

/// Items with these keys, each with its place.
pub fn items(keys: impl IntoIterator<Item = i32>) -> Vec<Item> {
    keys.into_iter().enumerate().map(|(place, key)| Item { key, place: place as i32 }).collect()
}

/// `qsort`: the items in order, and the pairs that were compared.
pub fn sort(mut items: Vec<Item>) -> (Vec<Item>, Vec<(Item, Item)>) {
    type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
    let call = required!(qsort(*mut c_void, usize, usize, Compare) -> ());
    asked();
    // SAFETY: the array holds this many items of this size.
    unsafe { call(items.as_mut_ptr().cast(), items.len(), size_of::<Item>(), compare) };
    (items, asked())
}

/// `qsort_r` with an argument that turns the order round where it is -1; `None` where the C library has none.
pub fn with_argument(mut items: Vec<Item>, mut factor: i32) -> Option<Vec<Item>> {
    type Compare = unsafe extern "C" fn(*const c_void, *const c_void, *mut c_void) -> c_int;
    let call = optional!(qsort_r(*mut c_void, usize, usize, Compare, *mut c_void) -> ())?;
    // SAFETY: as in `sort`; the argument is the one that the comparison expects.
    unsafe { call(items.as_mut_ptr().cast(), items.len(), size_of::<Item>(), compare_with, (&raw mut factor).cast()) };
    asked();
    Some(items)
}

/// `bsearch`: the place of what was found, and the places that were looked at.
pub fn search(items: &[Item], key: i32) -> (Option<i32>, Vec<i32>) {
    type Compare = unsafe extern "C" fn(*const c_void, *const c_void) -> c_int;
    let call = required!(bsearch(*const c_void, *const c_void, usize, usize, Compare) -> *const c_void);
    let wanted = Item { key, place: -1 };
    asked();
    let from = items.as_ptr();
    // SAFETY: as in `sort`; the result is null or one of the items.
    let found = unsafe { call((&raw const wanted).cast(), from.cast(), items.len(), size_of::<Item>(), compare) };
    // SAFETY: as above.
    let place = (!found.is_null()).then(|| unsafe { (*found.cast::<Item>()).place });
    (place, asked().into_iter().map(|(_, item)| item.place).collect())
}

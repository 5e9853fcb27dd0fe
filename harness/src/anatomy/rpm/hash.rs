//! A hash of Berkeley DB (`dbinc/db_page.h`): buckets of pages with keys and data by turns; what is too large for a page lies in a
//! chain of pages of its own. Numbers are in the order of the machine that wrote them.

use super::source::{Order, Source};
use super::{Each, Files, Problem};

const MAGIC: u32 = 0x0006_1561;
/// Types of pages.
const META: u8 = 8;
const HASH_UNSORTED: u8 = 2;
const HASH: u8 = 13;
const OVERFLOW: u8 = 7;
/// Types of items: on the page, and in pages of their own.
const ON_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;
/// Bytes before the items of a page, and of the meta page's fields.
const PAGE_HEADER: usize = 26;
const META_BYTES: usize = 224;
/// rpm's key of what is no package: the number that the next one gets.
const NO_PACKAGE: [u8; 4] = [0; 4];

struct Hash {
    source: Source,
    order: Order,
    page_bytes: u32,
    last: u32,
}

/// Every blob.
pub fn blobs(files: Files, each: &mut Each<'_>) -> Result<(), Problem> {
    let mut source = files.main;
    let meta = source.read(0, META_BYTES)?;
    let order = match (Order::Little.u32(&meta, 12)?, Order::Big.u32(&meta, 12)?) {
        (MAGIC, _) => Order::Little,
        (_, MAGIC) => Order::Big,
        _ => return Err(Problem::Damaged("no hash of Berkeley DB")),
    };
    if (meta[24], meta[25]) != (0, META) {
        return Err(Problem::Damaged("a hash of Berkeley DB that is encrypted, or none"));
    }
    let (page_bytes, last) = (order.u32(&meta, 20)?, order.u32(&meta, 32)?);
    if !page_bytes.is_power_of_two() || !(512..=65_536).contains(&page_bytes) {
        return Err(Problem::Damaged("pages of a size that there is not"));
    }
    let mut hash = Hash { source, order, page_bytes, last };
    for bucket in 0..=order.u32(&meta, 72)? {
        // Buckets lie in groups that double; `spares` says by how many pages each group is moved.
        let group = u64::from(bucket).saturating_add(1).next_power_of_two().trailing_zeros() as usize;
        let moved = order.u32(&meta, 96 + 4 * group)?;
        let first = bucket.checked_add(moved).ok_or(Problem::Damaged("a bucket beyond all pages"))?;
        hash.bucket(first, each)?;
    }
    Ok(())
}

impl Hash {
    fn page(&mut self, number: u32) -> Result<Vec<u8>, Problem> {
        if number == 0 || number > self.last {
            return Err(Problem::Damaged("it points to a page that there is not"));
        }
        self.source.read(u64::from(number) * u64::from(self.page_bytes), self.page_bytes as usize)
    }

    /// Every package of a bucket.
    fn bucket(&mut self, first: u32, each: &mut Each<'_>) -> Result<(), Problem> {
        let mut number = first;
        while number != 0 {
            let page = self.page(number)?;
            match page[25] {
                HASH | HASH_UNSORTED => self.pairs(&page, each)?,
                // A bucket that was made room for and never used.
                0 => return Ok(()),
                _ => return Err(Problem::Damaged("a bucket with a page that is not of it")),
            }
            number = self.order.u32(&page, 16)?;
        }
        Ok(())
    }

    fn pairs(&mut self, page: &[u8], each: &mut Each<'_>) -> Result<(), Problem> {
        let items = usize::from(self.order.u16(page, 20)?);
        for pair in 0..items / 2 {
            let (key, data) = (self.item(page, 2 * pair)?, self.item(page, 2 * pair + 1)?);
            self.source.count(key.len() + data.len())?;
            if key == [&[ON_PAGE], &NO_PACKAGE[..]].concat() {
                continue;
            }
            match data.first() {
                Some(&ON_PAGE) => each(&data[1..])?,
                Some(&OFF_PAGE) => {
                    let (first, bytes) = (self.order.u32(data, 4)?, self.order.u32(data, 8)?);
                    each(&self.chain(first, bytes)?)?;
                }
                _ => return Err(Problem::Damaged("an item of a type that rpm does not write")),
            }
        }
        Ok(())
    }

    /// An item with its type; items fill a page from its end, in the order of their numbers.
    fn item<'a>(&self, page: &'a [u8], number: usize) -> Result<&'a [u8], Problem> {
        let place = |number: usize| self.order.u16(page, PAGE_HEADER + 2 * number).map(usize::from);
        let end = if number == 0 { page.len() } else { place(number - 1)? };
        page.get(place(number)?..end).ok_or(Problem::Damaged("an item that is not on its page"))
    }

    /// What lies in a chain of pages.
    fn chain(&mut self, first: u32, bytes: u32) -> Result<Vec<u8>, Problem> {
        self.source.count(bytes as usize)?;
        let (mut number, mut content) = (first, Vec::new());
        while content.len() < bytes as usize {
            let page = self.page(number)?;
            let part = PAGE_HEADER..PAGE_HEADER + usize::from(self.order.u16(&page, 22)?);
            match page.get(part) {
                Some(part) if page[25] == OVERFLOW && !part.is_empty() => content.extend_from_slice(part),
                _ => return Err(Problem::Damaged("a package with a page that is not of it")),
            }
            number = self.order.u32(&page, 16)?;
        }
        content.truncate(bytes as usize);
        Ok(content)
    }
}

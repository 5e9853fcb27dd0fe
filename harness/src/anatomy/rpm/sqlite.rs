//! SQLite's file format (sqlite.org/fileformat2.html), as far as one table of one database takes it: tables as trees of pages,
//! records, chains of pages for what is too large, and the log of what was not yet written back.

use super::source::{Order::Big, part};
use super::wal::Log;
use super::{Each, Files, Problem};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the file's header, which the first page begins with.
const HEADER: usize = 100;
/// Types of pages.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;
/// A tree of more levels would hold more packages than there are numbers for them.
const DEPTH: usize = 20;
/// The table, and the place of the blob in its rows.
const TABLE: &[u8] = b"Packages";
const BLOB: usize = 1;
/// Columns that are looked at: none of either table lies behind them.
const COLUMNS: usize = 5;

struct Database {
    files: Files,
    log: Option<Log>,
    page_bytes: usize,
    /// Of each page, what is used.
    usable: usize,
}

/// Every blob.
pub fn blobs(mut files: Files, each: &mut Each<'_>) -> Result<(), Problem> {
    let header = files.main.read(0, HEADER)?;
    if !header.starts_with(MAGIC) {
        return Err(Problem::Damaged("no database of SQLite"));
    }
    let page_bytes = match Big.u16(&header, 16)? {
        1 => 65_536,
        bytes => usize::from(bytes),
    };
    let usable = page_bytes.saturating_sub(usize::from(header[20]));
    if !page_bytes.is_power_of_two() || page_bytes < 512 || usable < 480 {
        return Err(Problem::Damaged("pages of a size that there is not"));
    }
    let log = files.log.as_mut().map(|log| Log::read(log, page_bytes)).transpose()?.flatten();
    let mut database = Database { files, log, page_bytes, usable };
    let mut root = None;
    database.rows(1, DEPTH, &mut |row| {
        let columns = columns(row)?;
        let is = |at: usize, text: &[u8]| columns.get(at).is_some_and(|column| column.bytes == text);
        if is(0, b"table") && is(1, TABLE) {
            root = columns.get(3).and_then(Column::number);
        }
        Ok(())
    })?;
    let root = root.ok_or(Problem::Damaged("it has no table of packages"))?;
    database.rows(root, DEPTH, &mut |row| {
        let columns = columns(row)?;
        each(columns.get(BLOB).ok_or(Problem::Damaged("a row without a package"))?.bytes)
    })
}

impl Database {
    fn page(&mut self, number: u32) -> Result<Vec<u8>, Problem> {
        let bytes = self.page_bytes;
        if let (Some(place), Some(log)) = (self.log.as_ref().and_then(|log| log.place(number)), &mut self.files.log) {
            return log.read(place, bytes);
        }
        let before = number.checked_sub(1).ok_or(Problem::Damaged("it points to a page that there is not"))?;
        self.files.main.read(u64::from(before) * bytes as u64, bytes)
    }

    /// Every row of the table whose tree begins at this page.
    fn rows(&mut self, number: u32, depth: usize, each: &mut Each<'_>) -> Result<(), Problem> {
        let left = depth.checked_sub(1).ok_or(Problem::Damaged("a tree without an end"))?;
        let page = self.page(number)?;
        let header = if number == 1 { HEADER } else { 0 };
        let kind = page[header];
        let cells = usize::from(Big.u16(&page, header + 3)?);
        let pointers = header + if kind == INTERIOR { 12 } else { 8 };
        for cell in 0..cells {
            let at = usize::from(Big.u16(&page, pointers + 2 * cell)?);
            match kind {
                INTERIOR => self.rows(Big.u32(&page, at)?, left, each)?,
                LEAF => each(&self.payload(&page, at)?)?,
                _ => return Err(Problem::Damaged("a table with a page that is not of it")),
            }
        }
        match kind {
            INTERIOR => self.rows(Big.u32(&page, header + 8)?, left, each),
            LEAF => Ok(()),
            _ => Err(Problem::Damaged("a table with a page that is not of it")),
        }
    }

    /// The record of a cell, with what did not fit on its page.
    fn payload(&mut self, page: &[u8], at: usize) -> Result<Vec<u8>, Problem> {
        let (bytes, at) = varint(page, at)?;
        let (_row, at) = varint(page, at)?;
        let bytes = usize::try_from(bytes).map_err(|_| Problem::Damaged("a row beyond all sizes"))?;
        self.files.main.count(bytes)?;
        let here = self.kept_on_page(bytes);
        let content = at.checked_add(here).and_then(|end| page.get(at..end));
        let mut content = content.ok_or(Problem::Damaged("a row that is not on its page"))?.to_vec();
        let mut next = if here < bytes { Big.u32(page, at + here)? } else { 0 };
        while content.len() < bytes {
            let page = self.page(next)?;
            let most = (bytes - content.len()).min(self.usable - 4);
            content.extend_from_slice(&page[4..4 + most]);
            next = Big.u32(&page, 0)?;
        }
        Ok(content)
    }

    /// Bytes of a record that stay on the page of its cell.
    fn kept_on_page(&self, bytes: usize) -> usize {
        let most = self.usable - 35;
        let least = (self.usable - 12) * 32 / 255 - 23;
        match least + bytes.saturating_sub(least) % (self.usable - 4) {
            _ if bytes <= most => bytes,
            some if some <= most => some,
            _ => least,
        }
    }
}

/// A value of a row.
struct Column<'a> {
    kind: u64,
    bytes: &'a [u8],
}

impl Column<'_> {
    /// The number of a page, which a whole number of any length may hold.
    fn number(&self) -> Option<u32> {
        match self.kind {
            1..=6 => u32::try_from(self.bytes.iter().fold(0_u64, |all, byte| all << 8 | u64::from(*byte))).ok(),
            9 => Some(1),
            _ => None,
        }
    }
}

/// The values of a record.
fn columns(record: &[u8]) -> Result<Vec<Column<'_>>, Problem> {
    let (header, mut at) = varint(record, 0)?;
    let short = || Problem::Damaged("a row ends too early");
    let header = usize::try_from(header).ok().filter(|header| *header <= record.len()).ok_or_else(short)?;
    let (mut columns, mut place) = (Vec::new(), header);
    while at < header && columns.len() < COLUMNS {
        let (kind, next) = varint(record, at)?;
        let bytes = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return Err(Problem::Damaged("a value of a type that there is not")),
            text_or_blob => (text_or_blob - 12) / 2,
        };
        let end = usize::try_from(bytes).ok().and_then(|bytes| place.checked_add(bytes)).ok_or_else(short)?;
        columns.push(Column { kind, bytes: record.get(place..end).ok_or_else(short)? });
        (at, place) = (next, end);
    }
    Ok(columns)
}

/// A number of one to nine bytes, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Result<(u64, usize), Problem> {
    let mut number = 0;
    for place in at..at + 8 {
        let [byte] = part(bytes, place)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok((number, place + 1));
        }
    }
    let [byte] = part(bytes, at + 8)?;
    Ok((number << 8 | u64::from(byte), at + 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_to_nine_bytes() {
        let read = |bytes: &[u8]| varint(bytes, 0).ok();
        assert_eq!(read(&[0x7f]), Some((127, 1)));
        assert_eq!(read(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(read(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(read(&[0x80; 3]), None);
    }

    #[test]
    fn a_record_has_values_of_every_length() {
        let record = [6, 0, 1, 9, 17, 14, 0x2a, b'a', b'b', 0xff];
        let columns = columns(&record).expect("a record");
        assert_eq!(columns.iter().map(|column| column.bytes.len()).collect::<Vec<_>>(), [0, 1, 0, 2, 1]);
        assert_eq!(columns.iter().map(Column::number).collect::<Vec<_>>(), [None, Some(42), Some(1), None, None]);
        assert!((0..record.len()).all(|length| super::columns(&record[..length]).is_err()), "cut off anywhere");
    }
}

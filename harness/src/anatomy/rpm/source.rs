//! A file that nobody vouches for, read piece by piece. What is asked for again and again, as a ring of pages would have it, ends
//! when as much has been taken as the file has: every page and every record of a sound database is read once.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Problem;

/// The file, and how much of it may still be read.
pub struct Source {
    file: File,
    bytes: u64,
    left: u64,
}

/// Databases of distributions have some hundred megabytes at most.
const MOST_BYTES: u64 = 1 << 30;
/// What is read twice: headers, and the root of a tree.
const HEADERS: u64 = 1 << 20;
/// Larger than the header of any package; rpm's own limit is beyond what a small machine has.
const MOST_BLOB: usize = 64 << 20;

impl Source {
    /// Of an open file.
    pub fn new(file: File) -> Result<Self, Problem> {
        let bytes = file.metadata().map_err(Problem::Reading)?.len();
        if bytes > MOST_BYTES {
            return Err(Problem::TooLarge(bytes));
        }
        let mut source = Self { file, bytes, left: 0 };
        source.again();
        Ok(source)
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// All of it may be read once more: as pages, and what is on them as records.
    pub fn again(&mut self) {
        self.left = 2 * self.bytes + HEADERS;
    }

    /// Counts a record that has been read with its page: many of them may claim the same bytes.
    pub fn count(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes > MOST_BLOB {
            return Err(Problem::Damaged("a package with a header larger than any"));
        }
        self.left = self.left.checked_sub(bytes as u64).ok_or(Problem::Damaged("it leads in circles"))?;
        Ok(())
    }

    /// So many bytes from here on.
    pub fn read(&mut self, at: u64, bytes: usize) -> Result<Vec<u8>, Problem> {
        let many = bytes as u64;
        if at.checked_add(many).is_none_or(|end| end > self.bytes) {
            return Err(Problem::Damaged("it points behind its own end"));
        }
        self.count(bytes)?;
        let mut buffer = vec![0; bytes];
        self.file.read_exact_at(&mut buffer, at).map_err(Problem::Reading)?;
        Ok(buffer)
    }
}

/// The order of bytes in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl Order {
    /// A number of two bytes, at a place of `bytes`.
    pub fn u16(self, bytes: &[u8], at: usize) -> Result<u16, Problem> {
        part(bytes, at).map(match self {
            Self::Little => u16::from_le_bytes,
            Self::Big => u16::from_be_bytes,
        })
    }

    /// A number of four bytes, at a place of `bytes`.
    pub fn u32(self, bytes: &[u8], at: usize) -> Result<u32, Problem> {
        part(bytes, at).map(match self {
            Self::Little => u32::from_le_bytes,
            Self::Big => u32::from_be_bytes,
        })
    }
}

/// So many bytes at a place.
pub fn part<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Problem> {
    let part = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>());
    part.copied().ok_or(Problem::Damaged("a record ends too early"))
}

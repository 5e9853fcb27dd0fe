//! The write-ahead log of SQLite: pages that were committed and not yet written back. It lies beside a database whose last user did
//! not end in peace, as in an image that was made while rpm was killed; often it is there and empty.

use std::collections::HashMap;

use super::Problem;
use super::source::{Order, Source};

/// The magic number says in which order check sums are counted.
const LITTLE: u32 = 0x377f_0682;
const BIG: u32 = 0x377f_0683;
const HEADER: usize = 32;
const FRAME: usize = 24;

/// Where the pages lie that replace those of the database.
pub struct Log {
    places: HashMap<u32, u64>,
}

impl Log {
    /// Reads the log of a database with pages of this size; `None` where nothing in it counts.
    pub fn read(source: &mut Source, page_bytes: usize) -> Result<Option<Self>, Problem> {
        if source.bytes() < (HEADER + FRAME + page_bytes) as u64 {
            return Ok(None);
        }
        let header = source.read(0, HEADER)?;
        let order = match Order::Big.u32(&header, 0)? {
            LITTLE => Order::Little,
            BIG => Order::Big,
            _ => return Ok(None),
        };
        let mut sum = Sum { order, so_far: (0, 0) };
        sum.add(&header[..24])?;
        if !sum.is(&header[24..])? || Order::Big.u32(&header, 8)? as usize != page_bytes {
            return Ok(None);
        }
        Self::frames(source, page_bytes, &header[16..24], sum).map(Some)
    }

    /// Frames up to the last commit; what follows is of an older log, or was never finished.
    fn frames(source: &mut Source, page_bytes: usize, salt: &[u8], mut sum: Sum) -> Result<Self, Problem> {
        let (mut committed, mut open) = (HashMap::new(), Vec::new());
        let mut at = HEADER as u64;
        while at + (FRAME + page_bytes) as u64 <= source.bytes() {
            let frame = source.read(at, FRAME + page_bytes)?;
            sum.add(&frame[..8])?;
            sum.add(&frame[FRAME..])?;
            if &frame[8..16] != salt || !sum.is(&frame[16..FRAME])? {
                break;
            }
            open.push((Order::Big.u32(&frame, 0)?, at + FRAME as u64));
            if Order::Big.u32(&frame, 4)? != 0 {
                committed.extend(open.drain(..));
            }
            at += frame.len() as u64;
        }
        // What was read to be checked is read once more to be used.
        source.again();
        Ok(Self { places: committed })
    }

    /// Where in the log the newest state of this page is.
    pub fn place(&self, page: u32) -> Option<u64> {
        self.places.get(&page).copied()
    }
}

/// The check sum of all frames up to here.
struct Sum {
    order: Order,
    so_far: (u32, u32),
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        for at in (0..bytes.len()).step_by(8) {
            let (one, other) = &mut self.so_far;
            *one = one.wrapping_add(self.order.u32(bytes, at)?).wrapping_add(*other);
            *other = other.wrapping_add(self.order.u32(bytes, at + 4)?).wrapping_add(*one);
        }
        Ok(())
    }

    fn is(&self, said: &[u8]) -> Result<bool, Problem> {
        Ok(self.so_far == (Order::Big.u32(said, 0)?, Order::Big.u32(said, 4)?))
    }
}

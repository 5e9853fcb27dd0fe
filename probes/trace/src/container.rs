//! The outside of a file: its mark, version, lengths and checksum, and the body that is packed in it. What is inside is
//! none of its business.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::Damage;
use crate::limits::MOST_BODY;

/// As in PNG: a byte that no text has, a name, and both kinds of line ends, which careless transfers change.
const MARK: [u8; 8] = *b"\x89LCT\r\n\x1a\n";
/// The version that is written, and the newest that is read.
const VERSION: u16 = 1;
/// Raw deflate (RFC 1951).
const DEFLATE: u8 = 1;
/// Mark, version, packing, a byte that is 0, length as packed, length unpacked.
const FRONT: usize = 8 + 2 + 1 + 1 + 8 + 8;
/// SHA-256 of the front and of the body as packed.
const CHECKSUM: usize = 32;

/// Packs a body.
pub fn close(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    // A Vec takes everything.
    let packed = encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut file = Vec::with_capacity(FRONT + CHECKSUM + packed.len());
    file.extend(MARK);
    file.extend(VERSION.to_le_bytes());
    file.extend([DEFLATE, 0]);
    file.extend((packed.len() as u64).to_le_bytes());
    file.extend((body.len() as u64).to_le_bytes());
    let checksum = checksum(&file, &packed);
    file.extend(checksum);
    file.extend(packed);
    file
}

/// Checks a file and unpacks its body. No more memory is used than the body is said to need, and than any body may need.
pub fn open(file: &[u8]) -> Result<Vec<u8>, Damage> {
    let mark = file.get(..MARK.len()).unwrap_or(file);
    if mark != MARK {
        let begins = |other: &[u8]| !file.is_empty() && file.iter().zip(other).all(|(a, b)| a == b);
        return Err(match () {
            () if MARK.starts_with(file) => {
                Damage::CutOff { found: file.len() as u64, said: (FRONT + CHECKSUM) as u64 }
            }
            () if begins(b"\x89LCT\n\x1a\n") || begins(b"\x89LCT\r\r\n") || begins(b"\x09LCT") => Damage::Text,
            () => Damage::Foreign,
        });
    }
    let cut_off = |said: u64| Damage::CutOff { found: file.len() as u64, said };
    let front = file.get(..FRONT).ok_or_else(|| cut_off((FRONT + CHECKSUM) as u64))?;
    let number = |at: usize| u64::from_le_bytes(front[at..at + 8].try_into().unwrap_or_default());
    let version = u16::from_le_bytes([front[8], front[9]]);
    if version != VERSION {
        return Err(Damage::Newer { found: version, known: VERSION });
    }
    let (packing, packed_bytes, body_bytes) = (front[10], number(12), number(20));
    if packing != DEFLATE || front[11] != 0 {
        return Err(Damage::Packing(packing));
    }
    let said = (FRONT + CHECKSUM) as u64 + packed_bytes.min(1 << 62);
    let rest = &file[FRONT..];
    if (file.len() as u64) < said {
        return Err(cut_off(said));
    }
    let (sum, packed) = rest.split_at(CHECKSUM);
    if packed.len() as u64 > packed_bytes {
        return Err(Damage::Trailing { bytes: packed.len() - packed_bytes as usize });
    }
    if checksum(front, packed) != sum {
        return Err(Damage::Checksum);
    }
    if body_bytes > MOST_BODY {
        return Err(Damage::TooLarge { what: "bytes when unpacked", value: body_bytes, most: MOST_BODY });
    }
    unpack(packed, body_bytes)
}

fn unpack(mut packed: &[u8], body_bytes: u64) -> Result<Vec<u8>, Damage> {
    let mut body = Vec::new();
    let mut decoder = DeflateDecoder::new(&mut packed);
    // One byte more than said, so that a body which goes on is noticed, and not unpacked further.
    let read = decoder.by_ref().take(body_bytes + 1).read_to_end(&mut body);
    read.map_err(|_| Damage::Unpack("its body is no deflate stream"))?;
    match body.len() as u64 == body_bytes && packed.is_empty() {
        true => Ok(body),
        false => Err(Damage::Unpack("its body has another length than it says")),
    }
}

fn checksum(front: &[u8], packed: &[u8]) -> [u8; CHECKSUM] {
    let mut hash = Sha256::new();
    hash.update(front);
    hash.update(packed);
    hash.finalize().into()
}

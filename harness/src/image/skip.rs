//! Where the bytes of a tar come from: a stream that is read to its end, or a file in which what nobody wants is passed over.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
};

use super::stream::Metered;

/// Bytes that can be passed over.
pub(crate) trait Skip: Read {
    /// Passes over so many bytes, or as many as there are; how many those were.
    fn skip(&mut self, bytes: u64) -> io::Result<u64>;
}

impl<R: Read> Skip for Metered<R> {
    /// By reading them: they are decompressed, counted and digested whether anybody wants them or not.
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        match bytes {
            0 => Ok(0),
            // Padding, after almost every member.
            1..=512 => read_away(self, bytes, &mut [0; 512]),
            _ => read_away(self, bytes, &mut [0; 16 << 10]),
        }
    }
}

/// Reads so many bytes, or as many as there are, for nobody.
fn read_away(source: &mut impl Read, bytes: u64, buffer: &mut [u8]) -> io::Result<u64> {
    let mut left = bytes;
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match source.read(&mut buffer[..most]) {
            Ok(0) => break,
            Ok(n) => left -= n as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes - left)
}

/// A file, read from its start whatever others read of it.
pub(crate) struct Seeking<'a> {
    file: &'a File,
    at: u64,
    length: u64,
}

impl<'a> Seeking<'a> {
    /// From the start of `file`.
    pub fn new(file: &'a File) -> io::Result<Self> {
        Ok(Self { file, at: 0, length: file.metadata()?.len() })
    }

    /// How many bytes lie before what is read next.
    pub fn at(&self) -> u64 {
        self.at
    }
}

impl Read for Seeking<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read_at(buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Skip for Seeking<'_> {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let skipped = bytes.min(self.length.saturating_sub(self.at));
        self.at += skipped;
        Ok(skipped)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::image::stream::Meter;

    #[test]
    fn both_pass_over_as_much_as_there_is() {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"0123456789").expect("written");
        let meter = Meter::new(100);
        let mut stream = Metered::new(&b"0123456789"[..], meter.clone());
        let mut seeking = Seeking::new(&file).expect("has a length");
        let both: [&mut dyn Skip; 2] = [&mut stream, &mut seeking];
        for source in both {
            let mut byte = [0];
            assert_eq!(source.skip(3).expect("skips"), 3);
            assert_eq!((source.read(&mut byte).expect("reads"), byte), (1, *b"3"));
            assert_eq!(source.skip(u64::MAX).expect("skips"), 6);
            assert_eq!(source.read(&mut byte).expect("reads"), 0);
        }
        assert_eq!((meter.passed(), seeking.at()), (10, 10), "what is passed over counts");
    }
}

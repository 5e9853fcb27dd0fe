//! Byte streams on the way from a file to the tar reader: decompression by content, and the meter that enforces limits.
//!
//! All decoders are written in a memory-safe language, because what they read is chosen by strangers. Nothing here holds
//! more than a decoder's window in memory.

use std::{
    cell::Cell,
    error::Error,
    fmt,
    io::{self, BufRead, BufReader, Read},
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{
    BlockDecodingStrategy, FrameDecoder,
    errors::{FrameDecoderError, ReadFrameHeaderError},
};

use super::limits::LimitHit;

/// How a file is compressed, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Not at all.
    Plain,
    /// gzip, of one or many members.
    Gzip,
    /// xz, of one or many streams.
    Xz,
    /// Zstandard, of one or many frames.
    Zstd,
}

impl Format {
    /// Recognises a file by its first six bytes or more; [`Format::Plain`] for everything else.
    pub fn of(first: &[u8]) -> Self {
        match first {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        })
    }
}

/// A decoder's complaint; carried inside an `io::Error`.
#[derive(Clone, Debug)]
pub struct Corrupt {
    /// Which decoder.
    pub format: Format,
    /// What it said.
    pub detail: String,
    /// Whether it wanted more bytes than there were.
    pub early_end: bool,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrupt {} data ({})", self.format, self.detail)
    }
}

impl Error for Corrupt {}

/// What a zstd decoder must hold of a frame, in bytes. RFC 8878 recommends to support 8 MiB; encoders of layers reach 32 MiB at
/// their highest level, and only those told to (`--long`, `--ultra`) go beyond.
const ZSTD_WINDOW: u64 = 32 << 20;
const ZSTD_REMEDY: &str = "without --long or --ultra";
/// The dictionary of an xz file, in bytes: what `xz -8` asks for, so that no image takes more than 64 MiB of memory in all. Root
/// file systems come as xz, mostly at its usual level, which is 8 MiB; layers never do.
const XZ_DICTIONARY: u64 = 32 << 20;
const XZ_REMEDY: &str = "with xz -8 or a lower level";
/// The decoder counts its own buffers too.
const XZ_MEMORY_KIB: u32 = (XZ_DICTIONARY as u32 >> 10) + 512;
const BUFFER: usize = 64 << 10;

/// Decompresses `source`, whatever it is; plain data passes unchanged.
pub fn decode<'a>(source: impl Read + Send + 'a) -> io::Result<(Format, Box<dyn Read + Send + 'a>)> {
    let mut source = BufReader::with_capacity(BUFFER, source);
    let format = Format::of(source.fill_buf()?);
    let reader: Box<dyn Read + Send + 'a> = match format {
        Format::Plain => return Ok((format, Box::new(source))),
        Format::Gzip => Box::new(MultiGzDecoder::new(source)),
        Format::Xz => Box::new(XzReader::new_mem_limit(source, true, XZ_MEMORY_KIB)),
        Format::Zstd => Box::new(Frames::new(source)),
    };
    Ok((format, Box::new(BufReader::with_capacity(BUFFER, Named { format, reader }))))
}

/// Turns whatever a decoder says into a [`Corrupt`], so that it is not taken for a failure to read the file.
struct Named<'a> {
    format: Format,
    reader: Box<dyn Read + Send + 'a>,
}

impl Read for Named<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buf).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None if error.get_ref().is_some_and(|inner| inner.is::<LimitHit>()) => error,
            // Nothing else says so than the check of the dictionary.
            None if self.format == Format::Xz && error.kind() == io::ErrorKind::OutOfMemory => {
                io::Error::other(LimitHit::Window { bytes: XZ_DICTIONARY, remedy: XZ_REMEDY })
            }
            None => {
                let early_end = ended_early(&error);
                let detail = error.to_string().to_lowercase();
                io::Error::new(io::ErrorKind::InvalidData, Corrupt { format: self.format, detail, early_end })
            }
        })
    }
}

/// Whether anything in the chain of `error` is an unexpected end.
fn ended_early(error: &io::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::UnexpectedEof) {
            return true;
        }
        // An io::Error's own source skips the error it carries.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// The frames of a zstd file, one after another. The decoder itself reads one frame and leaves its checksum to the caller;
/// files of many frames and skippable ones are common (parallel compressors, seekable layers).
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(source: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        Self { source, decoder, open: false }
    }

    /// Bytes of the open frame; 0 at its end.
    fn read_frame(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            self.decoder
                .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
        self.decoder.read(buf)
    }

    /// Opens the next frame; false at the end of the file.
    fn next_frame(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                    if skipped != u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => {
                    return Err(io::Error::other(LimitHit::Window { bytes: ZSTD_WINDOW, remedy: ZSTD_REMEDY }));
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    fn verify(&self) -> io::Result<()> {
        match self.decoder.get_checksum_from_data() {
            Some(stored) if self.decoder.get_calculated_checksum() != Some(stored) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "frame checksum mismatch"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if self.open {
                let n = self.read_frame(buf)?;
                if n > 0 {
                    return Ok(n);
                }
                self.verify()?;
                self.open = false;
            }
            if !self.next_frame()? {
                return Ok(0);
            }
            self.open = true;
        }
    }
}

/// What a [`Metered`] reader may still pass on. Shared with whoever drives the tar reader.
#[derive(Debug)]
pub struct Meter {
    total: u64,
    left: Cell<u64>,
}

impl Meter {
    /// At most `total` bytes in all.
    pub fn new(total: u64) -> Rc<Self> {
        Rc::new(Self { total, left: Cell::new(total) })
    }

    /// Takes `bytes` off the whole, also for content that costs no bytes of the stream.
    pub fn charge(&self, bytes: u64) -> Result<(), LimitHit> {
        let left = self.left.get().checked_sub(bytes).ok_or(LimitHit::Total(self.total))?;
        self.left.set(left);
        Ok(())
    }

    /// Bytes that have passed or were charged.
    pub fn passed(&self) -> u64 {
        self.total - self.left.get()
    }
}

/// Passes bytes on until its [`Meter`] says stop.
pub struct Metered<R> {
    inner: R,
    meter: Rc<Meter>,
}

impl<R> Metered<R> {
    /// Puts `meter` behind `inner`.
    pub fn new(inner: R, meter: Rc<Meter>) -> Self {
        Self { inner, meter }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.meter.charge(n as u64).map_err(io::Error::other)?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).expect("compresses in memory");
        encoder.finish().expect("compresses in memory")
    }

    fn zstd(data: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn read(data: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        decode(data)?.1.read_to_end(&mut out)?;
        Ok(out)
    }

    fn corrupt(data: &[u8]) -> Corrupt {
        let error = read(data).expect_err("must not decode");
        error.get_ref().and_then(|e| e.downcast_ref::<Corrupt>()).expect("a decoder's complaint").clone()
    }

    #[test]
    fn plain_gzip_and_zstd_come_out_the_same() {
        let data: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
        assert!(read(&data).expect("plain") == data);
        assert!(read(&gzip(&data)).expect("gzip") == data);
        assert!(read(&zstd(&data)).expect("zstd") == data);
    }

    #[test]
    fn many_members_and_frames_are_one_stream() {
        let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        assert_eq!(read(&[gzip(b"one "), gzip(b"two")].concat()).expect("gzip"), b"one two");
        assert_eq!(
            read(&[skippable.clone(), zstd(b"one "), skippable, zstd(b"two")].concat()).expect("zstd"),
            b"one two"
        );
    }

    #[test]
    fn an_early_end_and_a_flipped_bit_are_told_apart() {
        let data: Vec<u8> = (0..30_000u32).flat_map(u32::to_le_bytes).collect();
        for packed in [gzip(&data), zstd(&data)] {
            assert!(corrupt(&packed[..packed.len() / 2]).early_end);
            let mut flipped = packed.clone();
            let last = flipped.len() - 3;
            flipped[last] ^= 1;
            let complaint = corrupt(&flipped);
            assert!(!complaint.early_end, "{complaint}");
        }
        let half_skipped = [0x5a, 0x2a, 0x4d, 0x18, 30, 0, 0, 0, 1];
        assert!(corrupt(&half_skipped).early_end);
    }

    #[test]
    fn the_meter_stops_long_streams() {
        let meter = Meter::new(99);
        let error = io::copy(&mut Metered::new(&[7u8; 100][..], meter.clone()), &mut io::sink()).expect_err("stops");
        let hit = error.get_ref().and_then(|e| e.downcast_ref::<LimitHit>());
        assert_eq!(hit, Some(&LimitHit::Total(99)));
        assert_eq!(meter.passed(), 0, "what does not fit does not pass");
    }
}

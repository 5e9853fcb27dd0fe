//! glibc's `/etc/ld.so.cache`: which file a library's name means. Its form is that of glibc's `sysdeps/generic/dl-cache.h`, of
//! 2.32 and newer alone, or of before, with the old table in front.

use std::collections::HashMap;

use memchr::memmem;

use crate::image::View;

const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
/// Magic, two counts, flags, the place of extensions, and room.
const HEADER: usize = 48;
const ENTRY: usize = 24;
const MOST_BYTES: u64 = 16 << 20;

/// The cache of an image, by the names of libraries; empty where there is none.
pub fn read(view: &View) -> HashMap<String, String> {
    view.read("/etc/ld.so.cache", MOST_BYTES).map(|bytes| parse(&bytes)).unwrap_or_default()
}

fn parse(bytes: &[u8]) -> HashMap<String, String> {
    let Some(start) = memmem::find(bytes, MAGIC) else { return HashMap::new() };
    let table = &bytes[start..];
    let word = |at: usize| {
        let bytes: [u8; 4] = table.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_ne_bytes(bytes) as usize)
    };
    let text = |at: usize| {
        let rest = table.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(&rest[..end]).into_owned())
    };
    let mut found = HashMap::new();
    for number in 0..word(MAGIC.len()).unwrap_or(0) {
        let entry = HEADER + number * ENTRY;
        let (Some(name), Some(path)) = (word(entry + 4).and_then(text), word(entry + 8).and_then(text)) else { break };
        // Files for other architectures and older kernels come later under the same name; the loader checks, and so does who asks.
        found.entry(name).or_insert(path);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_point_at_names() {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(1_u32.to_ne_bytes());
        bytes.resize(HEADER, 0);
        let strings = (HEADER + ENTRY) as u32;
        for word in [3, strings, strings + 10, 0, 0, 0] {
            bytes.extend(word.to_ne_bytes());
        }
        bytes.extend(b"libz.so.1\0/lib/libz.so.1\0");
        let whole = [&b"ld.so-1.7.0 and its table, "[..], &bytes].concat();
        for form in [&bytes, &whole] {
            assert_eq!(parse(form).get("libz.so.1").map(String::as_str), Some("/lib/libz.so.1"));
        }
        assert!(parse(&bytes[..HEADER + 4]).is_empty());
        assert!(parse(b"none").is_empty());
    }
}

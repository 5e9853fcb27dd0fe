//! Archives made by hand: tars whose headers say whatever a test wants, layouts and saved images around them.

use std::{fs, io::Write, path::Path};

use libcdiff::image::Digest;
use tar::{EntryType, Header};

/// A tar in the making. Names, sizes and links are written as they are given, sensible or not.
#[derive(Clone, Default)]
pub struct Tar(Vec<u8>);

impl Tar {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn file(self, name: &str, data: &str) -> Self {
        self.bytes(name, 0o644, data.as_bytes())
    }

    pub fn bytes(self, name: &str, mode: u32, data: &[u8]) -> Self {
        let header = header(name.as_bytes(), EntryType::Regular, mode, data.len() as u64);
        self.raw(header, data)
    }

    pub fn folder(self, name: &str, mode: u32) -> Self {
        self.raw(header(name.as_bytes(), EntryType::Directory, mode, 0), b"")
    }

    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.link(name, target, EntryType::Symlink)
    }

    pub fn hard_link(self, name: &str, target: &str) -> Self {
        self.link(name, target, EntryType::Link)
    }

    pub fn device(self, name: &str) -> Self {
        let mut header = header(name.as_bytes(), EntryType::Char, 0o666, 0);
        header.set_device_major(1).expect("fits");
        header.set_device_minor(3).expect("fits");
        self.raw(header, b"")
    }

    pub fn special(self, name: &str, kind: EntryType) -> Self {
        self.raw(header(name.as_bytes(), kind, 0o644, 0), b"")
    }

    fn link(self, name: &str, target: &str, kind: EntryType) -> Self {
        let mut header = header(name.as_bytes(), kind, 0o777, 0);
        if target.len() > 100 {
            let long = header_of_extension(b'K', target.len() as u64 + 1);
            return self.raw(long, format!("{target}\0").as_bytes()).raw(header, b"");
        }
        put(&mut header.as_old_mut().linkname, target.as_bytes());
        self.raw(header, b"")
    }

    /// Extended attributes of the next entry, as `path` or `size`.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        let records: String = records.iter().map(|(key, value)| record(key, value)).collect();
        self.raw(header_of_extension(b'x', records.len() as u64), records.as_bytes())
    }

    /// A header and what follows it, padded to whole blocks.
    pub fn raw(mut self, mut header: Header, data: &[u8]) -> Self {
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// The archive with its end mark.
    pub fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }

    /// The archive without it.
    pub fn cut(self) -> Vec<u8> {
        self.0
    }
}

/// A header with these bytes as its name.
pub fn header(name: &[u8], kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    put(&mut header.as_old_mut().name, name);
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(1_600_000_000);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn header_of_extension(kind: u8, size: u64) -> Header {
    header(b"extension", EntryType::new(kind), 0o644, size)
}

fn put(field: &mut [u8; 100], bytes: &[u8]) {
    assert!(bytes.len() <= 100, "{}", String::from_utf8_lossy(bytes));
    field[..bytes.len()].copy_from_slice(bytes);
}

/// A pax record carries its own length.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while format!("{length}{rest}").len() != length {
        length += 1;
    }
    format!("{length}{rest}")
}

pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).expect("compresses in memory");
    encoder.finish().expect("compresses in memory")
}

pub fn zstd(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn xz(data: &[u8]) -> Vec<u8> {
    use std::process::{Command, Stdio};
    let mut child = Command::new("xz")
        .args(["-0", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("xz, of the package xz-utils");
    let mut input = child.stdin.take().expect("is piped");
    let data = data.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&data));
    let output = child.wait_with_output().expect("xz ends");
    writer.join().expect("does not panic").expect("xz takes it all");
    output.stdout
}

/// An image: its layers as stored, with the tars in them, and the text of its configuration.
pub struct Saved {
    pub layers: Vec<(Vec<u8>, Vec<u8>)>,
    pub config: String,
}

impl Saved {
    /// Of plain tars, each stored as `pack` makes it.
    pub fn new(tars: Vec<Vec<u8>>, pack: fn(&[u8]) -> Vec<u8>) -> Self {
        let layers: Vec<_> = tars.into_iter().map(|tar| (pack(&tar), tar)).collect();
        let ids: Vec<String> = layers.iter().map(|(_, tar)| format!("\"{}\"", Digest::of(tar))).collect();
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Env":["PATH=/opt/bin:/bin","X=a=b"]}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
            ids.join(",")
        );
        Self { layers, config }
    }

    fn manifest(&self) -> String {
        let of = |bytes: &[u8]| format!(r#"{{"digest":"{}","size":{}}}"#, Digest::of(bytes), bytes.len());
        let layers: Vec<String> = self.layers.iter().map(|(stored, _)| of(stored)).collect();
        let config = of(self.config.as_bytes());
        format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{}]}}"#, layers.join(","))
    }

    /// The files of an OCI layout, by name.
    pub fn layout(&self) -> Vec<(String, Vec<u8>)> {
        let manifest = self.manifest();
        let index = format!(
            r#"{{"schemaVersion":2,"manifests":[{{"digest":"{}","size":{}}}]}}"#,
            Digest::of(manifest.as_bytes()),
            manifest.len()
        );
        let mut files = vec![
            ("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec()),
            ("index.json".to_owned(), index.into_bytes()),
        ];
        let blobs = [manifest.into_bytes(), self.config.clone().into_bytes()];
        for blob in blobs.into_iter().chain(self.layers.iter().map(|(stored, _)| stored.clone())) {
            files.push((blob_name(&blob), blob));
        }
        files
    }

    /// An OCI layout in a new folder.
    pub fn write_layout(&self, folder: &Path) {
        for (name, bytes) in self.layout() {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("is below")).expect("made");
            fs::write(path, bytes).expect("written");
        }
    }

    /// What Docker saved until version 24: the configuration by its digest, a folder for each layer, layers that are the same
    /// as symlinks, the list last.
    pub fn docker_old(&self, tags: &str) -> Vec<u8> {
        let config = format!("{}.json", Digest::of(self.config.as_bytes()).hex());
        let mut tar = Tar::new().file(&config, &self.config);
        let mut parts: Vec<String> = Vec::new();
        for (at, (stored, _)) in self.layers.iter().enumerate() {
            let folder = Digest::of(format!("layer {at}").as_bytes()).hex();
            let part = format!("{folder}/layer.tar");
            tar = tar.folder(&format!("{folder}/"), 0o755).file(&format!("{folder}/VERSION"), "1.0");
            tar = match self.layers.iter().position(|(other, _)| other == stored) {
                Some(same) if same < at => tar.symlink(&part, &format!("../{}", parts[same])),
                _ => tar.bytes(&part, 0o644, stored),
            };
            parts.push(part);
        }
        tar.file("manifest.json", &saved_list(&config, tags, &parts)).file("repositories", "{}").end()
    }

    /// What Docker saves since version 25: an OCI layout, and the list.
    pub fn docker_new(&self, tags: &str) -> Vec<u8> {
        let config = blob_name(self.config.as_bytes());
        let parts: Vec<String> = self.layers.iter().map(|(stored, _)| blob_name(stored)).collect();
        let mut tar = Tar::new().folder("blobs/", 0o755).folder("blobs/sha256/", 0o755);
        for (name, bytes) in self.layout() {
            tar = tar.bytes(&name, 0o644, &bytes);
        }
        tar.file("manifest.json", &saved_list(&config, tags, &parts)).end()
    }

    /// What builders without an engine save: the configuration, and layers by their digest, under names of their own.
    pub fn docker_named(&self, config: &str, layer: fn(&str) -> String) -> Vec<u8> {
        let config = config.replace("DIGEST", &Digest::of(self.config.as_bytes()).hex());
        let mut tar = Tar::new().file(&config, &self.config);
        let mut parts = Vec::new();
        for (stored, _) in &self.layers {
            let part = layer(&Digest::of(stored).hex());
            tar = tar.bytes(&part, 0o644, stored);
            parts.push(part);
        }
        tar.file("manifest.json", &saved_list(&config, r#"["a:1"]"#, &parts)).end()
    }

    /// An OCI layout in a tar.
    pub fn oci_archive(&self) -> Vec<u8> {
        self.layout().iter().fold(Tar::new(), |tar, (name, bytes)| tar.bytes(&format!("./{name}"), 0o644, bytes)).end()
    }

    /// The image id.
    pub fn id(&self) -> String {
        Digest::of(self.config.as_bytes()).to_string()
    }
}

fn saved_list(config: &str, tags: &str, parts: &[String]) -> String {
    format!(r#"[{{"Config":"{config}","RepoTags":{tags},"Layers":["{}"]}}]"#, parts.join("\",\""))
}

pub fn blob_name(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(bytes).hex())
}

/// A program or library of headers alone: enough to say what it is for and which loader it asks for. `text` stands after them.
pub fn elf(machine: u16, interpreter: Option<&str>, text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16..18].copy_from_slice(&3u16.to_le_bytes());
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes[20] = 1;
    bytes[52..54].copy_from_slice(&64u16.to_le_bytes());
    bytes[54..56].copy_from_slice(&56u16.to_le_bytes());
    if let Some(path) = interpreter {
        bytes[32..40].copy_from_slice(&64u64.to_le_bytes());
        bytes[56..58].copy_from_slice(&1u16.to_le_bytes());
        let mut segment = [0; 56];
        segment[0] = 3;
        segment[8..16].copy_from_slice(&120u64.to_le_bytes());
        segment[32..40].copy_from_slice(&(path.len() as u64 + 1).to_le_bytes());
        bytes.extend(segment);
        bytes.extend(path.as_bytes());
        bytes.push(0);
    }
    bytes.extend(text);
    bytes
}

pub const X86_64: u16 = 62;
pub const AARCH64: u16 = 183;
pub const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";
pub const MUSL: &str = "/lib/ld-musl-x86_64.so.1";

/// What the bytes of a musl loader hold that matters, for this version.
pub fn musl(version: &str) -> Vec<u8> {
    elf(X86_64, None, format!("\0musl libc (x86_64)\nVersion %s\n\0127.0.0.1\0\0{version}\0").as_bytes())
}

/// The same of a glibc loader.
pub fn glibc_loader() -> Vec<u8> {
    elf(X86_64, None, b"\0GLIBC_2.2.5\0GLIBC_PRIVATE\0")
}

/// The same of a libc.so.6.
pub fn glibc(version: &str) -> Vec<u8> {
    elf(X86_64, None, format!("\0GNU C Library (Test) stable release version {version}.\nCopyright\0").as_bytes())
}

/// The least that is a root file system of this version of musl.
pub fn small_root() -> Tar {
    Tar::new().folder("bin/", 0o755).bytes("bin/sh", 0o755, &elf(X86_64, Some(MUSL), b"")).folder("lib/", 0o755).bytes(
        "lib/ld-musl-x86_64.so.1",
        0o755,
        &musl("1.2.5"),
    )
}

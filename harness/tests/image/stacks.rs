//! Stacks of layers made up from a seed: every kind of entry, on few names, so that layers meet.

use std::fmt::Write as _;

use fastrand::Rng;
use tar::{EntryType, Header};

use crate::pack::{Tar, header};

/// What one entry does, beside its name, mode, time and owner.
#[derive(Clone, Debug)]
pub enum What {
    Folder,
    File(String),
    Symlink(String),
    HardLink(String),
    /// A file with holes: in which of the forms of pax (GNU's own one umoci does not know), and where its one piece stands.
    Sparse(u8, u64),
    Device,
    Pipe,
    /// Hides one name, or with `.wh..opq` what a folder holds.
    Marker,
}

/// One entry of a layer.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub what: What,
    mode: u32,
    /// Seconds and nanoseconds since 1970.
    time: (i64, u32),
    owner: u64,
    /// Whether names are written in extended headers even where there is no need.
    extended: bool,
}

pub type Layer = Vec<Entry>;

/// What a made-up layer must know of those before it, roughly: names that are there.
#[derive(Default)]
struct Names {
    folders: Vec<String>,
    files: Vec<String>,
    symlinks: Vec<String>,
}

const PARTS: [&str; 9] = ["a", "b", "c", "d", "e", "..f", ".w", "g h", "ü"];
const MODES: [u32; 10] = [0o644, 0o755, 0o600, 0o777, 0o4755, 0o2755, 0o1777, 0, 0o444, 0o111];

/// The layers of this seed.
pub fn stack(seed: u64) -> Vec<Layer> {
    let (mut rng, mut names) = (Rng::with_seed(seed), Names::default());
    (0..rng.usize(1..=4)).map(|_| layer(&mut rng, &mut names)).collect()
}

fn layer(rng: &mut Rng, names: &mut Names) -> Layer {
    (0..rng.usize(1..=10)).map(|_| entry(rng, names)).collect()
}

fn any<'a>(rng: &mut Rng, list: &'a [String]) -> Option<&'a String> {
    (!list.is_empty()).then(|| &list[rng.usize(..list.len())])
}

fn part(rng: &mut Rng) -> String {
    match rng.u8(..20) {
        0 => format!("long-{}", "n".repeat(rng.usize(90..200))),
        _ => PARTS[rng.usize(..PARTS.len())].into(),
    }
}

/// A name, mostly in a folder that is there.
fn path(rng: &mut Rng, names: &Names) -> String {
    let folder = match rng.u8(..20) {
        0..=4 => None,
        5..=15 => any(rng, &names.folders).cloned(),
        16 => any(rng, &names.symlinks).cloned(),
        17 => any(rng, &names.files).cloned(),
        _ => Some(part(rng)),
    };
    let last = part(rng);
    folder.filter(|folder| folder.matches('/').count() < 5).map_or(last.clone(), |folder| format!("{folder}/{last}"))
}

fn known(rng: &mut Rng, names: &Names) -> String {
    let list = [&names.folders, &names.files, &names.symlinks][rng.usize(..3)];
    match any(rng, list) {
        Some(name) if rng.u8(..10) > 0 => name.clone(),
        _ => path(rng, names),
    }
}

fn entry(rng: &mut Rng, names: &mut Names) -> Entry {
    let name = if rng.u8(..4) == 0 { known(rng, names) } else { path(rng, names) };
    let (name, what) = match rng.u8(..40) {
        0..=10 => (name, What::Folder),
        11..=21 => (name, What::File(part(rng))),
        22..=25 => (name, What::Symlink(target(rng, names))),
        26..=30 => match any(rng, &names.files).cloned().unwrap_or_else(|| known(rng, names)) {
            // Nothing to do, and an error for umoci.
            to if to == name => (name, What::Folder),
            to => (name, What::HardLink(to)),
        },
        31 => (name, What::Sparse(rng.u8(1..3), rng.u64(..9) * 512)),
        32 => (name, What::Device),
        33 => (name, What::Pipe),
        34..=37 => (whiteout(&known(rng, names)), What::Marker),
        _ => {
            let folder = any(rng, &names.folders).cloned().unwrap_or_else(|| part(rng));
            (format!("{folder}/.wh..wh..opq"), What::Marker)
        }
    };
    match &what {
        What::Folder => names.folders.push(name.clone()),
        What::File(_) | What::HardLink(_) | What::Sparse(..) => names.files.push(name.clone()),
        What::Symlink(_) => names.symlinks.push(name.clone()),
        _ => {}
    }
    let mode = if rng.bool() { MODES[rng.usize(..MODES.len())] } else { rng.u32(..0o10000) };
    Entry { name, what, mode, time: time(rng), owner: rng.u64(..3) * 1000, extended: rng.u8(..5) == 0 }
}

fn whiteout(hidden: &str) -> String {
    let (folder, name) = hidden.rsplit_once('/').map_or(("", hidden), |(folder, name)| (folder, name));
    if folder.is_empty() { format!(".wh.{name}") } else { format!("{folder}/.wh.{name}") }
}

fn target(rng: &mut Rng, names: &Names) -> String {
    let known = known(rng, names);
    match rng.u8(..8) {
        0 => format!("/{known}"),
        1 => format!("../../../{known}"),
        2 => "/etc".into(),
        3 => "..".into(),
        _ => known,
    }
}

fn time(rng: &mut Rng) -> (i64, u32) {
    let seconds = [1_600_000_000 + rng.i64(0..1000), 0, -5, 4_000_000_000, 1][rng.usize(..5)];
    (seconds, if rng.bool() { 0 } else { rng.u32(..1_000_000_000) })
}

/// The tar of a layer.
pub fn tar(layer: &[Entry]) -> Vec<u8> {
    layer.iter().fold(Tar::new(), Entry::add).end()
}

impl Entry {
    /// Whether a message calls it so, which may leave the end out.
    pub fn is_called(&self, shown: &str) -> bool {
        let name: String = self.name.chars().flat_map(char::escape_default).collect();
        name.starts_with(shown.trim_end_matches("...").trim_end_matches('/'))
            && (shown.ends_with("...") || name.len() == shown.trim_end_matches('/').len())
    }

    /// Whether it is a symlink.
    pub fn is_symlink(&self) -> bool {
        matches!(self.what, What::Symlink(_))
    }

    /// Whether it is one of those that are left out.
    pub fn is_left_out(&self) -> bool {
        matches!(self.what, What::Device | What::Pipe)
    }

    /// Whether it is a whiteout or an opaque marker.
    pub fn is_marker(&self) -> bool {
        matches!(self.what, What::Marker)
    }

    fn add(tar: Tar, entry: &Self) -> Tar {
        let (kind, link) = match &entry.what {
            What::Folder => (EntryType::Directory, None),
            What::Symlink(to) => (EntryType::Symlink, Some(to)),
            What::HardLink(to) => (EntryType::Link, Some(to)),
            What::Device => (EntryType::Char, None),
            What::Pipe => (EntryType::Fifo, None),
            What::File(_) | What::Marker | What::Sparse(..) => (EntryType::Regular, None),
        };
        let name = if kind.is_dir() { format!("{}/", entry.name) } else { entry.name.clone() };
        let mut records: Vec<(String, String)> = Vec::new();
        if entry.extended || name.len() > 100 {
            records.push(("path".into(), name.clone()));
        }
        if let Some(link) = link.filter(|link| entry.extended || link.len() > 100) {
            records.push(("linkpath".into(), link.clone()));
        }
        if entry.time.1 > 0 || entry.time.0 < 0 {
            records.push(("mtime".into(), decimal(entry.time)));
        }
        let data = entry.content(&mut records);
        let mut header = header(cut(&name), kind, entry.mode, data.len() as u64);
        entry.fill(&mut header, link);
        let records: Vec<(&str, &str)> = records.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let tar = if records.is_empty() { tar } else { tar.pax(&records) };
        tar.raw(header, &data)
    }

    fn fill(&self, header: &mut Header, link: Option<&String>) {
        header.set_mtime(u64::try_from(self.time.0).unwrap_or(0));
        header.set_uid(self.owner);
        header.set_gid(self.owner);
        if let Some(link) = link {
            header.as_old_mut().linkname[..cut(link).len()].copy_from_slice(cut(link));
        }
        if let What::Device = self.what {
            let _ = (header.set_device_major(1), header.set_device_minor(3));
        }
    }

    /// What stands after the header, and what must stand before it for that.
    fn content(&self, records: &mut Vec<(String, String)>) -> Vec<u8> {
        match &self.what {
            What::File(text) => text.clone().into_bytes(),
            What::Sparse(1, at) => {
                records.push(("GNU.sparse.size".into(), (at + 1000).to_string()));
                records.extend([
                    ("GNU.sparse.numblocks".into(), "1".into()),
                    ("GNU.sparse.map".into(), format!("{at},5")),
                ]);
                b"piece".to_vec()
            }
            What::Sparse(_, at) => {
                records.extend([("GNU.sparse.major".into(), "1".into()), ("GNU.sparse.minor".into(), "0".into())]);
                records.push(("GNU.sparse.name".into(), self.name.clone()));
                records.push(("GNU.sparse.realsize".into(), (at + 1000).to_string()));
                let mut map = format!("1\n{at}\n5\n").into_bytes();
                map.resize(512, 0);
                [&map[..], b"piece"].concat()
            }
            _ => Vec::new(),
        }
    }
}

/// What fits into a header.
fn cut(name: &str) -> &[u8] {
    &name.as_bytes()[..name.len().min(100)]
}

fn decimal((seconds, nanos): (i64, u32)) -> String {
    match (seconds < 0, nanos) {
        (_, 0) => seconds.to_string(),
        (false, nanos) => format!("{seconds}.{nanos:09}"),
        // Minus a second and a half is half a second after minus two.
        (true, nanos) => format!("-{}.{:09}", -seconds - 1, 1_000_000_000 - nanos),
    }
}

/// A stack for people to read.
pub fn shown(stack: &[Layer]) -> String {
    stack.iter().enumerate().fold(String::new(), |mut text, (at, layer)| {
        for Entry { name, what, mode, time, .. } in layer {
            let _ = writeln!(text, "  {at}: {name} {what:?} {mode:o} {time:?}");
        }
        text
    })
}

//! Images unpacked for their own sake: compared with what umoci makes of them in all that can be seen, and into which folders
//! they go.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    os::unix::fs::{FileTypeExt, MetadataExt, symlink},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use libcdiff::image::{Catalog, ImageError, Reference, Unpacked};
use tar::EntryType;

use crate::{
    bench::{Bench, snapshot, tree},
    differential::{can_compare, content, real_tars, umoci, write_layout},
    pack::{Tar, header, small_root},
};

/// Unpacks an image into a folder of the bench.
pub fn unpack(bench: &Bench, reference: &str, into: &str, set_id: bool) -> Result<Unpacked, ImageError> {
    let catalog = Catalog::parse("default = []").expect("parses");
    bench.store().unpack(&Reference::parse(reference)?, &catalog, &bench.path(into), set_id)
}

/// Everything about a tree: names, modes with all bits, owners, those that are recorded, times, links, content. Devices and pipes
/// are left out on purpose.
pub fn facts(root: &Path) -> BTreeMap<String, String> {
    fn add(path: &Path, name: &str, firsts: &mut HashMap<u64, String>, facts: &mut BTreeMap<String, String>) {
        let meta = fs::symlink_metadata(path).expect("is there");
        let kind = meta.file_type();
        if kind.is_char_device() || kind.is_block_device() || kind.is_fifo() {
            return;
        }
        let content = match kind {
            kind if kind.is_dir() => "/".into(),
            kind if kind.is_symlink() => format!("-> {}", fs::read_link(path).expect("reads").display()),
            // As an ordinary user not every file can be read.
            _ => fs::read(path).map_or_else(|error| error.kind().to_string(), |bytes| format!("= {}", content(&bytes))),
        };
        let mut record = [0; 64];
        let recorded = rustix::fs::lgetxattr(path, "user.rootlesscontainers", &mut record).unwrap_or(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("is later").as_secs().cast_signed();
        let time = match (meta.mtime() - now).abs() < 3600 {
            true => "now".into(),
            false => format!("{}.{:09}", meta.mtime(), meta.mtime_nsec()),
        };
        let first = firsts.entry(meta.ino()).or_insert_with(|| name.to_owned()).clone();
        let (mode, owner, links) =
            (meta.mode(), (meta.uid(), meta.gid()), if kind.is_dir() { 1 } else { meta.nlink() });
        let fact = format!("{mode:o} {owner:?} {:?} {time} {links} as {first} {content}", &record[..recorded]);
        facts.insert(name.to_owned(), fact);
        if kind.is_dir() {
            let mut below: Vec<_> =
                fs::read_dir(path).expect("lists").flatten().map(|entry| entry.file_name()).collect();
            below.sort();
            for entry in below {
                add(&path.join(&entry), &format!("{name}/{}", entry.to_string_lossy()), firsts, facts);
            }
        }
    }
    let mut facts = BTreeMap::new();
    add(root, ".", &mut HashMap::new(), &mut facts);
    facts
}

/// What differs, a line each.
pub fn differences(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>) -> String {
    let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let differing = names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name));
    differing.map(|name| format!("{name}\n  here:  {:?}\n  umoci: {:?}\n", ours.get(name), theirs.get(name))).collect()
}

#[test]
fn real_images_unpacked_by_root_are_in_everything_what_umoci_makes_of_them() {
    if !can_compare() {
        return;
    }
    for (name, tar) in real_tars() {
        let bench = Bench::new();
        write_layout(&bench.path("layout"), vec![tar]);
        umoci(&bench, &[]).expect("umoci unpacks it");
        let layout = format!("oci-dir:{}", bench.path("layout").display());
        unpack(&bench, &layout, "here", true).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (ours, theirs) = (facts(&bench.path("here")), facts(&bench.path("there/rootfs")));
        assert!(ours.len() > 10, "{name}: {} entries", ours.len());
        let how = differences(&ours, &theirs);
        assert!(how.is_empty(), "{name}:\n{how}");
        let others = ours.values().filter(|fact| !fact.contains(" (0, 0) ")).count();
        println!("{name}: {} entries are the same, {others} of them not root's", ours.len());
    }
}

/// A file system with what owners, modes and links can be.
pub fn manifold() -> Vec<u8> {
    let entry = |tar: Tar, name: &str, kind, mode, (user, group), text: &str| {
        let mut header = header(name.as_bytes(), kind, mode, text.len() as u64);
        header.set_uid(user);
        header.set_gid(group);
        tar.raw(header, text.as_bytes())
    };
    let (file, folder) = (EntryType::Regular, EntryType::Directory);
    let tar = entry(small_root(), "./", folder, 0o750, (1, 2), "");
    let tar = entry(tar, "mail/", folder, 0o2775, (0, 8), "");
    let tar = entry(tar, "mail/su", file, 0o4755, (1000, 1000), "set-user-id");
    let tar = entry(tar, "mail/both", file, 0o6711, (0, 42), "set-id");
    let tar = entry(tar, "mail/sticky", file, 0o1600, (65534, 65534), "");
    let tar = entry(tar, "mail/closed", file, 0, (7, 0), "closed");
    let tar = entry(tar, "mail/read-only", file, 0o444, (7, 0), "read");
    let tar = entry(tar.pax(&[("uid", "100000"), ("gid", "2147483648")]), "mail/far", file, 0o644, (1, 1), "");
    tar.symlink("mail/to", "su").hard_link("mail/su2", "mail/su").end()
}

#[test]
fn all_that_an_archive_says_of_owners_and_modes_is_in_the_folder() {
    if !can_compare() {
        return;
    }
    let bench = Bench::new();
    write_layout(&bench.path("layout"), vec![manifold()]);
    umoci(&bench, &[]).expect("umoci unpacks it");
    let layout = format!("oci-dir:{}", bench.path("layout").display());
    let unpacked = unpack(&bench, &layout, "here", true).expect("unpacks");
    assert_eq!((unpacked.left_out.set_id, unpacked.recorded), (0, false));
    let (ours, theirs) = (facts(&bench.path("here")), facts(&bench.path("there/rootfs")));
    assert_eq!(differences(&ours, &theirs), "");
    assert!(ours["./mail/su"].starts_with("104755 (1000, 1000)") && ours["."].starts_with("40750 (1, 2)"), "{ours:#?}");

    // Without being asked for, no file is set-id, and that is told; everything else is the same.
    let unpacked = unpack(&bench, &layout, "careful", false).expect("unpacks");
    assert_eq!(unpacked.left_out.set_id, 2);
    let careful = facts(&bench.path("careful"));
    assert!(
        careful["./mail/su"].starts_with("100755 ") && careful["./mail/both"].starts_with("100711 "),
        "{careful:#?}"
    );
    let lose = |facts: &BTreeMap<String, String>| {
        let without = |fact: &String| fact.replacen("104755", "100755", 1).replacen("106711", "100711", 1);
        facts.iter().map(|(name, fact)| (name.clone(), without(fact))).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(differences(&careful, &lose(&theirs)), "");
    assert_eq!(bench.cached(), Vec::<String>::new(), "the cache has no part in it");
}

#[test]
fn an_image_goes_into_a_folder_of_its_own_or_nowhere() {
    let bench = Bench::new();
    let image = bench.put("image.tar", &small_root().end());
    for (name, words) in [("full", "not empty"), ("file", "no folder"), ("link", "symlink"), ("none/below", "no such")]
    {
        match name {
            "full" => drop(bench.put("full/of", b"mine")),
            "file" => drop(bench.put("file", b"mine")),
            "link" => symlink(bench.outside(), bench.path("link")).expect("linked"),
            _ => {}
        }
        let before = (tree(&bench.path("")), snapshot(&bench.outside()));
        let error = unpack(&bench, &image, name, false).expect_err("must not");
        assert!(error.to_string().contains(words) && error.is_request(), "{name}: {error}");
        assert_eq!((tree(&bench.path("")), snapshot(&bench.outside())), before, "{name}");
    }
    for folder in [format!("dir:{}", bench.outside().display()), "host".into()] {
        assert!(matches!(unpack(&bench, &folder, "here", false), Err(ImageError::Reference { .. })), "{folder}");
    }
    fs::create_dir(bench.path("empty")).expect("made");
    for name in ["empty", "new"] {
        unpack(&bench, &image, name, false).expect("unpacks");
        assert!(bench.path(name).join("bin/sh").exists());
    }
    assert!(unpack(&bench, &image, "new", false).is_err(), "not a second time");
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let bench = Bench::new();
    let nobody = |uid: &str| small_root().pax(&[("uid", uid)]).file("f", "x").end();
    let archives = [
        ("owner-none", nobody("4294967295"), "number is none"),
        ("owner-far", nobody("99999999999"), "number is none"),
        ("owner-minus", nobody("-1"), "number is none"),
        ("upwards", small_root().file("../f", "x").end(), "leads upwards"),
        ("cut", small_root().file("f", "x").end()[..1600].to_vec(), "truncated"),
        (
            "through",
            small_root().symlink("out", &bench.outside().display().to_string()).file("out/file", "x").end(),
            "",
        ),
    ];
    for (name, bytes, words) in archives {
        let image = bench.put(&format!("{name}.tar"), &bytes);
        let before = (tree(&bench.path("")), snapshot(&bench.outside()));
        match unpack(&bench, &image, name, true) {
            Err(error) => {
                assert!(error.to_string().contains(words) && error.is_request(), "{name}: {error}");
                assert_eq!(tree(&bench.path("")), before.0, "{name}");
            }
            // A symlink that leads out leads to the same path inside.
            Ok(_) => assert_eq!(name, "through"),
        }
        assert_eq!(snapshot(&bench.outside()), before.1, "{name}");
        // Where it is only to be run, nobody asks whose it is.
        if name.starts_with("owner") {
            bench.resolve(&image).expect("resolves");
        }
    }
}

//! Archives that mean harm. Each is unpacked twice, as a root file system and as the upper layer of an image; whatever comes of
//! it, nothing outside may have changed, and a refused archive must leave nothing behind.

use std::{fs, path::Path, time::Duration};

use libcdiff::image::{ImageError, LimitHit, Limits};
use tar::EntryType;

use crate::{
    bench::{Bench, snapshot, tree},
    pack::{Saved, Tar, gzip, header, small_root, zstd},
};

/// What is to come of an archive.
enum Want<'a> {
    /// Refused, with these words in the reason.
    Refused(&'a str),
    /// Beyond a limit.
    Limit(LimitHit),
    /// Called truncated.
    Truncated,
    /// Unpacked to this, beside the folder `etc`.
    Tree(&'a [&'a str]),
}
use Want::{Limit, Refused, Tree, Truncated};

/// A bench whose `outside` an archive can name: absolutely, or by going up from wherever it is unpacked.
struct Target {
    bench: Bench,
    absolute: String,
    upwards: String,
}

impl Target {
    fn new() -> Self {
        let bench = Bench::new();
        let absolute = bench.outside().to_str().expect("is text").to_owned();
        let upwards = format!("{}{absolute}", "../".repeat(20).trim_end_matches('/'));
        Self { bench, absolute, upwards }
    }

    /// The same path without its slash: where a name that is taken to be inside ends up.
    fn inside(&self) -> &str {
        self.absolute.trim_start_matches('/')
    }

    #[track_caller]
    fn check(&self, tar: Vec<u8>, want: &Want<'_>) {
        let before = snapshot(&self.bench.outside());
        let base = Tar::new().folder("etc/", 0o755);
        let plain = [base.clone().cut(), tar.clone()].concat();
        self.judge("root.tar", self.bench.put("root.tar", &plain), want, &before);
        let saved = Saved::new(vec![base.end(), tar], <[u8]>::to_vec);
        self.judge("layer", self.bench.put("image.tar", &saved.oci_archive()), want, &before);
    }

    #[track_caller]
    fn judge(&self, form: &str, reference: String, want: &Want<'_>, before: &[String]) {
        let result = self.bench.resolve(&reference);
        assert_eq!(snapshot(&self.bench.outside()), before, "{form}: something outside has changed");
        match (want, result) {
            (Tree(want), Ok(image)) => {
                let mut want: Vec<String> = want.iter().map(|s| (*s).to_owned()).collect();
                want.push("etc/".into());
                want.sort();
                let mut got = tree(&image.root);
                got.sort();
                assert_eq!(got, want, "{form}");
                fs::remove_dir_all(self.bench.cache()).expect("the cache can be removed");
            }
            (Refused(words), Err(ImageError::Refused { reason, .. })) => {
                assert!(reason.contains(words), "{form}: {reason}")
            }
            (Limit(want), Err(ImageError::Limit { hit, .. })) => assert_eq!(hit, *want, "{form}"),
            (Truncated, Err(ImageError::Truncated { .. })) => {}
            (_, Ok(image)) => panic!("{form}: unpacked to {:?}", tree(&image.root)),
            (_, Err(error)) => panic!("{form}: {error}"),
        }
        assert_eq!(self.bench.cached(), Vec::<String>::new(), "{form}: something is left");
    }
}

#[track_caller]
fn check(make: impl Fn(&Target) -> Tar, want: &Want<'_>) {
    let target = Target::new();
    target.check(make(&target).end(), want);
}

/// Folders of `path`, each above its first.
fn folders(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').collect();
    (1..=parts.len()).map(|n| format!("{}/", parts[..n].join("/"))).collect()
}

// ------------------------------------------------------------------------------------------------------- symlinks

#[test]
fn a_write_through_a_symlink_that_leads_out() {
    check(|t| Tar::new().symlink("evil", &t.absolute).file("evil/file", "hit"), &Refused("symlink to nothing"));
    check(|t| Tar::new().symlink("evil", &t.upwards).file("evil/file", "hit"), &Refused("symlink to nothing"));
    check(
        |_| Tar::new().symlink("evil", "/").symlink("evil2", "evil/..").file("evil2/f", "x"),
        &Tree(&["evil -> /", "evil2 -> evil/..", "f=x"]),
    );
    check(
        |t| Tar::new().symlink("evil", &format!("{}/folder", t.absolute)).folder("evil/new/", 0o777),
        &Refused("nothing"),
    );
    check(|_| Tar::new().symlink("p", "/proc/self/root").file("p/etc/x", "x"), &Refused("symlink to nothing"));
}

#[test]
fn a_write_through_a_symlink_whose_target_is_also_inside() {
    let target = Target::new();
    let inside = target.inside().to_owned();
    let link = format!("evil -> {}", target.absolute);
    let file = format!("{inside}/file=hit");
    let mut want = folders(&inside);
    want.extend([link, file]);
    let want: Vec<&str> = want.iter().map(String::as_str).collect();
    for to in [&target.absolute, &target.upwards] {
        let tar = Tar::new().folder(&format!("{inside}/"), 0o755).symlink("evil", to).file("evil/file", "hit");
        let want: Vec<&str> =
            want.iter().map(|w| if w.starts_with("evil") { "" } else { *w }).filter(|w| !w.is_empty()).collect();
        let link = format!("evil -> {to}");
        target.check(tar.end(), &Tree(&[&want[..], &[link.as_str()]].concat()));
    }
}

#[test]
fn a_file_onto_a_symlink_replaces_it() {
    check(|t| Tar::new().symlink("evil", &format!("{}/file", t.absolute)).file("evil", "hit"), &Tree(&["evil=hit"]));
    let target = Target::new();
    let to = format!("{}/file", target.absolute);
    let link = format!("other -> {to}");
    let tar = Tar::new().symlink("evil", "x").symlink("evil", &to).symlink("other", &to).file("evil", "hit");
    target.check(tar.end(), &Tree(&["evil=hit", &link]));
}

#[test]
fn a_folder_that_becomes_a_symlink() {
    let target = Target::new();
    let tar = Tar::new().folder("d/", 0o777).symlink("d", &target.absolute);
    let link = format!("d -> {}", target.absolute);
    // The folder's mode is set at the end, and must not be set through the symlink.
    target.check(tar.clone().end(), &Tree(&[&link]));
    target.check(tar.clone().file("d/file", "hit").end(), &Refused("symlink to nothing"));
    target.check(tar.folder("d/folder/", 0o777).end(), &Refused("symlink to nothing"));
}

#[test]
fn a_mode_for_a_symlink() {
    check(|t| Tar::new().symlink("d", &t.absolute).folder("d/", 0o777), &Tree(&["d/"]));
    check(
        |t| Tar::new().symlink("d", &t.absolute).folder("d", 0o777).folder("d/folder/", 0o777),
        &Tree(&["d/", "d/folder/"]),
    );
}

#[test]
fn a_ring_of_symlinks() {
    check(|_| Tar::new().symlink("a", "b").symlink("b", "a").file("a/x", "x"), &Refused("loop of symlinks"));
    check(|_| Tar::new().symlink("a", "a/b").folder("a/c/", 0o755), &Refused("loop of symlinks"));
}

// ---------------------------------------------------------------------------------------------------------- names

#[test]
fn names_that_lead_upwards() {
    for name in ["../outside/file", "a/../../x", "..", "a/..", "./../x"] {
        check(|_| Tar::new().file(name, "hit"), &Refused("leads upwards"));
        check(|_| Tar::new().folder(&format!("{name}/"), 0o777), &Refused("leads upwards"));
        check(|_| Tar::new().symlink(name, "x"), &Refused("leads upwards"));
    }
    check(|t| Tar::new().pax(&[("path", &t.upwards)]).file("ok", "hit"), &Refused("leads upwards"));
    check(|_| Tar::new().file("..x", "x").file("y..", "y"), &Tree(&["..x=x", "y..=y"]));
}

#[test]
fn absolute_names_are_inside() {
    let target = Target::new();
    let inside = target.inside();
    let mut want = folders(inside);
    want.push(format!("{inside}/file=hit"));
    let want: Vec<&str> = want.iter().map(String::as_str).collect();
    let name = format!("{}/file", target.absolute);
    target.check(Tar::new().file(&name, "hit").end(), &Tree(&want));
    target.check(Tar::new().file(&format!("//{name}"), "hit").end(), &Tree(&want));
    target.check(Tar::new().pax(&[("path", &name)]).file("ok", "hit").end(), &Tree(&want));
}

#[test]
fn the_root_itself_is_a_folder_and_nothing_else() {
    check(|_| Tar::new().folder("./", 0o000).folder("/", 0o000).file("x", "x"), &Tree(&["x=x"]));
    for kind in [EntryType::Char, EntryType::Fifo] {
        check(|_| Tar::new().special("./", kind).file("x", "x"), &Refused("place of the root"));
    }
    check(|t| Tar::new().symlink("./", &t.absolute).file("x", "x"), &Refused("no folder"));
    check(|_| Tar::new().file(".", "not a file").file("x", "x"), &Refused("no folder"));
    check(|_| Tar::new().file("x", "x").hard_link(".", "x"), &Refused("no folder"));
    // A long name without a letter is the root's too.
    check(
        |_| Tar::new().raw(header(b"long", EntryType::GNULongName, 0o644, 0), b"").file("x", "x"),
        &Refused("no folder"),
    );
}

#[test]
fn names_that_no_file_system_holds() {
    check(|_| Tar::new().pax(&[("path", "a\0b")]).file("ok", "x"), &Refused("zero byte"));
    check(|_| Tar::new().pax(&[("path", &"n".repeat(300))]).file("ok", "x"), &Refused("too long"));
    check(|_| Tar::new().pax(&[("path", &"dir/".repeat(2000))]).file("ok", "x"), &Refused("too long"));
    check(|_| Tar::new().symlink("s", &"t/".repeat(3000)), &Refused("too long"));
    check(|_| Tar::new().pax(&[("linkpath", "a\0b")]).symlink("s", "ok"), &Refused("zero byte"));
}

#[test]
fn a_name_is_made_printable_in_messages() {
    let target = Target::new();
    let tar = Tar::new().file("../\x1b[31m\nred", "").end();
    let error = target.bench.resolve(&target.bench.put("root.tar", &tar)).expect_err("refused").to_string();
    assert!(error.contains("`../\\u{1b}[31m\\nred`") && !error.contains(['\n', '\x1b']), "{error}");
}

// ------------------------------------------------------------------------------------------------------ hard links

#[test]
fn hard_links_that_lead_out() {
    check(|t| Tar::new().hard_link("h", &format!("{}/file", t.absolute)), &Refused("hard link to nothing"));
    check(|t| Tar::new().hard_link("h", &format!("{}/file", t.upwards)), &Refused("leads upwards"));
    check(|t| Tar::new().symlink("s", &t.absolute).hard_link("h", "s/file"), &Refused("hard link to nothing"));
    check(|t| Tar::new().symlink("s", &t.upwards).hard_link("h", "s/file").file("h", "hit"), &Refused("to nothing"));
    check(|_| Tar::new().hard_link("h", "etc"), &Refused("no file"));
    check(|_| Tar::new().hard_link("h", "/"), &Refused("hard link to nothing"));
}

#[test]
fn a_hard_link_to_a_symlink_is_no_way_through_it() {
    let target = Target::new();
    let to = format!("{}/file", target.absolute);
    let tar = Tar::new().symlink("s", &to).hard_link("h", "s").file("h", "hit");
    let link = format!("s -> {to}");
    target.check(tar.end(), &Tree(&["h=hit", &link]));
    let tar = Tar::new().symlink("s", &target.absolute).hard_link("h", "s").file("h/file", "hit");
    target.check(tar.end(), &Refused("symlink to nothing"));
}

#[test]
fn hard_links_to_themselves() {
    check(|_| Tar::new().file("a", "x").hard_link("a", "a").hard_link("a", "./a"), &Tree(&["a=x"]));
    check(|_| Tar::new().file("d/x", "x").hard_link("d", "d/x"), &Refused("something that it replaces"));
}

// ------------------------------------------------------------------------------------------------------- whiteouts

/// Layers alone have whiteouts.
#[track_caller]
fn check_layer(lower: impl Fn(&Target) -> Tar, upper: Tar, want: &Want<'_>) {
    let target = Target::new();
    let before = snapshot(&target.bench.outside());
    let lower = lower(&target).folder("etc/", 0o755);
    let saved = Saved::new(vec![lower.end(), upper.end()], <[u8]>::to_vec);
    let shown = |line: &&str| line.replace("OUT", &target.absolute);
    let reference = target.bench.put("image.tar", &saved.oci_archive());
    match want {
        Tree(lines) => {
            let lines: Vec<String> = lines.iter().map(shown).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            target.judge("layer", reference, &Tree(&lines), &before);
        }
        want => target.judge("layer", reference, want, &before),
    }
}

#[test]
fn whiteouts_through_symlinks_that_lead_out() {
    let lower = |t: &Target| Tar::new().symlink("evil", &t.absolute);
    check_layer(lower, Tar::new().file("evil/.wh.file", ""), &Tree(&["evil -> OUT"]));
    check_layer(lower, Tar::new().file("evil/folder/.wh.below", ""), &Tree(&["evil -> OUT"]));
    check_layer(lower, Tar::new().file("evil/.wh..wh..opq", ""), &Refused("symlink to nothing"));
    check_layer(lower, Tar::new().file(".wh.evil", ""), &Tree(&[]));
    // The tree below a symlink is not removed with it.
    check_layer(|t| Tar::new().symlink("d/evil", &t.absolute), Tar::new().file(".wh.d", ""), &Tree(&[]));
    check_layer(|t| Tar::new().symlink("d/evil", &t.absolute), Tar::new().file("d", "x"), &Tree(&["d=x"]));
}

#[test]
fn whiteouts_of_nothing_nameable() {
    for name in [".wh.", ".wh..", ".wh...", "etc/.wh..", "etc/.wh..."] {
        check_layer(|_| Tar::new(), Tar::new().file(name, ""), &Refused("whiteout of nothing"));
    }
    check_layer(|_| Tar::new(), Tar::new().file("etc/../.wh.x", ""), &Refused("leads upwards"));
    check_layer(|_| Tar::new(), Tar::new().file(".wh.d/x", ""), &Refused("named like a whiteout"));
}

// ---------------------------------------------------------------------------------------------- sizes and extensions

#[test]
fn a_size_that_is_not_so() {
    let claims = |size: u64| Tar::new().raw(header(b"f", EntryType::Regular, 0o644, size), b"four");
    let target = Target::new();
    for size in [2000, 1 << 20, 1 << 32] {
        target.check(claims(size).cut(), &Truncated);
    }
    target.check(claims(1 << 60).cut(), &Limit(LimitHit::File(1 << 60)));
    target.check(claims(1 << 62).cut(), &Limit(LimitHit::File(1 << 62)));
}

#[test]
fn a_size_in_the_extended_header_counts_for_content_and_for_what_follows() {
    // Readers that took the header's size here saw another file in the content of this one.
    let hidden = Tar::new().file("hidden", "x").cut();
    let text = String::from_utf8_lossy(&hidden).into_owned();
    let file = format!("f={text}");
    check(
        |_| {
            let mut tar = Tar::new().pax(&[("size", &hidden.len().to_string())]);
            tar = tar.raw(header(b"f", EntryType::Regular, 0o644, 0), &hidden);
            tar.file("after", "y")
        },
        &Tree(&[&file, "after=y"]),
    );
}

#[test]
fn extended_headers_that_are_none() {
    let bad =
        |data: &[u8]| Tar::new().raw(header(b"x", EntryType::XHeader, 0o644, data.len() as u64), data).file("f", "x");
    check(|_| bad(b"no record at all\n"), &Refused("malformed extended header"));
    check(|_| bad(b"9 path=\n"), &Refused("malformed extended header"));
    // Without anything after it.
    let target = Target::new();
    target.check(Tar::new().pax(&[("path", "x")]).end(), &Truncated);
}

#[test]
fn a_header_that_applies_to_all_changes_nothing() {
    let record = b"17 path=/etc/all\n";
    check(
        |_| Tar::new().raw(header(b"g", EntryType::XGlobalHeader, 0o644, record.len() as u64), record).file("f", "x"),
        &Tree(&["f=x"]),
    );
}

#[test]
fn extended_attributes_are_left_out_and_counted() {
    let bench = Bench::new();
    let tar =
        small_root().pax(&[("SCHILY.xattr.security.capability", "x"), ("SCHILY.xattr.user.y", "y")]).file("f", "x");
    let image = bench.resolve(&bench.put("root.tar", &tar.end())).expect("resolves");
    assert_eq!(image.left_out.attributes, 1);
    let names = rustix::fs::listxattr(image.root.join("f"), &mut [0u8; 256][..]).expect("lists");
    assert_eq!(names, 0);
}

#[test]
fn long_headers_do_not_fill_the_memory() {
    let limits = Limits { header_bytes: 64 << 10, ..Limits::default() };
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let mut target = Target::new();
        target.bench.limits = limits;
        let long = vec![b'a'; 1 << 20];
        let tar = Tar::new().raw(header(b"long", kind, 0o644, long.len() as u64), &long).file("f", "x");
        target.check(tar.end(), &Limit(LimitHit::Header(64 << 10)));
        // Only said to be long: nothing is set aside for it.
        let tar = Tar::new().raw(header(b"long", kind, 0o644, 1 << 50), b"short");
        let error = target.bench.resolve(&target.bench.put("root.tar", &tar.end())).expect_err("refused");
        assert!(error.is_request(), "{error}");
    }
}

/// A file of `real` bytes of which the archive holds none.
fn holes(name: &[u8], real: u64) -> Tar {
    let mut hole = header(name, EntryType::GNUSparse, 0o644, 0);
    let gnu = hole.as_gnu_mut().expect("is a GNU header");
    gnu.set_is_extended(false);
    gnu.realsize.copy_from_slice(format!("{real:011o}\0").as_bytes());
    gnu.sparse[0].offset.copy_from_slice(format!("{real:011o}\0").as_bytes());
    gnu.sparse[0].numbytes.copy_from_slice(format!("{:011o}\0", 0).as_bytes());
    Tar::new().raw(hole, b"")
}

#[test]
fn holes_count_as_what_they_fill() {
    let file = format!("f={}", "\0".repeat(3000));
    check(|_| holes(b"f", 3000), &Tree(&[&file]));
    let limits = Limits { free_bytes: 1 << 20, file_bytes: 1 << 30, ..Limits::default() };
    let mut target = Target::new();
    target.bench.limits = limits;
    let stored = 512 * 4;
    let layer = holes(b"f", 100 << 20).end();
    let plain = [Tar::new().folder("etc/", 0o755).cut(), layer.clone()].concat();
    assert_eq!(plain.len(), stored);
    let total = LimitHit::Total(limits.free_bytes + limits.ratio * stored as u64);
    let error = target.bench.resolve(&target.bench.put("root.tar", &plain)).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit, .. } if hit == total), "{error}");
    target.check(holes(b"f", 2 << 30).end(), &Limit(LimitHit::File(2 << 30)));
}

/// The three forms of pax, each a file of 12 bytes with `ab` at 2 and `c` at 9.
#[test]
fn holes_in_extended_headers() {
    let want = Tree(&["f=\0\0ab\0\0\0\0\0c\0\0", "after=x"]);
    let (offset, length) = ("GNU.sparse.offset", "GNU.sparse.numbytes");
    let lists: [&[(&str, &str)]; 2] = [
        &[("GNU.sparse.size", "12"), (offset, "2"), (length, "2"), (offset, "9"), (length, "1")],
        &[("GNU.sparse.size", "12"), ("GNU.sparse.map", "2,2,9,1")],
    ];
    for list in lists {
        check(|_| Tar::new().pax(list).file("f", "abc").file("after", "x"), &want);
    }
    let records =
        [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "f"), ("GNU.sparse.realsize", "12")];
    let lines = |map: &str| [map.as_bytes(), &vec![0; 512 - map.len()], b"abc"].concat();
    let content = lines("2\n2\n2\n9\n1\n");
    check(|_| Tar::new().pax(&records).bytes("GNUSparseFile.0/f", 0o644, &content).file("after", "x"), &want);
    for map in ["2\n2\n2\n1\n1\n", "2\n2\n2\n9\n9\n", "1\n0\n2\n", "9\n", "x\n", "", "99999999999999999999\n"] {
        check(|_| Tar::new().pax(&records).bytes("g", 0o644, &lines(map)), &Refused("map of holes"));
    }
    let huge = [("GNU.sparse.size", "9000000000000"), ("GNU.sparse.map", "0,1")];
    check(|_| Tar::new().pax(&huge).file("f", "x"), &Limit(LimitHit::File(9_000_000_000_000)));
}

#[test]
fn a_map_of_holes_that_contradicts_itself() {
    let mut hole = header(b"f", EntryType::GNUSparse, 0o644, 512);
    let gnu = hole.as_gnu_mut().expect("is a GNU header");
    gnu.realsize.copy_from_slice(b"00000001000\0");
    gnu.sparse[0].offset.copy_from_slice(b"00000000000\0");
    gnu.sparse[0].numbytes.copy_from_slice(b"77777777777\0");
    let target = Target::new();
    let error = target
        .bench
        .resolve(&target.bench.put("root.tar", &Tar::new().raw(hole, &[7; 512]).end()))
        .expect_err("refused");
    assert!(error.to_string().contains("map of holes"), "{error}");
}

// ------------------------------------------------------------------------- bytes that readers take for different members

#[test]
fn a_record_in_the_value_of_another_is_none() {
    // Capabilities of a file are binary, and may hold a line break.
    let value = "\n12 path=evil\n";
    check(|_| Tar::new().pax(&[("SCHILY.xattr.user.x", value)]).file("f", "x"), &Tree(&["f=x"]));
    check(|_| Tar::new().pax(&[("path", "a\nb")]).file("f", "x"), &Tree(&["a\nb=x"]));
    check(|_| Tar::new().pax(&[("path", "a"), ("path", "b")]).file("f", "x"), &Tree(&["b=x"]));
    check(|_| Tar::new().pax(&[("path", "a"), ("path", "")]).file("f", "x"), &Tree(&["f=x"]));
}

#[test]
fn links_folders_and_devices_have_no_content_whatever_their_size_says() {
    // A reader that skipped content here would miss the file, and a scanner that did would not see it.
    for kind in [EntryType::Directory, EntryType::Symlink, EntryType::Link, EntryType::Fifo] {
        let mut header = header(b"d", kind, 0o755, 512 * 2);
        header.as_old_mut().linkname[0] = b'f';
        let tar = Tar::new().file("f", "x").raw(header, b"").file("hidden", "x");
        let own: &[&str] = match kind {
            EntryType::Directory => &["d/", "f=x", "hidden=x"],
            EntryType::Symlink => &["d -> f", "f=x", "hidden=x"],
            EntryType::Link => &["d=x", "f=x", "hidden=x"],
            _ => &["f=x", "hidden=x"],
        };
        check(|_| tar.clone(), &Tree(own));
    }
}

#[test]
fn an_empty_block_in_the_middle_hides_nothing() {
    let tar = [Tar::new().file("f", "x").cut(), vec![0; 512], Tar::new().file("hidden", "x").end()].concat();
    let target = Target::new();
    let error = target.bench.resolve(&target.bench.put("root.tar", &tar)).expect_err("refused");
    assert!(error.to_string().contains("an empty block in the middle"), "{error}");
    assert_eq!(target.bench.cached(), Vec::<String>::new());
}

#[test]
fn two_extended_headers_of_one_kind() {
    let target = Target::new();
    let tar = Tar::new().pax(&[("path", "a")]).pax(&[("path", "b")]).file("f", "x").end();
    let error = target.bench.resolve(&target.bench.put("root.tar", &tar)).expect_err("refused");
    assert!(error.to_string().contains("two extended headers"), "{error}");
}

// ------------------------------------------------------------------------------------------------------- types

#[test]
fn devices_and_pipes_are_not_made_but_counted() {
    let bench = Bench::new();
    let tar = small_root().device("null").special("block", EntryType::Block).special("pipe", EntryType::Fifo);
    let tar = tar.file("pipe", "a file now").bytes("su", 0o6755, b"").bytes("sg", 0o2755, b"");
    let image = bench.resolve(&bench.put("root.tar", &tar.end())).expect("resolves");
    let left = image.left_out;
    assert_eq!((left.devices, left.pipes, left.set_id), (2, 1, 2));
    assert!(!image.root.join("null").exists() && !image.root.join("block").exists());
    assert_eq!(fs::read_to_string(image.root.join("pipe")).expect("is a file"), "a file now");
}

#[test]
fn types_that_nobody_knows() {
    for kind in [b'Z', b'V', b'M', b'D'] {
        check(|_| Tar::new().special("f", EntryType::new(kind)), &Refused("unknown type"));
    }
    check(|_| Tar::new().symlink("s", ""), &Refused("link to nothing"));
    check(|_| Tar::new().hard_link("s", ""), &Refused("link to nothing"));
    // The oldest form of a folder, and a file with a number for its type that only means how it is stored.
    let file = |name: &[u8], kind| Tar::new().raw(header(name, kind, 0o755, 1), b"x");
    check(|_| Tar::new().file("d/", "").file("d/x", "x"), &Tree(&["d/", "d/x=x"]));
    check(|_| file(b"c", EntryType::Continuous), &Tree(&["c=x"]));
}

// --------------------------------------------------------------------------------------------------------- amounts

#[test]
fn folders_too_deep() {
    let deep = |n: usize| vec!["d"; n].join("/");
    check(|_| Tar::new().pax(&[("path", &deep(257))]).folder("x", 0o755), &Limit(LimitHit::Depth(256)));
    let bench = Bench::new();
    let tar = small_root().pax(&[("path", &deep(256))]).folder("x", 0o755);
    let image = bench.resolve(&bench.put("root.tar", &tar.end())).expect("just deep enough");
    fs::remove_dir_all(image.root).expect("can be removed");
    // Each name is short, and each symlink goes on where the last one ended.
    let mut tar = Tar::new().folder("s/", 0o755).symlink("l0", "s");
    for n in 0..10 {
        let next = format!("l{}", n + 1);
        tar = tar.pax(&[("path", &format!("l{n}/{}", deep(40)))]).folder("x", 0o755);
        tar = tar.symlink(&next, &format!("l{n}/{}", deep(40)));
    }
    check(move |_| tar.clone(), &Limit(LimitHit::Depth(256)));
}

#[test]
fn too_many_entries() {
    let mut target = Target::new();
    target.bench.limits = Limits { entries: 100, ..Limits::default() };
    let many = |n: usize| (0..n).fold(Tar::new(), |tar, at| tar.file(&format!("f{at}"), ""));
    target.check(many(100).end(), &Limit(LimitHit::Entries(100)));
    // Those that come to nothing count too.
    let same = (0..100).fold(Tar::new(), |tar, _| tar.device("x"));
    target.check(same.end(), &Limit(LimitHit::Entries(100)));
    let saved = Saved::new(vec![many(50).end(), many(51).end()], <[u8]>::to_vec);
    let error = target.bench.resolve(&target.bench.put("image.tar", &saved.oci_archive())).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Entries(100), .. }), "{error}");
}

#[test]
fn too_many_folders_and_too_little_time() {
    let mut target = Target::new();
    target.bench.limits = Limits { folders: 10, ..Limits::default() };
    let many = (0..10).fold(Tar::new(), |tar, at| tar.folder(&format!("d{at}/"), 0o755));
    target.check(many.end(), &Limit(LimitHit::Folders(10)));
    // Those that are made for what lies in them count too.
    target.check(Tar::new().file("a/b/c/d/e/f/g/h/i/j/k", "").end(), &Limit(LimitHit::Folders(10)));
    target.bench.limits = Limits { time: Duration::ZERO, ..Limits::default() };
    target.check(Tar::new().file("f", "").end(), &Limit(LimitHit::Time(Duration::ZERO)));
}

#[test]
fn too_many_layers() {
    let mut bench = Bench::new();
    bench.limits = Limits { layers: 3, ..Limits::default() };
    let saved = Saved::new(vec![Tar::new().end(); 4], <[u8]>::to_vec);
    let error = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Layers(3), .. }), "{error}");
}

/// Much out of little: in a file, after the end of the tar, and in an entry that is left out.
#[test]
fn bombs() {
    let zeros = vec![0; 2 << 20];
    let in_file = small_root().bytes("big", 0o644, &zeros).end();
    let after = [small_root().end(), zeros.clone()].concat();
    let mut device = header(b"dev", EntryType::Char, 0o644, zeros.len() as u64);
    device.set_device_major(1).expect("fits");
    let left_out = small_root().raw(device, &zeros).end();
    for (name, tar) in [("file", in_file), ("after", after), ("left out", left_out)] {
        for (format, pack) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("zstd", zstd)] {
            let mut bench = Bench::new();
            let packed = pack(&tar);
            bench.limits = Limits { free_bytes: 256 << 10, ratio: 2, ..Limits::default() };
            let total = bench.limits.free_bytes + 2 * packed.len() as u64;
            assert!(total < tar.len() as u64, "{format} packs {name} well");
            let error = bench.resolve(&bench.put("root.tar", &packed)).expect_err("refused");
            assert!(
                matches!(error, ImageError::Limit { hit, .. } if hit == LimitHit::Total(total)),
                "{name} {format}: {error}"
            );
            let saved = Saved::new(vec![tar.clone()], pack);
            let error = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect_err("refused");
            assert!(
                matches!(error, ImageError::Limit { hit, .. } if hit == LimitHit::Total(total)),
                "{name} {format}: {error}"
            );
            assert_eq!(bench.cached(), Vec::<String>::new());
        }
    }
    // The whole archive, compressed around its layers.
    let mut bench = Bench::new();
    bench.limits = Limits { free_bytes: 256 << 10, ratio: 2, ..Limits::default() };
    let saved = Saved::new(vec![small_root().bytes("big", 0o644, &zeros).end()], <[u8]>::to_vec);
    let error = bench.resolve(&bench.put("image.tar.gz", &gzip(&saved.docker_old("null")))).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Total(_), .. }), "{error}");
    // The sum over layers that are each small enough.
    let mut bench = Bench::new();
    bench.limits = Limits { total_bytes: 100_000, ..Limits::default() };
    let layer = |name: &str| Tar::new().bytes(name, 0o644, &[1; 40_000]).end();
    let saved = Saved::new(vec![layer("a"), layer("b"), layer("c")], <[u8]>::to_vec);
    let error = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Total(_), .. }), "{error}");
}

#[test]
fn documents_too_long() {
    let mut bench = Bench::new();
    bench.limits = Limits { document_bytes: 1000, ..Limits::default() };
    let mut saved = Saved::new(vec![small_root().end()], <[u8]>::to_vec);
    saved.config.push_str(&" ".repeat(1000));
    for archive in [saved.oci_archive(), saved.docker_old("null")] {
        let error = bench.resolve(&bench.put("image.tar", &archive)).expect_err("refused");
        assert!(matches!(error, ImageError::Limit { hit: LimitHit::Document(1000), .. }), "{error}");
    }
    bench.limits = Limits { members: 3, ..Limits::default() };
    let saved = Saved::new(vec![small_root().end()], <[u8]>::to_vec);
    let error = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect_err("refused");
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Members(3), .. }), "{error}");
}

// ------------------------------------------------------------------------------------------- names in documents

#[test]
fn documents_that_name_files_outside() {
    let bench = Bench::new();
    let secret = bench.outside().join("file");
    let secret = secret.to_str().expect("is text");
    let list = |config: &str, layer: &str| format!(r#"[{{"Config":"{config}","RepoTags":null,"Layers":["{layer}"]}}]"#);
    let config = r#"{"rootfs":{"diff_ids":["sha256:00"]}}"#;
    for tar in [
        Tar::new().file("manifest.json", &list(secret, "l")),
        Tar::new().file("manifest.json", &list("../../x", "l")),
        Tar::new().file("manifest.json", &list("c", "l")).symlink("c", secret),
        Tar::new().file("manifest.json", &list("blobs/c", secret)).file("blobs/c", config),
        Tar::new()
            .file("manifest.json", &list("blobs/c", "blobs/l"))
            .file("blobs/c", config)
            .symlink("blobs/l", secret),
        Tar::new()
            .file("manifest.json", &list("blobs/c", "blobs/l"))
            .file("blobs/c", config)
            .hard_link("blobs/l", "blobs/l"),
    ] {
        let error =
            bench.resolve(&format!("docker-archive:{}", bench.put("image.tar", &tar.end()))).expect_err("refused");
        let text = error.to_string();
        assert!(text.contains("is missing") || text.contains("no image in it"), "{text}");
    }
    let layout = bench.path("layout");
    for digest in ["sha256:../../../outside/file", "../outside/file", "md5:00", "sha512:00"] {
        bench.put("layout/oci-layout", b"{}");
        let index = format!(r#"{{"manifests":[{{"digest":"{digest}","size":9}}]}}"#);
        bench.put("layout/index.json", index.as_bytes());
        let error = bench.resolve(&format!("oci-dir:{}", layout.display())).expect_err("refused").to_string();
        assert!(error.contains("is no sha256 digest"), "{error}");
    }
}

#[test]
fn a_pipe_in_place_of_a_blob_does_not_block() {
    let bench = Bench::new();
    let layout = bench.path("layout");
    Saved::new(vec![small_root().end()], <[u8]>::to_vec).write_layout(&layout);
    let index = layout.join("index.json");
    fs::remove_file(&index).expect("removed");
    pipe(&index);
    let error = bench.resolve(&format!("oci-dir:{}", layout.display())).expect_err("refused").to_string();
    assert!(error.contains("no OCI layout"), "{error}");
    let path = bench.path("pipe.tar");
    pipe(&path);
    let error = bench.resolve(&format!("rootfs:{}", path.display())).expect_err("refused").to_string();
    assert!(error.contains("pipe or a device"), "{error}");
}

fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).expect("made");
}

/// One byte changed, all over the archive: never a panic, never a change outside.
#[test]
fn damage_anywhere_is_an_error_or_an_image() {
    let target = Target::new();
    let before = snapshot(&target.bench.outside());
    let whole = Tar::new()
        .folder("etc/", 0o755)
        .symlink("s", &target.absolute)
        .hard_link("h", "s")
        .pax(&[("path", "p/q")])
        .file("f", "data")
        .end();
    for at in (0..whole.len() - 1024).step_by(19) {
        for value in [0u8, 0xff, b'/'] {
            let mut tar = whole.clone();
            tar[at] = value;
            // The sum is made right again, or every change would be found by it alone.
            let block = at / 512 * 512;
            let mut header = tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(&tar[block..block + 512]);
            header.set_cksum();
            tar[block..block + 512].copy_from_slice(header.as_bytes());
            let _ = target.bench.resolve(&format!("rootfs:{}", target.bench.put("root.tar", &tar)));
            assert_eq!(snapshot(&target.bench.outside()), before, "byte {at} as {value}");
        }
    }
}

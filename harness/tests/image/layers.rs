//! Layers on one another, by the rules of the OCI image specification (layer.md), and what a root file system's tar is taken for.

use std::{
    fs,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
    process::Command,
};

use tar::EntryType;

use crate::{
    bench::{Bench, mode, tree},
    pack::{Saved, Tar, header},
};

/// The root file system of an image with these layers.
fn stack(bench: &Bench, layers: Vec<Tar>) -> PathBuf {
    let saved = Saved::new(layers.into_iter().map(Tar::end).collect(), <[u8]>::to_vec);
    saved.write_layout(&bench.path("layout"));
    let image = bench.resolve(&format!("oci-dir:{}", bench.path("layout").display())).expect("resolves");
    fs::remove_dir_all(bench.path("layout")).expect("removed");
    image.root
}

fn lower() -> Tar {
    Tar::new()
        .folder("d/", 0o755)
        .file("d/a", "low a")
        .file("d/b", "low b")
        .folder("d/sub/", 0o755)
        .file("d/sub/c", "low c")
        .file("f", "low f")
        .symlink("s", "d")
}

#[track_caller]
fn expect(upper: Tar, want: &[&str]) {
    let bench = Bench::new();
    assert_eq!(tree(&stack(&bench, vec![lower(), upper])), want);
}

const LOW: [&str; 7] = ["d/", "d/a=low a", "d/b=low b", "d/sub/", "d/sub/c=low c", "f=low f", "s -> d"];

#[test]
fn an_empty_layer_changes_nothing() {
    expect(Tar::new(), &LOW);
    let bench = Bench::new();
    assert_eq!(tree(&stack(&bench, vec![])), Vec::<String>::new());
}

#[test]
fn a_whiteout_hides_files_and_folders_below_it() {
    expect(Tar::new().file("d/.wh.a", "").file(".wh.f", ""), &["d/", "d/b=low b", "d/sub/", "d/sub/c=low c", "s -> d"]);
    expect(Tar::new().file(".wh.d", ""), &["f=low f", "s -> d"]);
    expect(Tar::new().file(".wh.s", ""), &LOW[..6]);
}

#[test]
fn a_whiteout_of_nothing_is_nothing() {
    expect(Tar::new().file(".wh.none", "").file("none/.wh.x", "").file("f/.wh.x", ""), &LOW);
}

#[test]
fn a_whiteout_may_be_a_hard_link_or_of_any_type() {
    let gone = ["d/", "d/sub/", "d/sub/c=low c", "f=low f", "s -> d"];
    expect(Tar::new().file("d/.wh.a", "").hard_link("d/.wh.b", "d/.wh.a"), &gone);
    expect(Tar::new().folder("d/.wh.a/", 0o755).symlink("d/.wh.b", "x"), &gone);
}

#[test]
fn a_whiteout_spares_what_its_own_layer_brings_wherever_it_stands() {
    let with = ["d/", "d/a=new", "d/b=low b", "d/sub/", "d/sub/c=low c", "f=low f", "s -> d"];
    expect(Tar::new().file("d/a", "new").file("d/.wh.a", ""), &with);
    expect(Tar::new().file("d/.wh.a", "").file("d/a", "new"), &with);
    // A folder: what lower layers have in it goes, what this one has stays.
    let replaced = ["d/", "d/n=new", "f=low f", "s -> d"];
    expect(Tar::new().folder("d/", 0o755).file("d/n", "new").file(".wh.d", ""), &replaced);
    expect(Tar::new().file("d/n", "new").file(".wh.d", ""), &replaced);
    expect(Tar::new().file(".wh.d", "").file("d/n", "new"), &replaced);
}

#[test]
fn an_opaque_marker_hides_lower_layers_wherever_it_stands() {
    let opaque = ["d/", "d/n=new", "d/sub/", "d/sub/m=new", "f=low f", "s -> d"];
    let (n, m, mark) = ("d/n", "d/sub/m", "d/.wh..wh..opq");
    expect(Tar::new().file(mark, "").file(n, "new").file(m, "new"), &opaque);
    expect(Tar::new().file(n, "new").file(m, "new").file(mark, ""), &opaque);
    expect(Tar::new().file(n, "new").file(mark, "").file(m, "new"), &opaque);
    expect(Tar::new().folder("d/sub/", 0o755).file(m, "new").file(n, "new").file(mark, ""), &opaque);
    expect(Tar::new().file(".wh..wh..opq", ""), &[]);
    expect(Tar::new().file("new/.wh..wh..opq", ""), &[&LOW[..6], &["new/", "s -> d"]].concat());
}

#[test]
fn markers_reach_through_a_symlink_inside_as_writes_do() {
    expect(Tar::new().file("s/.wh.a", ""), &["d/", "d/b=low b", "d/sub/", "d/sub/c=low c", "f=low f", "s -> d"]);
    expect(Tar::new().file("s/n", "new").file("s/.wh..wh..opq", ""), &["d/", "d/n=new", "f=low f", "s -> d"]);
}

#[test]
fn three_layers_hide_only_what_lies_below_each() {
    let bench = Bench::new();
    let layers = vec![
        Tar::new().file("d/a", "1").file("d/b", "1"),
        Tar::new().file("d/.wh..wh..opq", "").file("d/b", "2"),
        Tar::new().file("d/.wh.b", "").file("d/a", "3"),
    ];
    assert_eq!(tree(&stack(&bench, layers)), ["d/", "d/a=3"]);
}

#[test]
fn aufs_bookkeeping_is_no_content() {
    expect(Tar::new().file(".wh..wh.aufs", "").folder(".wh..wh.plnk/", 0o700).file(".wh..wh.plnk/1.2", "x"), &LOW);
}

#[test]
fn types_replace_one_another() {
    let rest = ["f=low f", "s -> d"];
    expect(Tar::new().file("d", "now a file"), &[&["d=now a file"], &rest[..]].concat());
    expect(Tar::new().symlink("d", "f"), &[&["d -> f"], &rest[..]].concat());
    expect(Tar::new().folder("f/", 0o755), &[&LOW[..5], &["f/", "s -> d"]].concat());
    // Not through it: the symlink itself becomes a folder.
    expect(Tar::new().folder("s/", 0o755).file("s/x", "x"), &[&LOW[..6], &["s/", "s/x=x"]].concat());
    expect(Tar::new().file("s", "x"), &[&LOW[..6], &["s=x"]].concat());
    // A folder over a folder keeps what is in it.
    expect(Tar::new().folder("d/", 0o700), &LOW);
    // A device over a file leaves nothing.
    expect(Tar::new().device("f"), &[&LOW[..5], &["s -> d"]].concat());
}

#[test]
fn an_upper_layer_writes_through_a_lower_symlink_inside() {
    // As on distributions where /lib is a symlink to /usr/lib.
    let bench = Bench::new();
    let layers = vec![
        Tar::new().folder("usr/lib/", 0o755).symlink("lib", "usr/lib").symlink("abs", "/usr/lib"),
        Tar::new().file("lib/x", "x").file("abs/y", "y"),
    ];
    let want = ["abs -> /usr/lib", "lib -> usr/lib", "usr/", "usr/lib/", "usr/lib/x=x", "usr/lib/y=y"];
    assert_eq!(tree(&stack(&bench, layers)), want);
}

#[test]
fn hard_links_join_files_within_and_across_layers() {
    let bench = Bench::new();
    let root = stack(
        &bench,
        vec![lower().hard_link("h", "f").hard_link("hs", "s"), Tar::new().hard_link("up", "/d/a").file("f", "new f")],
    );
    let inode = |name: &str| fs::symlink_metadata(root.join(name)).expect("is there").ino();
    assert_eq!(inode("up"), inode("d/a"));
    assert_ne!(inode("h"), inode("f"));
    assert_eq!(fs::read_to_string(root.join("h")).expect("reads"), "low f", "the other name keeps the old file");
    assert_eq!(fs::read_link(root.join("hs")).expect("is a symlink").to_str(), Some("d"));
}

#[test]
fn modes_and_times_are_kept_as_far_as_an_ordinary_user_may() {
    let bench = Bench::new();
    let tar = Tar::new()
        .folder("./", 0o700)
        .folder("locked/", 0o000)
        .bytes("locked/secret", 0o000, b"x")
        .folder("tmp/", 0o1777)
        .folder("shared/", 0o2775)
        .bytes("su", 0o4755, b"x")
        .bytes("sticky", 0o1644, b"x")
        .symlink("to-su", "su");
    let root = stack(&bench, vec![tar]);
    for (name, want) in [
        ("", 0o755),
        ("locked", 0o700),
        ("locked/secret", 0o000),
        ("tmp", 0o1777),
        ("shared", 0o775),
        ("su", 0o755),
        ("sticky", 0o644),
    ] {
        assert_eq!(mode(&root.join(name)), want, "{name}");
    }
    for name in ["locked", "tmp", "su", "to-su"] {
        assert_eq!(fs::symlink_metadata(root.join(name)).expect("is there").mtime(), 1_600_000_000, "{name}");
    }
}

#[test]
fn in_a_plain_tar_whiteouts_are_names_like_any_other() {
    let bench = Bench::new();
    let tar = Tar::new().folder("etc/", 0o755).file("etc/a", "a").file("etc/.wh.a", "").file(".wh.b", "").end();
    let image = bench.resolve(&bench.put("root.tar", &tar)).expect("resolves");
    assert_eq!(tree(&image.root), [".wh.b=", "etc/", "etc/.wh.a=", "etc/a=a"]);
}

#[test]
fn a_later_entry_of_one_name_wins() {
    let bench = Bench::new();
    let tar = Tar::new().file("etc/a", "1").file("etc/a", "2").folder("etc/b/", 0o755).file("etc/b", "3").end();
    let image = bench.resolve(&bench.put("root.tar", &tar)).expect("resolves");
    assert_eq!(tree(&image.root), ["etc/", "etc/a=2", "etc/b=3"]);
}

#[test]
fn times_are_kept_to_the_nanosecond_and_from_before_1970() {
    let bench = Bench::new();
    let mut binary = header(b"old", EntryType::Regular, 0o644, 0);
    binary.as_old_mut().mtime = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe];
    let time = [("mtime", "1600000000.123456789")];
    let tar = Tar::new().pax(&time).folder("d/", 0o755).pax(&time).file("d/f", "x").pax(&time).symlink("s", "d");
    let root = stack(&bench, vec![tar.raw(binary, b"").pax(&[("mtime", "-1.5")]).file("older", "")]);
    let time = |name: &str| {
        let meta = fs::symlink_metadata(root.join(name)).expect("is there");
        (meta.mtime(), meta.mtime_nsec())
    };
    for name in ["d", "d/f", "s"] {
        assert_eq!(time(name), (1_600_000_000, 123_456_789), "{name}");
    }
    assert_eq!((time("old"), time("older")), ((-2, 0), (-2, 500_000_000)));
}

#[test]
fn sparse_files_of_gnu_tar_are_what_they_were() {
    let bench = Bench::new();
    let source = bench.path("source");
    fs::create_dir_all(source.join("etc")).expect("made");
    let file = fs::File::create(source.join("etc/sparse")).expect("made");
    // Enough pieces that the map does not fit into one header.
    for piece in 0..60 {
        file.write_all_at(format!("piece {piece}").as_bytes(), piece * 65_536).expect("written");
    }
    file.set_len(8 << 20).expect("set");
    for format in [
        &["--format=gnu"][..],
        &["--format=pax", "--sparse-version=0.0"],
        &["--format=pax", "--sparse-version=0.1"],
        &["--format=pax", "--sparse-version=1.0"],
    ] {
        let path = bench.path("sparse.tar");
        let status =
            Command::new("tar").arg("-S").args(format).arg("-cf").arg(&path).arg("-C").arg(&source).arg(".").status();
        assert!(status.expect("tar starts").success());
        assert!(fs::metadata(&path).expect("is there").len() < 1 << 20, "tar saw the holes");
        let image = bench.resolve(path.to_str().expect("is text")).expect("resolves");
        let read = |root: &Path| fs::read(root.join("etc/sparse")).expect("reads");
        assert!(read(&image.root) == read(&source), "{format:?}");
        assert!(
            fs::metadata(image.root.join("etc/sparse")).expect("is there").blocks() * 512 < 4 << 20,
            "holes stay holes"
        );
        fs::remove_dir_all(bench.cache()).expect("removed");
    }
}

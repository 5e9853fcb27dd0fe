//! More archives that mean harm: what goes around layers and images, and names and streams at their edges. Which published
//! class of attack is shown where:
//!
//! | class | tests |
//! | --- | --- |
//! | write, mode or time through a symlink (RUSTSEC-2026-0067) | `hostile::a_write_through_*`, `a_folder_that_becomes_a_symlink`, `a_mode_for_a_symlink` |
//! | whiteout or opaque marker through a symlink | `hostile::whiteouts_through_symlinks_that_lead_out` |
//! | hard link to outside, to a symlink, to itself | `hostile::hard_links_*`, `a_hard_link_to_a_symlink_is_no_way_through_it` |
//! | names upwards, absolute, with a zero, too long | `hostile::names_*`, `absolute_names_are_inside`, here `names_in_other_charsets` |
//! | the size in pax records (RUSTSEC-2026-0068), archives in archives | `hostile::a_size_in_the_extended_header_*`, units of `members` |
//! | sizes on links, negative and binary numbers, odd checksums | `hostile::links_folders_and_devices_*`, units of `fields` and `members` |
//! | records in records, headers for all, chains of long names | `hostile::a_record_in_*`, `a_header_that_applies_to_all_*`, units of `members` |
//! | sparse bombs, maps that lie | `hostile::holes_*`, `a_map_of_holes_*`, units of `holes` |
//! | bombs by compression, entries, folders, depth, time | `hostile::bombs`, `too_many_*`, `folders_too_deep`, here `a_window_*` |
//! | headers without an end, of layers and of what carries them | `hostile::long_headers_*`, here `headers_around_images_*` |
//! | devices, set-id bits, file capabilities | `hostile::devices_*`, `extended_attributes_*`, `layers::modes_*` |
//! | whiteouts as hard links, opaque in any place, the marker itself | `layers::*`, here `names_that_look_like_markers` |
//! | many members or garbage after compressed data | here `pieces_and_garbage_after_compressed_data` |

use std::{os::unix::ffi::OsStrExt, process::Command};

use libcdiff::image::{ImageError, LimitHit, Limits};
use tar::EntryType;

use crate::{
    bench::{Bench, snapshot, tree},
    pack::{Saved, Tar, gzip, header, small_root, zstd},
};

#[track_caller]
fn refused(bench: &Bench, name: &str, bytes: &[u8]) -> ImageError {
    let before = snapshot(&bench.outside());
    let error = match bench.resolve(&bench.put(name, bytes)) {
        Ok(image) => panic!("{name} became {:?}", tree(&image.root)),
        Err(error) => error,
    };
    assert_eq!(snapshot(&bench.outside()), before);
    assert!(error.is_request() && !error.to_string().contains('\n'), "{error}");
    assert_eq!(bench.cached(), Vec::<String>::new(), "something is left");
    error
}

/// An archive of an image, after some members that come first.
fn after(first: Tar) -> Vec<u8> {
    let saved = Saved::new(vec![small_root().end()], <[u8]>::to_vec);
    [first.cut(), saved.docker_new("null")].concat()
}

#[test]
fn headers_around_images_are_bounded_as_those_of_layers_are() {
    let mut bench = Bench::new();
    bench.limits = Limits { header_bytes: 64 << 10, members: 100, ..Limits::default() };
    let long = vec![b'a'; 1 << 20];
    let hex = "ab".repeat(32);
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        for claimed in [long.len() as u64, 1 << 50] {
            let first = Tar::new().raw(header(b"long", kind, 0o644, claimed), &long);
            let error = refused(&bench, "a.tar", &after(first));
            assert!(matches!(error, ImageError::Limit { hit: LimitHit::Header(_), .. }), "{error}");
        }
    }
    let mut endless = header(hex.as_bytes(), EntryType::GNUSparse, 0o644, 0);
    endless.as_gnu_mut().expect("is one").isextended[0] = 1;
    let mut block = tar::GnuExtSparseHeader::new();
    block.isextended[0] = 1;
    let error = refused(&bench, "a.tar", &after(Tar::new().raw(endless, &block.as_bytes().repeat(1000))));
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Header(_), .. }), "{error}");
    // Again and again the same name.
    let same = (0..200).fold(Tar::new(), |tar, _| tar.file(&hex, "x"));
    let error = refused(&bench, "a.tar", &after(same));
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Members(100), .. }), "{error}");
    let twice = Tar::new().pax(&[("path", "a")]).pax(&[("path", "b")]).file(&hex, "x");
    assert!(refused(&bench, "a.tar", &after(twice)).to_string().contains("two extended headers"));
    let malformed = Tar::new().raw(header(b"x", EntryType::XHeader, 0o644, 5), b"9 a=b").file(&hex, "x");
    assert!(refused(&bench, "a.tar", &after(malformed)).to_string().contains("malformed extended header"));
}

#[test]
fn names_around_images_do_not_fill_the_memory() {
    let bench = Bench::new();
    let name = format!("{}/{}", "ab".repeat(32), "n".repeat(1_000_000));
    let many = (0..20).fold(Tar::new(), |tar, at| tar.pax(&[("path", &format!("{name}{at}"))]).file("x", ""));
    let error = refused(&bench, "a.tar", &after(many));
    assert!(matches!(error, ImageError::Limit { hit: LimitHit::Members(_), .. }), "{error}");
}

#[test]
fn a_part_of_an_image_is_what_its_records_say() {
    // The size in the header is another one: who believes it sees another configuration, or none.
    let saved = Saved::new(vec![small_root().end()], gzip);
    let mut tar = Tar::new();
    for (name, bytes) in saved.layout() {
        tar = tar.pax(&[("size", &bytes.len().to_string())]);
        tar = tar.raw(header(name.as_bytes(), EntryType::Regular, 0o644, 3), &bytes);
    }
    let bench = Bench::new();
    bench.resolve(&bench.put("a.tar", &tar.end())).expect("resolves");
}

#[test]
fn names_in_other_charsets() {
    let bench = Bench::new();
    let tar = small_root().raw(header(b"latin-\xe4", EntryType::Regular, 0o644, 1), b"x");
    let image = bench.resolve(&bench.put("root.tar", &tar.end())).expect("a name is bytes");
    assert!(image.root.join(std::ffi::OsStr::from_bytes(b"latin-\xe4")).is_file());
    let bad = Tar::new().folder("etc/", 0o755).raw(header(b"../\xe4\xff", EntryType::Regular, 0o644, 0), b"");
    let bench = Bench::new();
    assert!(refused(&bench, "root.tar", &bad.end()).to_string().contains("leads upwards"));
}

#[test]
fn names_that_look_like_markers() {
    let bench = Bench::new();
    let names = [".wh", ".whx", "x.wh.y", "wh.z", ".WH.a"];
    let lower = Tar::new().folder("etc/", 0o755).file("a", "a").file("z", "z");
    let upper = names.iter().fold(Tar::new(), |tar, name| tar.file(name, ""));
    let saved = Saved::new(vec![lower.end(), upper.file(".wh.a", "content").end()], <[u8]>::to_vec);
    let image = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect("resolves");
    assert_eq!(tree(&image.root), [".WH.a=", ".wh=", ".whx=", "etc/", "wh.z=", "x.wh.y=", "z=z"]);
}

#[test]
fn pieces_and_garbage_after_compressed_data() {
    let whole = small_root().end();
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd] {
        let bench = Bench::new();
        let pieces: Vec<u8> = whole.chunks(64).flat_map(pack).collect();
        bench.resolve(&bench.put("root.tar", &pieces)).expect("pieces are one stream");
        let bench = Bench::new();
        let garbage = [&pack(&whole)[..], b"no compressed data"].concat();
        let error = refused(&bench, "root.tar", &garbage);
        assert!(matches!(error, ImageError::Corrupt { .. } | ImageError::Truncated { .. }), "{error}");
    }
}

#[test]
fn a_window_that_fills_the_memory() {
    let bench = Bench::new();
    let tar = bench.put("plain", &small_root().end());
    // A frame may ask for more than it holds.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (27 - 10) << 3];
    frame.extend([1, 0, 0]);
    let xz = |level: &str| packed(&["xz", level, "-c", &tar]);
    for (name, packed, remedy) in
        [("frame.tar", frame, "without --long or --ultra"), ("xz.tar", xz("-9"), "xz -8 or a lower level")]
    {
        let error = refused(&bench, name, &packed);
        let ImageError::Limit { hit: LimitHit::Window { .. }, .. } = error else { panic!("{name}: {error}") };
        assert!(error.to_string().contains("more than 32 MiB") && error.to_string().contains(remedy), "{error}");
    }
    for level in ["-6", "-8"] {
        bench.resolve(&bench.put(&format!("xz{level}/root.tar"), &xz(level))).expect(level);
    }
}

fn packed(command: &[&str]) -> Vec<u8> {
    let output = Command::new(command[0]).args(&command[1..]).output().expect("xz, of the package xz-utils");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

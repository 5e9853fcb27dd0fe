//! Which C libraries are found, and which of them is called the image's own: real loaders of this machine, and made-up ones.

use std::{fs, path::Path};

use libcdiff::image::{Evidence, Family, Image, ImageError};

use crate::{
    bench::Bench,
    pack::{AARCH64, GLIBC, MUSL, Saved, Tar, X86_64, elf, glibc, glibc_loader, musl, small_root},
};

fn look(tar: Tar) -> Image {
    let bench = Bench::new();
    bench.resolve(&bench.put("root.tar", &tar.end())).expect("resolves")
}

/// Family, version and interpreter of each, the image's own first named.
fn found(image: &Image) -> (Option<String>, Vec<String>) {
    let show = |libc: &libcdiff::image::Libc| {
        format!("{} {} {}", libc.family, libc.version.as_deref().unwrap_or("?"), libc.interpreter)
    };
    (image.libc().map(|libc| libc.family.to_string()), image.libcs.iter().map(show).collect())
}

#[track_caller]
fn expect(tar: Tar, own: Option<&str>, all: &[&str], evidence: Evidence) {
    let image = look(tar);
    assert_eq!(found(&image), (own.map(String::from), all.iter().map(|s| (*s).to_owned()).collect()));
    assert_eq!(image.evidence, evidence);
}

fn program(interpreter: &str) -> Vec<u8> {
    elf(X86_64, Some(interpreter), b"")
}

/// glibc as Debian lays it out, before and after its libraries lost their versions from their names.
fn debian(tar: Tar, version: &str, old: bool) -> Tar {
    let lib = "lib/x86_64-linux-gnu";
    if !old {
        return tar
            .bytes(&format!("usr/{lib}/ld-linux-x86-64.so.2"), 0o755, &glibc_loader())
            .bytes(&format!("usr/{lib}/libc.so.6"), 0o755, &glibc(version))
            .symlink("lib", "usr/lib")
            .symlink("lib64", "usr/lib64")
            .symlink("usr/lib64/ld-linux-x86-64.so.2", &format!("../{lib}/ld-linux-x86-64.so.2"));
    }
    tar.bytes(&format!("{lib}/ld-{version}.so"), 0o755, &glibc_loader())
        .bytes(&format!("{lib}/libc-{version}.so"), 0o755, &glibc(version))
        .symlink(&format!("{lib}/ld-linux-x86-64.so.2"), &format!("ld-{version}.so"))
        .symlink(&format!("{lib}/libc.so.6"), &format!("libc-{version}.so"))
        .symlink("lib64/ld-linux-x86-64.so.2", &format!("/{lib}/ld-{version}.so"))
}

/// musl as Debian's package has it.
fn musl_package(tar: Tar, version: &str) -> Tar {
    tar.bytes("usr/lib/x86_64-linux-musl/libc.so", 0o755, &musl(version))
        .symlink("usr/lib/ld-musl-x86_64.so.1", "x86_64-linux-musl/libc.so")
}

const ONE_OF_ONE: Evidence = Evidence::Programs { asking: 1, of: 1 };

#[test]
fn musl_alone() {
    expect(small_root(), Some("musl"), &["musl 1.2.5 /lib/ld-musl-x86_64.so.1"], ONE_OF_ONE);
    for version in ["1.1.24", "1.2.6", "1.2.5-git-12-g0123abcd"] {
        let tar = Tar::new().bytes("lib/ld-musl-x86_64.so.1", 0o755, &musl(version));
        expect(tar, Some("musl"), &[&format!("musl {version} {MUSL}")], Evidence::Only);
    }
}

#[test]
fn glibc_old_and_new() {
    for (version, old) in [("2.31", true), ("2.36", false), ("2.43", false)] {
        let tar = debian(Tar::new(), version, old).bytes("bin/ls", 0o755, &program(GLIBC));
        expect(tar, Some("glibc"), &[&format!("glibc {version} {GLIBC}")], ONE_OF_ONE);
    }
}

#[test]
fn glibc_with_the_musl_package() {
    let tar = musl_package(debian(Tar::new(), "2.36", false), "1.2.3").bytes("usr/bin/env", 0o755, &program(GLIBC));
    let tar = tar.bytes("usr/bin/id", 0o755, &program(GLIBC)).bytes("usr/bin/dpkg", 0o755, &program(GLIBC));
    let all = ["glibc 2.36 /lib64/ld-linux-x86-64.so.2", "musl 1.2.3 /lib/ld-musl-x86_64.so.1"];
    expect(tar, Some("glibc"), &all, Evidence::Programs { asking: 3, of: 3 });
}

#[test]
fn musl_with_glibc_added() {
    // As the packages for Alpine do it.
    let tar = small_root()
        .bytes("sbin/apk", 0o755, &program(MUSL))
        .bytes("usr/glibc-compat/lib/ld-linux-x86-64.so.2", 0o755, &glibc_loader())
        .bytes("usr/glibc-compat/lib/libc.so.6", 0o755, &glibc("2.35"))
        .symlink("lib64/ld-linux-x86-64.so.2", "/usr/glibc-compat/lib/ld-linux-x86-64.so.2")
        .bytes("bin/bash", 0o755, &program(GLIBC));
    let all = ["glibc 2.35 /lib64/ld-linux-x86-64.so.2", "musl 1.2.5 /lib/ld-musl-x86_64.so.1"];
    expect(tar, Some("musl"), &all, Evidence::Programs { asking: 2, of: 3 });
}

#[test]
fn a_loader_under_glibc_s_name_is_what_its_bytes_are() {
    let all = ["gcompat ? /lib64/ld-linux-x86-64.so.2", "musl 1.2.5 /lib/ld-musl-x86_64.so.1"];
    let gcompat = elf(X86_64, Some(MUSL), b"\0/lib/libgcompat.so.0\0");
    let tar = small_root().bytes("lib/ld-linux-x86-64.so.2", 0o755, &gcompat);
    let tar = tar.symlink("lib64/ld-linux-x86-64.so.2", "../lib/ld-linux-x86-64.so.2");
    expect(tar, Some("musl"), &all, ONE_OF_ONE);
    // The older package is a link to musl itself.
    let tar = small_root().symlink("lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1");
    expect(tar, Some("musl"), &["musl 1.2.5 /lib/ld-musl-x86_64.so.1"], ONE_OF_ONE);
}

#[test]
fn a_loader_elsewhere_starts_no_ordinary_program() {
    assert!(look(small_root()).libcs[0].is_where_programs_look());
    assert!(look(debian(Tar::new(), "2.41", false)).libcs[0].is_where_programs_look());
    // A merged /usr without the symlinks that make it one.
    let image = look(musl_package(Tar::new(), "1.2.5"));
    assert_eq!(image.libcs[0].interpreter, "/usr/lib/ld-musl-x86_64.so.1");
    assert!(!image.libcs[0].is_where_programs_look());
}

#[test]
fn only_a_loader() {
    let all = ["glibc 2.41 /lib64/ld-linux-x86-64.so.2"];
    expect(debian(Tar::new(), "2.41", false), Some("glibc"), &all, Evidence::Only);
    let both = musl_package(debian(Tar::new(), "2.41", false), "1.2.5");
    let all = ["glibc 2.41 /lib64/ld-linux-x86-64.so.2", "musl 1.2.5 /lib/ld-musl-x86_64.so.1"];
    expect(both, Some("glibc"), &all, Evidence::First);
}

#[test]
fn a_glibc_loader_without_its_library_starts_nothing() {
    let tar = Tar::new().bytes("lib64/ld-linux-x86-64.so.2", 0o755, &glibc_loader());
    expect(tar.clone(), None, &[], Evidence::Absent);
    // A library of that name that is another's does not help.
    expect(tar.bytes("lib64/libc.so.6", 0o755, &musl("1.2.5")), None, &[], Evidence::Absent);
}

#[test]
fn none_at_all() {
    let image = look(Tar::new().bytes("app", 0o755, &elf(X86_64, None, b"")));
    assert_eq!((found(&image), image.evidence.clone()), ((None, vec![]), Evidence::Absent));
    assert!(image.evidence.to_string().contains("only static programs"), "{}", image.evidence);
    // An image that is one by its manifest may be empty.
    let bench = Bench::new();
    let saved = Saved::new(vec![Tar::new().end()], <[u8]>::to_vec);
    let image = bench.resolve(&bench.put("image.tar", &saved.oci_archive())).expect("resolves");
    assert_eq!((image.libc(), &image.evidence, &image.os.id), (None, &Evidence::Absent, &None));
}

#[test]
fn programs_may_name_a_loader_anywhere() {
    let store = "nix/store/abc-glibc-2.40/lib";
    let interpreter = format!("/{store}/ld-linux-x86-64.so.2");
    let tar = Tar::new()
        .bytes(&format!("{store}/ld-linux-x86-64.so.2"), 0o755, &glibc_loader())
        .bytes(&format!("{store}/libc.so.6"), 0o755, &glibc("2.40"))
        .bytes("nix/store/def-bash/bin/bash", 0o755, &program(&interpreter))
        .symlink("bin/sh", "/nix/store/def-bash/bin/bash");
    expect(tar, Some("glibc"), &[&format!("glibc 2.40 {interpreter}")], ONE_OF_ONE);
}

#[test]
fn an_image_without_the_usual_programs_is_judged_by_those_it_has() {
    let tar =
        musl_package(debian(Tar::new(), "2.41", false), "1.2.5").bytes("usr/bin/python3.13", 0o755, &program(MUSL));
    let image = look(tar.symlink("usr/bin/python3", "python3.13").file("usr/bin/script", "#!/usr/bin/python3"));
    assert_eq!(image.libc().map(|libc| &libc.family), Some(&Family::Musl));
    assert_eq!(image.evidence, ONE_OF_ONE, "two names of one program are one program");
}

#[test]
fn other_loaders_are_called_what_they_are() {
    for (path, text, name) in [
        ("lib/ld64-uClibc.so.1", &b"\0uClibc\0"[..], "uclibc"),
        ("system/bin/linker64", b"\0/system/lib64/libc.so bionic\0", "bionic"),
        ("lib/ld-linux-strange.so.7", b"\0nothing known\0", "ld-linux-strange.so.7"),
    ] {
        let tar = Tar::new().bytes(path, 0o755, &elf(X86_64, None, text));
        let tar = tar.bytes("bin/sh", 0o755, &program(&format!("/{path}")));
        expect(tar, Some(name), &[&format!("{name} ? /{path}")], ONE_OF_ONE);
    }
}

#[test]
fn links_are_followed_inside_and_never_out() {
    // The machine's own loader lies at this very path outside.
    let tar = Tar::new().folder("etc/", 0o755).symlink("lib64", "../../../../../../../../lib64");
    expect(tar, None, &[], Evidence::Absent);
    let tar = Tar::new().folder("etc/", 0o755).symlink("lib64/ld-linux-x86-64.so.2", "/usr/lib64/ld-linux-x86-64.so.2");
    expect(tar, None, &[], Evidence::Absent);
    let ring = Tar::new().folder("etc/", 0o755).symlink("lib/ld-musl-x86_64.so.1", "ld-musl-x86_64.so.1");
    expect(ring, None, &[], Evidence::Absent);
    // An os-release that leads out is none.
    let bench = Bench::new();
    let secret = bench.put("secret", b"ID=outside\n");
    let image = bench
        .resolve(&bench.put("root.tar", &small_root().symlink("etc/os-release", &secret).end()))
        .expect("resolves");
    assert_eq!(image.os.id, None);
    // Through a folder that is itself a symlink, `..` means what the kernel says.
    let tar = Tar::new()
        .folder("usr/deep/lib64/", 0o755)
        .symlink("lib64", "usr/deep/lib64")
        .symlink("usr/deep/lib64/ld-linux-x86-64.so.2", "../real/ld.so")
        .bytes("usr/deep/real/ld.so", 0o755, &glibc_loader())
        .bytes("usr/deep/real/libc.so.6", 0o755, &glibc("2.39"));
    expect(tar, Some("glibc"), &["glibc 2.39 /lib64/ld-linux-x86-64.so.2"], Evidence::Only);
}

#[test]
fn folders_and_pipes_under_a_loader_s_name_are_no_loader() {
    let bench = Bench::new();
    let root = bench.path("root");
    fs::create_dir_all(root.join("lib/ld-musl-x86_64.so.1")).expect("made");
    fs::create_dir_all(root.join("lib64")).expect("made");
    fs::create_dir_all(root.join("bin")).expect("made");
    let mode = rustix::fs::Mode::from_raw_mode(0o755);
    for name in ["lib64/ld-linux-x86-64.so.2", "bin/sh"] {
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, root.join(name), kind, mode, 0).expect("made");
    }
    let image = bench.resolve(&format!("dir:{}", root.display())).expect("resolves");
    assert_eq!(image.evidence, Evidence::Absent);
}

#[track_caller]
fn foreign(bytes: Vec<u8>, words: &str) {
    let bench = Bench::new();
    let error = bench.resolve(&bench.put("root.tar", &bytes)).expect_err("foreign");
    assert!(matches!(error, ImageError::Foreign { .. }) && error.is_request(), "{error}");
    let text = error.to_string();
    assert!(text.contains(words) && text.contains("x86_64 (amd64)"), "{text}");
    assert_eq!(bench.cached(), Vec::<String>::new());
}

#[test]
fn images_of_other_machines() {
    let arm = |text: &[u8]| elf(AARCH64, None, text);
    foreign(Tar::new().bytes("lib/ld-musl-aarch64.so.1", 0o755, &arm(b"musl libc")).end(), "aarch64 (arm64)");
    foreign(Tar::new().bytes("bin/sh", 0o755, &elf(AARCH64, Some("/lib/x"), b"")).end(), "aarch64 (arm64)");
    foreign(Tar::new().bytes("app", 0o755, &arm(b"")).end(), "aarch64 (arm64)");
    foreign(Tar::new().bytes("app", 0o755, &elf(0x1234, None, b"")).end(), "an unknown architecture");
    // An x86_64 emulator in an image for another machine makes it no image for this one.
    let qemu =
        Tar::new().bytes("bin/sh", 0o755, &arm(b"")).bytes("usr/bin/qemu-static", 0o755, &elf(X86_64, None, b""));
    foreign(qemu.end(), "aarch64 (arm64)");
    // By its configuration, before anything is unpacked.
    let mut saved = Saved::new(vec![small_root().end()], <[u8]>::to_vec);
    saved.config = saved.config.replace("amd64", "s390x");
    foreign(saved.oci_archive(), "s390x");
    foreign(saved.docker_old("null"), "s390x");
    // By its content, when the configuration is wrong.
    let saved = Saved::new(vec![Tar::new().bytes("bin/sh", 0o755, &arm(b"")).end()], <[u8]>::to_vec);
    foreign(saved.oci_archive(), "aarch64");
}

#[test]
fn libraries_of_another_machine_beside_this_one_s_are_not_counted() {
    let tar = small_root().bytes("lib/ld-musl-aarch64.so.1", 0o755, &elf(AARCH64, None, b"musl libc"));
    expect(tar, Some("musl"), &["musl 1.2.5 /lib/ld-musl-x86_64.so.1"], ONE_OF_ONE);
}

#[test]
fn this_machine_s_own_loaders_are_recognised() {
    let from = |path: &str| fs::read(path).ok();
    let Some(loader) = from(GLIBC) else {
        println!("skipped: this machine has no {GLIBC}");
        return;
    };
    let libc =
        ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/usr/lib/libc.so.6"].iter().find_map(|p| from(p));
    let sh = from("/bin/sh").expect("a machine has a shell");
    let tar = Tar::new()
        .bytes("lib64/ld-linux-x86-64.so.2", 0o755, &loader)
        .bytes("lib64/libc.so.6", 0o755, &libc.expect("a libc.so.6 beside its loader"))
        .bytes("bin/sh", 0o755, &sh);
    let image = look(tar);
    let libc = image.libc().expect("has one");
    assert_eq!(libc.family, Family::Glibc);
    assert!(libc.version.as_deref().is_some_and(|v| v.starts_with("2.")), "{:?}", libc.version);
    let Some(loader) = from(MUSL) else {
        println!("skipped the musl half: this machine has no {MUSL} (package musl)");
        return;
    };
    let image = look(Tar::new().bytes("lib/ld-musl-x86_64.so.1", 0o755, &loader));
    let libc = image.libc().expect("has one");
    assert_eq!(libc.family, Family::Musl);
    assert!(libc.version.as_deref().is_some_and(|v| v.starts_with("1.")), "{:?}", libc.version);
    assert!(Path::new(&libc.interpreter).ends_with("ld-musl-x86_64.so.1"));
}

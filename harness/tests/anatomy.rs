//! `libcdiff image inspect` and `compare`: what is told of an image is what the system's own tools count in its files.
//! What engines tell is held in the tests of engines.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[path = "anatomy/rpm.rs"]
mod rpm;

/// What is compared by default, and so is there wherever tests run.
const PAIR: [&str; 2] = ["debian-13", "debian-13-musl"];

fn libcdiff(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(arguments).output().expect("libcdiff starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What a shell makes of `script`, with `$1` for the folder.
fn shell(script: &str, folder: &Path) -> String {
    let output = Command::new("sh").args(["-c", script, "sh"]).arg(folder).output().expect("a shell");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn what_is_told_is_what_other_tools_count() {
    let compared: Value =
        serde_json::from_str(&libcdiff(&["image", "compare", PAIR[0], PAIR[1], "--json"])).expect("JSON");
    for (name, told) in PAIR.iter().zip(compared["images"].as_array().expect("images")) {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("root");
        libcdiff(&["image", "unpack", name, &root.display().to_string()]);
        let files = shell(
            "find \"$1\" -type f -printf '%i %s\\n' | sort -u | awk '{ n++; s += $2 } END { print n, s }'",
            &root,
        );
        let counted = &told["files"];
        assert_eq!(format!("{} {}", counted["files"], counted["bytes"]), files, "{name}");
        let by_kind: u64 =
            counted["kinds"].as_object().expect("kinds").values().filter_map(|kind| kind["bytes"].as_u64()).sum();
        assert_eq!(Some(by_kind), counted["bytes"].as_u64(), "{name}: every file is of one kind");
        let others = shell("find \"$1\" -mindepth 1 | wc -l; find \"$1\" -type l | wc -l", &root);
        assert_eq!(format!("{}\n{}", counted["entries"], counted["links"]), others, "{name}");
        let unpacked: Value =
            serde_json::from_str(&libcdiff(&["image", "inspect", "--json", &format!("dir:{}", root.display())]))
                .expect("JSON");
        let links = shell("find \"$1\" -type l -printf '%s\\n' | awk '{ s += $1 } END { print s + 0 }'", &root);
        assert_eq!(counted["link_bytes"].to_string(), links, "{name}");
        assert_eq!(unpacked["files"]["disk_bytes"].to_string(), shell("du -s -B1 \"$1\" | cut -f1", &root), "{name}");
        if root.join("var/lib/dpkg/status").exists() {
            let all = "dpkg-query --admindir=\"$1/var/lib/dpkg\" -f '${db:Status-Status} ${Package} ${Version}\\n' -W \
                       | sed -n 's/^installed //p' | LC_ALL=C sort";
            let packages = told["packages"][0]["installed"].as_array().expect("packages").iter();
            let mut packages: Vec<String> = packages
                .map(|p| [&p["name"], &p["version"]].map(|text| text.as_str().expect("text")).join(" "))
                .collect();
            packages.sort();
            assert_eq!(packages.join("\n"), shell(all, &root), "{name}");
        }
    }
}

#[test]
fn images_stand_side_by_side() {
    let told = libcdiff(&["image", "compare", PAIR[0], PAIR[1]]);
    for words in ["debian-13", "glibc 2.41", "musl 1.2.5", "unpacked", "shared objects", "shell", "time zones"] {
        assert!(told.contains(words), "no {words}:\n{told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    // However many there are: a line for each, then groups of as many as fit.
    let many = libcdiff(&["image", "compare", PAIR[0], PAIR[1], PAIR[0], PAIR[1], PAIR[0]]);
    assert!(many.lines().all(|line| line.chars().count() <= 80), "{many}");
    let heads = many.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    assert_eq!(heads, ["image", "C", "library", "compressed", "unpacked", "docker", "packages"], "{many}");
    assert_eq!(many.lines().skip(1).take_while(|line| !line.is_empty()).count(), 5, "{many}");
    let alone = Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(["image", "compare", PAIR[0]]).output();
    assert_eq!(alone.expect("libcdiff starts").status.code(), Some(2), "one image is nothing to compare");
}

/// Nothing of an image is run, so that it may be for any machine.
#[test]
fn an_image_for_another_machine_is_told_as_well() {
    let (name, machine, loader) = match cfg!(target_arch = "x86_64") {
        true => ("aarch64", 183, "ld-musl-aarch64.so.1"),
        false => ("x86_64", 62, "ld-musl-x86_64.so.1"),
    };
    let mut program = b"\x7fELF\x02\x01\x01".to_vec();
    program.resize(64, 0);
    (program[16], program[18], program[20], program[52]) = (3, machine, 1, 64);
    program.extend_from_slice(b"musl libc");
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(root.path().join("lib")).expect("a folder");
    std::fs::write(root.path().join("lib").join(loader), program).expect("written");
    let image = format!("dir:{}", root.path().display());
    let alone = libcdiff(&["image", "inspect", &image]);
    assert!(alone.contains(&format!("for         {name}\n")), "{alone}");
    let both = libcdiff(&["image", "compare", PAIR[0], &image]);
    let row = both.lines().find(|line| line.trim_start().starts_with("architecture")).unwrap_or_default();
    assert!(row.ends_with(name) && row.contains(std::env::consts::ARCH), "{both}");
}

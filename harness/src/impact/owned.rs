//! Which files of an image belong to packages of its distribution: dpkg's lists and apk's database say so. What belongs to none is
//! the application's.

use std::collections::HashSet;

use crate::image::View;

/// More than any database has.
const MOST_BYTES: u64 = 256 << 20;
/// Folders that distributions have moved below `/usr`, and of which packages still speak by the old name.
const MOVED: [&str; 4] = ["/bin/", "/sbin/", "/lib/", "/lib64/"];

/// The paths that packages brought; empty where there are no records.
pub fn by_packages(view: &View) -> HashSet<String> {
    const FOLDER: &str = "/var/lib/dpkg/info";
    let text = |path: &str| view.read(path, MOST_BYTES).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mut owned = HashSet::new();
    let mut add = |path: String| {
        if MOVED.iter().any(|folder| path.starts_with(folder)) {
            owned.insert(format!("/usr{path}"));
        }
        owned.insert(path);
    };
    let names = view.names(FOLDER).into_iter().map(|name| name.to_string_lossy().into_owned());
    for name in names.filter(|name| name.ends_with(".list")) {
        let list = text(&format!("{FOLDER}/{name}")).unwrap_or_default();
        list.lines().map(str::to_owned).for_each(&mut add);
    }
    let apk = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"].iter().find_map(|path| text(path));
    self::apk(&apk.unwrap_or_default()).into_iter().for_each(&mut add);
    owned
}

/// Folders (`F:`) and the files in them (`R:`).
fn apk(text: &str) -> Vec<String> {
    let mut folder = "";
    let mut files = Vec::new();
    for line in text.lines() {
        match line.split_once(':') {
            Some(("F", path)) => folder = path,
            Some(("R", name)) if folder.is_empty() => files.push(format!("/{name}")),
            Some(("R", name)) => files.push(format!("/{folder}/{name}")),
            _ => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apk_says_folders_and_files() {
        let files = apk("P:musl\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\nR:libc.musl-x86_64.so.1\nF:usr/bin\nR:ldd\n");
        assert_eq!(files, ["/lib/ld-musl-x86_64.so.1", "/lib/libc.musl-x86_64.so.1", "/usr/bin/ldd"]);
    }
}

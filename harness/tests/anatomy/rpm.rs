//! Databases that the rpm of this machine makes, read without it: what it says is what is told. The forms that it does not write
//! are held by unit tests, on databases that other rpms wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// More than one page of anything: of slots, of a tree, of a bucket.
const PACKAGES: &str = "count 300";

/// rpm, with a database of its own.
fn rpm(database: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("rpm");
    command.args(["--dbpath"]).arg(database).args(arguments).env("LC_ALL", "C");
    command.output().expect("rpm starts")
}

#[track_caller]
fn did(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The packages of `many.spec`; `None` where nobody can build them.
fn built(folder: &Path) -> Option<Vec<PathBuf>> {
    if Command::new("rpmbuild").arg("--version").output().is_err() {
        eprintln!("unsupported: rpmbuild is not there, which Debian's package rpm brings");
        return None;
    }
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rpm/many.spec");
    let output = Command::new("rpmbuild")
        .args(["-bb", "--quiet", "--define", PACKAGES, "--define", &format!("_topdir {}", folder.display())])
        .arg(&spec)
        .output()
        .expect("rpmbuild starts");
    did(&output);
    let names =
        |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    Some(names(folder.join("RPMS")).flat_map(names).collect())
}

/// What is told of the packages in a root file system: each as rpm's own format writes it.
fn told(root: &Path) -> Vec<String> {
    let told: Value =
        serde_json::from_str(&super::libcdiff(&["image", "inspect", "--json", &format!("dir:{}", root.display())]))
            .expect("JSON");
    let found = told["packages"].as_array().expect("packages").iter().find(|packages| packages["manager"] == "rpm");
    let found = found.unwrap_or_else(|| panic!("no packages of rpm: {}", told["packages"]));
    assert_eq!(found["problem"], Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or("(none)").to_owned();
    let line = |p: &Value| format!("{} {} {} {}", text(&p["name"]), text(&p["version"]), text(&p["arch"]), p["bytes"]);
    let mut lines: Vec<String> = found["installed"].as_array().expect("a list").iter().map(line).collect();
    lines.sort();
    lines
}

/// What rpm itself says.
fn said(database: &Path, more: &[&str]) -> Vec<String> {
    let query = [&["-qa", "--qf", "%{NAME} %{EVR} %{ARCH} %{LONGSIZE}\\n"], more].concat();
    let mut lines: Vec<String> = did(&rpm(database, &query)).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn what_rpm_installed_is_what_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(packages) = built(&folder.path().join("built")) else { return };
    let packages: Vec<String> = packages.iter().map(|path| path.display().to_string()).collect();
    let root = folder.path().join("root");
    super::libcdiff(&["image", "unpack", super::PAIR[0], &root.display().to_string()]);
    for (backend, file) in [("sqlite", "rpmdb.sqlite"), ("ndb", "Packages.db")] {
        let database = root.join("usr/lib/sysimage/rpm");
        let _ = fs::remove_dir_all(&database);
        fs::create_dir_all(&database).expect("made");
        let define = ["--define", &format!("_db_backend {backend}")].map(str::to_owned);
        let define: Vec<&str> = define.iter().map(String::as_str).collect();
        let files: Vec<&str> = packages.iter().map(String::as_str).collect();
        let install = [&["-i", "--justdb", "--nodeps", "--nosignature"], &define[..], &files[..]].concat();
        if !rpm(&database, &install).status.success() {
            eprintln!("unsupported: the rpm of this machine does not write {backend}");
            continue;
        }
        let erase = [&["-e", "--justdb", "--nodeps", "small-7", "small-77", "small-200"], &define[..]].concat();
        did(&rpm(&database, &erase));
        assert!(database.join(file).is_file(), "{backend}");
        let said = said(&database, &define);
        assert_eq!((said.len(), told(&root)), (297, said), "{backend}");
        if backend == "sqlite" {
            a_log_counts(&root, &database);
        }
    }
}

/// What SQLite has committed to its log and not yet written back is as good as written; what it has not committed is nothing.
fn a_log_counts(root: &Path, database: &Path) {
    const CHANGE: &str = "import shutil, sqlite3, sys\n\
        folder = sys.argv[1]\n\
        open_ = sqlite3.connect(folder + '/rpmdb.sqlite', isolation_level=None)\n\
        open_.execute('PRAGMA journal_mode = WAL')\n\
        open_.execute('PRAGMA cache_size = 5')\n\
        open_.execute('DELETE FROM Packages WHERE hnum % 3 = 0')\n\
        open_.execute('BEGIN')\n\
        open_.execute('DELETE FROM Packages WHERE hnum % 2 = 0')\n\
        for name in ['rpmdb.sqlite', 'rpmdb.sqlite-wal']:\n    shutil.copy(folder + '/' + name, folder + '/' + name + '.copy')\n\
        open_.execute('ROLLBACK')\n\
        print(open_.execute('SELECT count(*) FROM Packages').fetchone()[0])\n";
    let Ok(output) = Command::new("python3").args(["-c", CHANGE]).arg(database).output() else {
        eprintln!("unsupported: python3 is not there, which changes a database and leaves it open");
        return;
    };
    let left: usize = did(&output).trim().parse().expect("a number");
    for name in ["rpmdb.sqlite", "rpmdb.sqlite-wal"] {
        fs::rename(database.join(format!("{name}.copy")), database.join(name)).expect("renamed");
    }
    assert!(fs::metadata(database.join("rpmdb.sqlite-wal")).is_ok_and(|log| log.len() > 100_000), "a log");
    let _ = fs::remove_file(database.join("rpmdb.sqlite-shm"));
    assert_eq!(told(root).len(), left);
}

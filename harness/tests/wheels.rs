//! `libcdiff wheels` with the real resolver and an index of its own on this machine: what it says of a glibc and a musl image,
//! of an earlier day, of locks, and of what is wrong. Without uv on PATH, or at LIBCDIFF_TEST_UV, the tests say so.

#[path = "wheels/answered.rs"]
mod answered;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use answered::{answer, silent};
use flate2::{Compression, write::GzEncoder};
use libcdiff::wheels::answer::{Installed, Verdict};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Files of the index: project, file name, day of upload, bytes.
type Files = Vec<(&'static str, String, &'static str, Vec<u8>)>;

fn zip(members: &[(String, String)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    for (name, text) in members {
        // Deflated, which says where it ends: a resolver that reads from the front takes no other.
        let packed = archive.new_file(name).compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = packed.start().expect("an entry");
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(encoder);
        writer.write_all(text.as_bytes()).expect("written");
        let (encoder, descriptor) = writer.finish().expect("finished");
        encoder.finish().expect("finished");
        entry.finish(descriptor).expect("finished");
    }
    archive.finish().expect("finished");
    bytes
}

fn metadata(name: &str, version: &str, requires: &[&str]) -> String {
    let requires: String = requires.iter().map(|one| format!("Requires-Dist: {one}\n")).collect();
    format!("Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n{requires}")
}

fn wheel(name: &'static str, version: &str, tag: &str, day: &'static str, requires: &[&str]) -> Files {
    let info = format!("{name}-{version}.dist-info");
    let members = [
        (format!("{info}/METADATA"), metadata(name, version, requires)),
        (format!("{info}/WHEEL"), format!("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")),
        (format!("{info}/RECORD"), String::new()),
    ];
    vec![(name, format!("{name}-{version}-{tag}.whl"), day, zip(&members))]
}

fn source(name: &'static str, version: &str, day: &'static str, members: &[(&str, &str)]) -> Files {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let about = metadata(name, version, &[]);
    for (path, text) in members.iter().chain(&[("PKG-INFO", about.as_str())]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        let path = format!("{name}-{version}/{path}");
        tar.append_data(&mut header, path, text.as_bytes()).expect("a member");
    }
    let bytes = tar.into_inner().and_then(GzEncoder::finish).expect("an archive");
    vec![(name, format!("{name}-{version}.tar.gz"), day, bytes)]
}

/// What all tests look at.
fn files() -> Files {
    const OLD: &str = "2020-01-01";
    const NEW: &str = "2023-01-01";
    let meson = "[build-system]\nrequires = ['meson-python>=0.10', 'cython']\nbuild-backend = 'mesonpy'\n";
    [
        wheel("native", "1.0", "cp38-cp38-manylinux1_x86_64", OLD, &["plain"]),
        source("native", "1.0", OLD, &[("setup.py", "setup(ext_modules=[])"), ("src/native.c", "")]),
        wheel("native", "2.0", "cp38-cp38-manylinux_2_17_x86_64", NEW, &["plain"]),
        wheel("native", "2.0", "cp38-cp38-musllinux_1_1_x86_64", NEW, &["plain"]),
        source("native", "2.0", NEW, &[("pyproject.toml", meson), ("src/native.pyx", "")]),
        wheel("plain", "1.0", "py3-none-any", OLD, &[]),
        wheel("hen", "1.0", "py3-none-any", OLD, &["egg"]),
        wheel("egg", "1.0", "py3-none-any", OLD, &["hen", "native<2"]),
        wheel("onlyglibc", "1.0", "py3-none-any", OLD, &[]),
        wheel("onlyglibc", "2.0", "cp38-cp38-manylinux_2_17_x86_64", OLD, &[]),
        wheel("never", "1.0", "cp38-cp38-manylinux_2_17_x86_64", OLD, &[]),
        wheel("rusty", "1.0", "cp38-cp38-manylinux_2_17_x86_64", OLD, &[]),
        source(
            "rusty",
            "1.0",
            OLD,
            &[("pyproject.toml", "[build-system]\nrequires = ['maturin>=1']\n"), ("Cargo.toml", "")],
        ),
    ]
    .concat()
}

/// An index on this machine, for as long as the test runs; its address.
fn index() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let mut pages: BTreeMap<String, (&str, Vec<u8>)> = BTreeMap::new();
    let mut projects: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (project, file, day, bytes) in files() {
        let url = format!("{address}/files/{file}");
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        projects.entry(project).or_default().push(json!({
            "filename": file, "url": url, "hashes": {"sha256": digest}, "size": bytes.len(),
            "upload-time": format!("{day}T12:00:00Z"),
        }));
        pages.insert(format!("/files/{file}"), ("application/octet-stream", bytes));
    }
    for (name, files) in projects {
        let page = json!({"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files});
        let page = ("application/vnd.pypi.simple.v1+json", page.to_string().into_bytes());
        pages.insert(format!("/simple/{name}/"), page);
    }
    let pages = Arc::new(pages);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            thread::spawn(move || serve(stream, &pages));
        }
    });
    address + "/simple"
}

fn serve(mut stream: TcpStream, pages: &BTreeMap<String, (&str, Vec<u8>)>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines().map_while(Result::ok);
    let request = lines.next()?;
    lines.find(String::is_empty)?;
    let mut words = request.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let none = ("text/plain", Vec::new());
    let (status, (kind, body)) = pages.get(path).map_or(("404 Not Found", &none), |page| ("200 OK", page));
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    if method != "HEAD" {
        stream.write_all(body).ok()?;
    }
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    stream.read_to_end(&mut Vec::new()).ok().map(drop)
}

/// uv, or a word that it is not there.
fn uv() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("uv"));
    let found =
        std::env::var_os("LIBCDIFF_TEST_UV").map(PathBuf::from).into_iter().chain(on_path).find(|f| f.is_file());
    if found.is_none() {
        eprintln!("unsupported: uv is not on PATH, and LIBCDIFF_TEST_UV does not say where it is");
    }
    found
}

fn wheels(uv: &Path, index: &str, folder: &Path, arguments: &[&str]) -> Output {
    wheels_of(uv, index, folder, arguments).output().expect("libcdiff starts")
}

fn wheels_of(uv: &Path, index: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command
        .args(["wheels", "--quiet", "--image", "debian-13", "--image", "debian-13-musl", "--python", "3.8"])
        .args(["--index-url", index, "--uv"])
        .arg(uv)
        .args(arguments)
        .env("UV_CACHE_DIR", folder.join("cache"))
        .env("UV_HTTP_RETRIES", "0")
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder);
    command
}

/// Name, version, verdict and platform of each package.
fn said(image: &Installed) -> Vec<String> {
    let row = |package: &libcdiff::wheels::answer::Package| {
        let tag = package.file.as_ref().and_then(|file| file.tag.as_deref());
        let how = match package.verdict {
            Verdict::Wheel => tag.unwrap_or("wheel without a tag"),
            Verdict::Source => "source",
            Verdict::Nothing => "nothing",
        };
        format!("{} {} {how}", package.name, package.version.as_deref().unwrap_or("-"))
    };
    image.packages.iter().map(row).collect()
}

#[test]
fn an_image_takes_the_wheels_of_its_c_library_and_builds_the_rest() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let answer = answer(&wheels(&uv, &index, folder.path(), &["native", "rusty", "--json"]), 0);
    let [glibc, musl] = &answer.images[..] else { panic!("two images") };
    assert_eq!(
        said(glibc),
        [
            "native 2.0 cp38-cp38-manylinux_2_17_x86_64",
            "plain 1.0 py3-none-any",
            "rusty 1.0 cp38-cp38-manylinux_2_17_x86_64"
        ]
    );
    assert_eq!(said(musl), ["native 2.0 cp38-cp38-musllinux_1_1_x86_64", "plain 1.0 py3-none-any", "rusty 1.0 source"]);
    let needs = musl.packages[2].needs.as_ref().expect("needs");
    assert_eq!(needs.requires, ["maturin>=1"]);
    let tools: Vec<_> = needs.tools.iter().map(|tool| (tool.name.as_str(), tool.certain)).collect();
    assert_eq!(tools, [("Rust", true), ("C compiler", true)], "Rust links with the C compiler");
    let sizes: u64 =
        files().iter().filter(|(_, file, ..)| file.contains("rusty-1.0.tar")).map(|f| f.3.len() as u64).sum();
    assert_eq!(musl.packages[2].file.as_ref().and_then(|file| file.bytes), Some(sizes));
    assert!(musl.sentence.contains("1 of 3 packages must be built from source (rusty)"), "{}", musl.sentence);
}

#[test]
fn an_earlier_day_has_fewer_files_and_kinds_of_wheels() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let at = ["native", "--at", "2020-01-15"];
    let told = answer(&wheels(&uv, &index, folder.path(), &[&at[..], &["--json"]].concat()), 0);
    assert_eq!(said(&told.images[0]), ["native 1.0 cp38-cp38-manylinux1_x86_64", "plain 1.0 py3-none-any"]);
    assert_eq!(said(&told.images[1]), ["native 1.0 source", "plain 1.0 py3-none-any"]);
    assert_eq!(told.not_yet.len(), 2);
    let table = wheels(&uv, &index, folder.path(), &at);
    let table = String::from_utf8_lossy(&table.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in
        ["as it was on 2020-01-15", "musllinux_X_Y (since pip 21.2, 2021-07)", "C compiler (setup.py names ext_modules"]
    {
        assert!(table.contains(words), "no `{words}` in {table}");
    }
}

#[test]
fn a_version_that_fits_nowhere_gives_way_to_an_older_one_or_is_said() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let today = answer(&wheels(&uv, &index, folder.path(), &["onlyglibc", "never", "plain", "--json"]), 0);
    assert_eq!(said(&today.images[1]), ["never - nothing", "onlyglibc 1.0 py3-none-any", "plain 1.0 py3-none-any"]);
    // The resolver takes manylinux_2_17 whatever the day; the pip of that day did not.
    let then = answer(&wheels(&uv, &index, folder.path(), &["onlyglibc", "--at", "2020-01-15", "--json"]), 0);
    assert_eq!(said(&then.images[0]), ["onlyglibc 1.0 py3-none-any"]);
    let pinned = answer(&wheels(&uv, &index, folder.path(), &["never==1.0", "--at", "2020-01-15", "--json"]), 0);
    assert_eq!(said(&pinned.images[0]), ["never 1.0 nothing"]);
}

#[test]
fn files_of_requirements_and_locks_are_read() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("more.txt", "plain\n");
    write("limits.txt", "native<2\n");
    write(
        "requirements.txt",
        "-r more.txt\n-c limits.txt\nnative ; sys_platform == 'linux'\nrusty ; sys_platform == 'win32'\n",
    );
    write("pyproject.toml", "[project]\nname = 'x'\nversion = '1'\ndependencies = ['native<2']\n");
    write(
        "poetry.lock",
        "[[package]]\nname = 'native'\nversion = '1.0'\n[[package]]\nname = 'rusty'\nversion = '1.0'\ngroups = ['dev']\n[[package]]\nname = 'Plain'\nversion = '1.0'\n",
    );
    write(
        "pdm.lock",
        "[[package]]\nname = 'native'\nversion = '1.0'\ngroups = ['default']\n[[package]]\nname = 'rusty'\nversion = '1.0'\ngroups = ['dev']\n[[package]]\nname = 'plain'\nversion = '1.0'\ngroups = ['default', 'dev']\n",
    );
    let pipenv = json!({
        "default": {
            "native": {"version": "==1.0", "markers": "python_version >= '3.8'", "hashes": ["sha256:0"], "index": "pypi"},
            "onlyglibc": {"version": "*", "markers": "sys_platform == 'win32'"},
            "plain": {"version": "==1.0"},
        },
        "develop": {"rusty": {"version": "==1.0"}},
    });
    write("Pipfile.lock", &pipenv.to_string());
    let pylock = "lock-version = '1.0'\ncreated-by = 'test'\n\
        [[packages]]\nname = 'native'\nversion = '1.0'\n[[packages.wheels]]\nurl = 'http://127.0.0.1/native-1.0-cp38-cp38-manylinux1_x86_64.whl'\nsize = 7\n\
        [[packages.wheels]]\nurl = 'http://127.0.0.1/native-1.0-cp38-cp38-musllinux_1_1_x86_64.whl'\n\
        [[packages]]\nname = 'plain'\nversion = '1.0'\nmarker = \"sys_platform == 'win32'\"\n";
    write("pylock.toml", pylock);
    let both = ["native 1.0 cp38-cp38-manylinux1_x86_64", "plain 1.0 py3-none-any"];
    for (file, expected) in [
        ("requirements.txt", &both[..]),
        ("pyproject.toml", &both),
        ("poetry.lock", &both),
        ("pdm.lock", &both),
        ("Pipfile.lock", &both),
        ("pylock.toml", &both[..1]),
    ] {
        let told = answer(&wheels(&uv, &index, folder.path(), &["-r", file, "--json"]), 0);
        assert_eq!(said(&told.images[0]), expected, "{file}");
        if file == "pylock.toml" {
            assert_eq!(
                said(&told.images[1]),
                ["native 1.0 cp38-cp38-musllinux_1_1_x86_64"],
                "the lock's own files count"
            );
        }
    }
}

#[test]
fn what_is_wrong_is_said_and_the_rest_is_answered() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let told = answer(&wheels(&uv, &index, folder.path(), &["no-such-thing", "plain", "--json"]), 2);
    assert_eq!(told.failed.iter().map(|failed| failed.name.as_str()).collect::<Vec<_>>(), ["no-such-thing"]);
    assert_eq!(said(&told.images[0]), ["plain 1.0 py3-none-any"]);
    for unreadable in ["pylock.toml", "Pipfile.lock", "other.txt"] {
        fs::write(folder.path().join(unreadable), "x = [").expect("written");
    }
    for (arguments, code, words) in [
        (&["native =="][..], 2, "parse requirement in what was asked for at position 0"),
        (&["-r", "pylock.toml"], 2, "pylock.toml is no pylock.toml"),
        (&["-r", "Pipfile.lock"], 2, "Pipfile.lock is no Pipfile.lock"),
        (&["-r", "other.txt"], 2, "other.txt"),
        (&["-r", "nowhere.txt"], 2, "there is no file nowhere.txt"),
        (&["-r", "pylock.toml", "plain"], 2, "pylock.toml"),
        (&[], 2, "nothing to install"),
    ] {
        let output = wheels(&uv, &index, folder.path(), arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(words) && output.stdout.is_empty(), "{arguments:?}: {error}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let output = wheels(&uv, &format!("http://{closed}/simple"), folder.path(), &["plain"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("the index did not answer"), "{error}");
}

#[test]
fn a_silent_index_is_asked_once_for_each_requirement() {
    let Some(uv) = uv() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (index, asked) = silent();
    let mut command = wheels_of(&uv, &index, folder.path(), &["plain", "native"]);
    let output = command.env("UV_HTTP_TIMEOUT", "1").output().expect("libcdiff starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{error}");
    assert!(error.contains("the index did not answer") && error.contains("timed out"), "{error}");
    let asked = asked.load(Ordering::SeqCst);
    assert!((1..=2).contains(&asked), "asked {asked} times");
}

#[test]
fn requirements_that_contradict_each_other_are_answered_one_by_one() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let told = answer(&wheels(&uv, &index, folder.path(), &["native<2", "native>1", "rusty", "--json"]), 2);
    assert_eq!(
        told.failed.iter().map(|failed| failed.name.as_str()).collect::<Vec<_>>(),
        ["all requirements together"]
    );
    assert!(told.failed[0].why.contains("unsatisfiable"), "{}", told.failed[0].why);
    assert_eq!(
        said(&told.images[1]),
        [
            "native 1.0 source",
            "native 2.0 cp38-cp38-musllinux_1_1_x86_64",
            "plain 1.0 py3-none-any",
            "rusty 1.0 source"
        ]
    );
    // What two of them cannot have is no reason to say nothing of the third, nor is a line that cannot be read.
    fs::write(folder.path().join("requirements.txt"), "egg\nnative==2.0\nrusty # why\nnative ==\n").expect("written");
    let told = answer(&wheels(&uv, &index, folder.path(), &["-r", "requirements.txt", "--json"]), 2);
    assert_eq!(told.failed.iter().map(|failed| failed.name.as_str()).collect::<Vec<_>>(), ["native =="]);
    let names: Vec<_> = told.images[0].packages.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["egg", "hen", "native", "native", "plain", "rusty"]);
}

#[test]
fn packages_and_files_that_lead_to_each_other_come_to_an_end() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let told = answer(&wheels(&uv, &index, folder.path(), &["hen", "--json"]), 0);
    let all = ["egg 1.0 py3-none-any", "hen 1.0 py3-none-any", "native 1.0 source", "plain 1.0 py3-none-any"];
    assert_eq!(said(&told.images[1]), all);
    fs::write(folder.path().join("a.txt"), "plain\n-r b.txt\n").expect("written");
    fs::write(folder.path().join("b.txt"), "-r a.txt\n").expect("written");
    let output = wheels(&uv, &index, folder.path(), &["-r", "a.txt", "--json"]);
    let error = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => assert_eq!(said(&answer(&output, 0).images[0]), ["plain 1.0 py3-none-any"]),
        code => assert!(code == Some(2) && error.contains("b.txt"), "{code:?}: {error}"),
    }
}

/// An image of this family with a Python and a pip in it, as far as their records go.
fn with_pip(folder: &Path, image: &str, pip: &str) -> String {
    let root = folder.join(format!("{image}-{pip}"));
    let libcdiff = Command::new(env!("CARGO_BIN_EXE_libcdiff")).args(["image", "unpack", image]).arg(&root).output();
    let libcdiff = libcdiff.expect("libcdiff starts");
    assert!(libcdiff.status.success(), "{}", String::from_utf8_lossy(&libcdiff.stderr));
    for path in ["usr/local/bin", &format!("usr/local/lib/python3.8/site-packages/pip-{pip}.dist-info")] {
        fs::create_dir_all(root.join(path)).expect("a folder");
    }
    fs::write(root.join("usr/local/bin/python3.8"), "").expect("written");
    format!("dir:{}", root.display())
}

#[test]
fn an_older_pip_in_an_image_takes_fewer_wheels() {
    let Some(uv) = uv() else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.args(["wheels", "--quiet", "native", "--json", "--index-url", &index, "--uv"]).arg(&uv);
    for (image, pip) in
        [("debian-13", "18.1"), ("debian-13", "20.3.4"), ("debian-13-musl", "21.1.3"), ("debian-13-musl", "21.2")]
    {
        command.arg("--image").arg(with_pip(folder.path(), image, pip));
    }
    let output = command.env("UV_CACHE_DIR", folder.path().join("cache")).env("NO_PROXY", "127.0.0.1").output();
    let told = answer(&output.expect("libcdiff starts"), 0);
    let native: Vec<_> = told.images.iter().map(|image| said(image)[0].clone()).collect();
    let expected = ["source", "cp38-cp38-manylinux_2_17_x86_64", "source", "cp38-cp38-musllinux_1_1_x86_64"];
    assert_eq!(native, expected.map(|how| format!("native 2.0 {how}")));
    assert_eq!(told.images[0].pip.as_deref(), Some("18.1"));
    assert_eq!(told.images[0].not_taken.len(), 4);
    assert!(told.images[3].not_taken.is_empty());
}

/// The Python beside uv, or the one on PATH, if it has a pip.
fn pip(uv: &Path) -> Option<PathBuf> {
    let beside = uv.with_file_name("python3");
    let has = |python: &PathBuf| {
        let out = Command::new(python).args(["-c", "import pip"]).output();
        out.is_ok_and(|out| out.status.success())
    };
    let found = [beside, PathBuf::from("python3")].into_iter().find(has);
    if found.is_none() {
        eprintln!("unsupported: neither beside uv nor on PATH is a Python that has pip");
    }
    found
}

#[test]
fn pip_itself_takes_the_same_files() {
    let Some((uv, python)) = uv().and_then(|uv| pip(&uv).map(|pip| (uv, pip))) else { return };
    let (index, folder) = (index(), tempfile::tempdir().expect("a folder"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wheels/finder.py");
    let held = |index: &str, answer: &[u8]| {
        let mut command = Command::new(&python);
        command.arg(&script).arg(index).env("NO_PROXY", "127.0.0.1").env("PIP_CONFIG_FILE", folder.path().join("none"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("python starts");
        child.stdin.take().expect("a pipe").write_all(answer).expect("written");
        let output = child.wait_with_output().expect("ends");
        let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), words)
    };
    let output = wheels(&uv, &index, folder.path(), &["native", "rusty", "onlyglibc", "never", "hen", "--json"]);
    let (code, words) = held(&index, &output.stdout);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains(" equal, 0 different"), "{words}");
    // It does see a difference, and takes no silence for an answer.
    let text = String::from_utf8_lossy(&output.stdout).replace("\"verdict\": \"source\"", "\"verdict\": \"wheel\"");
    assert_eq!(held(&index, text.as_bytes()).0, Some(1));
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    assert_eq!(held(&format!("http://{closed}/simple"), &output.stdout).0, Some(3));
}

#[test]
fn without_the_resolver_it_says_how_to_get_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = wheels(&folder.path().join("uv"), "http://127.0.0.1:9/simple", folder.path(), &["plain"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("pip install uv"));
}

//! A hostile image, made here: its loaders are a program that tries to get out (tests/programs/hostile.c), and its files lie
//! where the sandbox puts its own, as links, pipes and folders. Whatever it does costs its own observations only: what was run
//! beside it says what it says without it, nothing outside is changed, and nothing is left. As root and as an ordinary user.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use libcdiff::runfile::RunFile;
use libcdiff_protocol::{Flavour, Status};
use nix::unistd::geteuid;
use rustix::fs::{CWD, FileType, Mode, mknodat};

/// Nobody, on every distribution.
const USER: u32 = 65534;
/// Some that have nothing about them, and one with servers.
const CASES: &str = "threads.stack.default,time.strptime.F-T,alloc.malloc.zero,dns.nsswitch.files-dns";

/// Everything that the tests need, in a folder of the user that runs the sandbox.
struct Stage {
    folder: tempfile::TempDir,
    libcdiff: PathBuf,
    user: Option<u32>,
    /// What the hostile program tries to reach.
    service: TcpListener,
    named: UnixListener,
    victim: Child,
}

impl Stage {
    fn new(user: Option<u32>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let libcdiff = folder.path().join("libcdiff");
        fs::copy(env!("CARGO_BIN_EXE_libcdiff"), &libcdiff).expect("copied");
        let service = TcpListener::bind("127.0.0.1:0").expect("a port");
        let name = format!("libcdiff-test-{}", folder.path().display());
        let name = SocketAddr::from_abstract_name(name).expect("a name");
        let named = UnixListener::bind_addr(&name).expect("a socket");
        for listener in [service.set_nonblocking(true), named.set_nonblocking(true)] {
            listener.expect("a socket");
        }
        let mut victim = Command::new("sleep");
        user.map(|user| victim.uid(user).gid(user));
        let victim = victim.arg("600").spawn().expect("sleep starts");
        let stage = Self { folder, libcdiff, user, service, named, victim };
        stage.images();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(&path, content).expect("writable");
        path
    }

    fn images(&self) {
        // An ordinary image: Debian's musl, and no more.
        let musl = fs::read("/lib/ld-musl-x86_64.so.1").expect("musl is installed with musl-gcc: run `make setup`");
        let loader = self.write("good/lib/ld-musl-x86_64.so.1", musl);
        fs::set_permissions(loader, fs::Permissions::from_mode(0o755)).expect("ours");
        self.write("good/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");

        self.hostile("replaced/lib/ld-musl-x86_64.so.1", r#""musl libc (x86_64)\nVersion 1.2.5\n""#);
        self.hostile("replaced/lib64/ld-linux-x86-64.so.2", r#""GLIBC_PRIVATE""#);
        self.hostile("replaced/lib64/libc.so.6", r#""GNU C Library (test) stable release version 2.36.\n""#);
        let port = self.service.local_addr().expect("bound").port();
        let name = format!("libcdiff-test-{}", self.folder.path().display());
        self.write("replaced/attack", format!("{port}\n{name}\n{}\n", mark()));

        // Files where the sandbox puts its own, each leading out if anybody followed it.
        self.write("outside/secret", "secret");
        let outside = self.path("outside");
        self.write(
            "links/lib/ld-musl-x86_64.so.1",
            fs::read(self.path("good/lib/ld-musl-x86_64.so.1")).expect("there"),
        );
        for name in [".libcdiff", "proc", "dev", "tmp", "etc", "sys", "run"] {
            symlink(&outside, self.path("links").join(name)).expect("linked");
        }
        let pipes = self.path("pipes");
        for name in ["etc/resolv.conf", "etc/hosts", "etc/nsswitch.conf", "proc", "dev", "tmp", ".libcdiff"] {
            fs::create_dir_all(pipes.join(name).parent().expect("a folder")).expect("writable");
            mknodat(CWD, pipes.join(name), FileType::Fifo, Mode::RWXU, 0).expect("a pipe");
        }
        self.write("folders/etc/resolv.conf/x", "");
        self.write("folders/dev/shm/x", "");
        self.write("folders/proc/self/mounts", "");
        symlink("/proc/1/root/outside", self.path("folders/dev/null")).expect("linked");
        symlink("../../../../../../../../outside", self.path("folders/etc/hosts")).expect("linked");
        self.hostile("folders/.libcdiff/musl-static/threads", "\"\"");
    }

    fn hostile(&self, name: &str, banner: &str) {
        let program = self.write(name, "");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/hostile.c");
        let mut compiler = Command::new("musl-gcc");
        compiler.args(["-O1", "-static", "-no-pie", "-o"]).arg(&program).arg(source).arg(format!("-DBANNER={banner}"));
        assert!(compiler.status().is_ok_and(|s| s.success()), "musl-gcc is needed: run `make setup`");
    }

    fn command(&self, images: &[&str]) -> Command {
        let mut command = Command::new(&self.libcdiff);
        command.env("LIBCDIFF_CACHE", self.path("cache")).current_dir("/");
        command.args(["run", "--format", "json", "--case", CASES]);
        command.args(images.iter().map(|image| format!("dir:{}", self.path(image).display())));
        self.user.map(|user| command.uid(user).gid(user));
        command
    }

    #[track_caller]
    fn run(&self, images: &[&str]) -> RunFile {
        let output = self.command(images).output().expect("libcdiff starts");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{images:?}: {error}");
        RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file")
    }

    /// Has the cache filled, so that what is new afterwards is new because of an image.
    fn lay_out(&self) {
        let mut doctor = Command::new(&self.libcdiff);
        doctor.arg("doctor").env("LIBCDIFF_CACHE", self.path("cache"));
        self.user.map(|user| doctor.uid(user).gid(user));
        assert!(doctor.output().is_ok_and(|output| output.status.success()), "libcdiff doctor as {:?}", self.user);
    }

    /// Gives everything to the user that runs the sandbox.
    fn hand_over(&self) {
        if let Some(user) = self.user {
            fs::create_dir(self.path("cache")).expect("writable");
            let owner = format!("{user}:{user}");
            let given = Command::new("chown").arg("-Rh").arg(owner).arg(self.folder.path()).status();
            assert!(given.is_ok_and(|status| status.success()));
        }
    }

    /// Every file of the images and beside them: what it is and what it holds.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("readable") {
                let path = entry.expect("readable").path();
                let meta = path.symlink_metadata().expect("there");
                let mut what = format!("{:o} {}", meta.permissions().mode(), meta.len()).into_bytes();
                if meta.is_file() && meta.len() < 8 << 20 {
                    what.extend(fs::read(&path).expect("readable"));
                }
                if meta.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, what);
            }
        }
        found
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}

/// Who runs the sandbox here: this user, and an ordinary one where this is root.
fn users() -> Vec<Option<u32>> {
    if geteuid().is_root() { vec![None, Some(USER)] } else { vec![None] }
}

/// What an image said, without what varies by itself.
fn said(run: &RunFile, image: &str) -> Vec<(String, Flavour, Status, String)> {
    let of_image = run.observations.iter().filter(|o| o.image == image);
    of_image.map(|o| (o.case.to_string(), o.flavour, o.status, o.answer().to_string())).collect()
}

/// The name that the hostile program's processes take.
fn mark() -> String {
    format!("hostile-{}", std::process::id())
}

/// Processes of this machine that have it, wherever they are.
fn programs() -> usize {
    let name = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("comm")).ok();
    let names = fs::read_dir("/proc").expect("/proc").filter_map(|entry| name(entry.ok()?));
    names.filter(|name| name.trim_end() == mark()).count()
}

/// Cgroups that some agent made and nobody removed.
fn cgroups() -> Vec<PathBuf> {
    let places =
        ["memory", "pids"].iter().filter_map(|controller| libcdiff_agent::memory::cgroup::Place::of(controller));
    let entries = places.filter_map(|place| fs::read_dir(place.folder()).ok()).flatten().flatten();
    let left = entries.filter(|entry| {
        let name = entry.file_name();
        let agent =
            name.to_str().and_then(|name| name.strip_prefix("libcdiff-")?.split('-').next()?.parse::<u32>().ok());
        agent.is_some_and(|agent| !Path::new(&format!("/proc/{agent}")).exists())
    });
    left.map(|entry| entry.path()).collect()
}

/// What is mounted on the way to a folder, at it and below it; others mount elsewhere while this test runs.
fn mounts(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string("/proc/self/mountinfo").expect("mountinfo");
    let point = |line: &&str| line.split(' ').nth(4).map(PathBuf::from).unwrap_or_default();
    let near = |line: &&str| folder.starts_with(point(line)) || point(line).starts_with(folder);
    text.lines().filter(near).map(str::to_owned).collect()
}

/// The kernel needs a moment to end what is in a pid namespace.
fn soon(so: impl Fn() -> bool) -> bool {
    let patience = Instant::now() + Duration::from_secs(10);
    while !so() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(5));
    }
    so()
}

#[test]
fn a_hostile_image_harms_its_own_run_only() {
    let mut alone = None;
    for user in users() {
        let mut stage = Stage::new(user);
        stage.hand_over();
        let alone = alone.get_or_insert_with(|| stage.run(&["good"]));
        stage.lay_out();
        let (files, mounted) = (stage.files(), mounts(stage.folder.path()));
        let together = stage.run(&["good", "replaced", "links", "pipes", "folders"]);

        assert_eq!(said(alone, "good"), said(&together, "good"), "as {user:?}");
        let hostile: Vec<_> = said(&together, "replaced")
            .into_iter()
            .filter(|(_, flavour, ..)| matches!(flavour, Flavour::Gnu | Flavour::Musl))
            .collect();
        assert_eq!(hostile.len(), 8, "each case with each of both loaders: {hostile:#?}");
        for (case, flavour, status, answer) in hostile {
            let answer = answer.lines().next().unwrap_or_default();
            assert_eq!((status, answer), (Status::Described, "nothing"), "{case} ({flavour}) as {user:?}");
        }
        // Static programs ask neither loader nor files, and find an image in order wherever its files lead.
        let own =
            |image: &str| said(&together, image).into_iter().filter(|(_, flavour, ..)| *flavour == Flavour::MuslStatic);
        for image in ["replaced", "links", "pipes", "folders"] {
            assert!(own(image).eq(own("good")), "{image} as {user:?}: {:#?}", own(image).collect::<Vec<_>>());
        }

        assert!(soon(|| programs() == 0), "{} programs are left", programs());
        assert!(soon(|| cgroups().is_empty()), "{:?} are left", cgroups());
        assert_eq!(mounts(stage.folder.path()), mounted);
        let after = stage.files();
        let changed: Vec<_> =
            files.iter().filter(|(path, what)| after.get(*path) != Some(what)).map(|(p, _)| p).collect();
        let new: Vec<_> = after.keys().filter(|path| !files.contains_key(*path)).collect();
        assert!(changed.is_empty() && new.is_empty(), "changed: {changed:?}, new: {new:?}");
        assert!(stage.victim.try_wait().expect("ours").is_none(), "a process outside was ended");
        let untouched = stage.service.accept().map(drop).and(stage.named.accept().map(drop));
        assert_eq!(untouched.expect_err("nobody connected").kind(), ErrorKind::WouldBlock);
    }
}

/// What an image calls itself is its own word, and the terminal is the reader's.
#[test]
fn a_terminal_is_nobodys_to_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("image");
    fs::create_dir_all(image.join("etc")).expect("writable");
    fs::write(image.join("etc/os-release"), "ID=\u{1b}]0;mine\u{7}\u{1b}[2J\nVERSION_ID=\u{9b}2J\n").expect("writable");
    let image = format!("dir:{}", image.display());
    for arguments in [&["run", "--case", "time.strptime.F-T", &image][..], &["image", "inspect", &image]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
        // Otherwise everything that begins as a colour does is left out where nobody sees colours.
        command.env("CLICOLOR_FORCE", "1").env("LIBCDIFF_CACHE", folder.path().join("cache"));
        let output = command.args(arguments).output().expect("libcdiff starts");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(text.contains("␛]0;mine␇␛[2J"), "{text:?}");
        assert!(!text.contains("\u{1b}]") && !text.contains("\u{1b}[2J") && !text.contains('\u{9b}'), "{text:?}");
    }
}

/// The same of what its programs say when they do not answer: on standard error as well, and in one line, since what reads a log
/// of a pipeline obeys lines.
#[test]
fn what_an_image_says_instead_of_an_answer_is_no_command_either() {
    let folder = tempfile::tempdir().expect("a folder");
    let (image, source) = (folder.path().join("image"), folder.path().join("says.c"));
    fs::create_dir_all(image.join("lib")).expect("writable");
    let text = r#"#include <unistd.h>
        __attribute__((used)) static const char banner[] = "musl libc (x86_64)\nVersion 1.2.5\n";
        int main(void) { char text[] = "\033]0;mine\a\r\n::error::mine\n"; return write(2, text, sizeof text - 1) < 0; }"#;
    fs::write(&source, text).expect("writable");
    let mut compiler = Command::new("musl-gcc");
    compiler.args(["-static", "-no-pie", "-o"]).arg(image.join("lib/ld-musl-x86_64.so.1")).arg(source);
    assert!(compiler.status().is_ok_and(|s| s.success()), "musl-gcc is needed: run `make setup`");
    let mut command = Command::new(env!("CARGO_BIN_EXE_libcdiff"));
    command.args(["run", "--case", "time.strptime.F-T", "--flavour", "musl", "--format", "json"]);
    let output =
        command.arg(&image).env("LIBCDIFF_CACHE", folder.path().join("cache")).output().expect("libcdiff starts");
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.code() == Some(3) && text.contains("␛]0;mine␇"), "{text:?}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\r']) && !text.contains("\n::error::"), "{text:?}");
}

#[test]
fn doctor_tells_what_confines_programs() {
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff")).arg("doctor").output().expect("libcdiff starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    assert!(line("programs").contains("no capability"), "{text}");
    if libcdiff_agent::filter::in_force().is_some() {
        assert!(line("programs").contains(libcdiff_agent::filter::NAME), "{text}");
    }
    assert!(line("memory, processes").contains("together"), "{text}");
}

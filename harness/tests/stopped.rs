//! `libcdiff run` stopped at any moment, by Ctrl-C or by SIGKILL, leaves no process and no mount behind.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Processes of this machine whose command line begins with the cache folder: agents, in any of their forms.
fn agents(cache: &Path) -> usize {
    let of = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).ok();
    let begin = cache.as_os_str().as_encoded_bytes();
    let lines = fs::read_dir("/proc").expect("/proc").filter_map(|entry| of(entry.ok()?));
    lines.filter(|line| line.starts_with(begin)).count()
}

fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").expect("mountinfo")
}

fn start(cache: &Path, image: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "--format", "json", "--flavour", "musl-static"])
        .arg(format!("dir:{}", image.display()))
        .env("LIBCDIFF_CACHE", cache)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("libcdiff starts")
}

/// Waits until something is so, for a while.
fn until(so: impl Fn() -> bool) -> bool {
    let patience = Instant::now() + Duration::from_secs(10);
    while !so() {
        if Instant::now() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    true
}

#[test]
fn nothing_is_left_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (cache, image) = (folder.path().join("cache"), folder.path().join("image"));
    fs::create_dir_all(image.join("etc")).expect("writable");
    fs::write(image.join("etc/hostname"), "test\n").expect("writable");
    let before = mounts();
    let mut stopped_running = 0;
    for (n, signal) in [Signal::SIGKILL, Signal::SIGINT, Signal::SIGTERM].iter().cycle().take(24).enumerate() {
        let mut run = start(&cache, &image);
        // A third of them is stopped on the way to the sandbox, the others at some moment inside of it.
        if n % 3 > 0 {
            until(|| agents(&cache) > 0);
        }
        std::thread::sleep(Duration::from_millis(3 * n as u64));
        stopped_running += usize::from(agents(&cache) > 0);
        kill(Pid::from_raw(run.id() as i32), *signal).expect("it is ours");
        run.wait().expect("it ended");
        // The kernel needs a moment to end a pid namespace.
        assert!(until(|| agents(&cache) == 0), "{signal} after {} ms left {} agents", 3 * n, agents(&cache));
    }
    assert!(stopped_running >= 12, "only {stopped_running} runs were under way when they were stopped");
    assert_eq!(mounts(), before);
}

//! Another machine's programs, emulated: in the sandbox with a small program of this file's own, and over the catalog's images
//! for that machine where the probes for it were built (`make probes ARCH=aarch64`).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use libcdiff::bundle::{self, Programs};
use libcdiff::image::Arch;
use libcdiff::machines::{self, Emulation};
use libcdiff::runfile::{Attribution, RunFile};
use libcdiff::runner::{Elsewhere, Machines, Runner, Sandbox, Subject};
use libcdiff_protocol::{ElfStart, Emulator, Flavour, Item, Limits, Observation, Plan, StackLimit, Status};

/// The emulator for AArch64 that the sandbox can make known by itself, where there is one here. Says so where not.
fn emulator() -> Option<Emulator> {
    let found = Command::new("sh").args(["-c", "command -v qemu-aarch64-static"]).output().expect("a shell");
    let program = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number = |n| kernel.split(['.', '-']).nth(n).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    if cfg!(target_arch = "aarch64") || program.is_empty() || (number(0), number(1)) < (6, 7) {
        eprintln!("unsupported: needs x86-64, qemu-user-static and Linux 6.7: this is Linux {kernel}");
        return None;
    }
    Some(Emulator { program, header: ElfStart { machine: 183, wide: true, little: true } })
}

/// A static AArch64 program that writes a line and ends.
fn program(line: &str) -> Vec<u8> {
    let text = line.len() as u32;
    let code: [u32; 9] = [
        0xd280_0808,               // mov x8, 64: write
        0xd280_0020,               // mov x0, 1
        0x1000_0001 | (7 << 5),    // adr x1, seven instructions on
        0xd280_0002 | (text << 5), // mov x2, the length
        0xd400_0001,               // svc 0
        0xd280_0ba8,               // mov x8, 93: exit
        0xd280_0000,               // mov x0, 0
        0xd400_0001,               // svc 0
        0xd503_201f,               // nop
    ];
    let base = 0x40_0000u64;
    let length = 120 + code.len() as u64 * 4 + line.len() as u64;
    let mut elf = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for short in [2u16, 183] {
        elf.extend(short.to_le_bytes());
    }
    elf.extend(1u32.to_le_bytes());
    for long in [base + 120, 64, 0] {
        elf.extend(long.to_le_bytes());
    }
    elf.extend(0u32.to_le_bytes());
    for short in [64u16, 56, 1, 64, 0, 0] {
        elf.extend(short.to_le_bytes());
    }
    // One segment: the whole file, to be read and run.
    for word in [1u32, 5] {
        elf.extend(word.to_le_bytes());
    }
    for long in [0, base, base, length, length, 0x1000] {
        elf.extend(long.to_le_bytes());
    }
    code.iter().for_each(|word| elf.extend(word.to_le_bytes()));
    elf.extend(line.as_bytes());
    elf
}

fn item(case: &str) -> Item {
    Item {
        case: case.into(),
        flavour: Flavour::MuslStatic,
        program: "foreign".into(),
        args: vec![case.into()],
        env: BTreeMap::new(),
        files: vec![],
        hostname: None,
        dns: None,
        relay: None,
        limits: Limits {
            deadline_ms: 5000,
            stack: StackLimit::Bytes(8 << 20),
            output_bytes: 64 << 10,
            disk_bytes: 4 << 20,
            processes: 512,
            address_space_bytes: 16 << 30,
            memory_bytes: None,
            memory_watched: false,
        },
    }
}

/// What the program says in an empty image: with the emulator, and without any.
fn seen(folder: &Path, emulator: Option<Emulator>) -> Observation {
    let agent = bundle::lay_out(&folder.join("cache")).expect("the agent").agent;
    let (probes, image) = (folder.join("probes"), folder.join("image"));
    fs::create_dir_all(probes.join(".libcdiff")).expect("writable");
    fs::create_dir_all(&image).expect("writable");
    let path = probes.join(".libcdiff/foreign");
    let line = "{\"case\":\"test.foreign\",\"status\":\"described\",\"text\":\"runs\",\"values\":{}}\n";
    fs::write(&path, program(line)).expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its own");
    let own = || Sandbox { programs: Programs { agent: agent.clone(), probes: probes.clone() } };
    let others = BTreeMap::from([("foreign".to_owned(), Elsewhere { sandbox: own(), emulator })]);
    let runner = Machines { own: own(), others };
    let plan = Plan { computing: 1, waiting: 1, items: vec![item("test.foreign").into()] };
    runner.collect(&Subject::new("foreign", &image), plan).unwrap_or_else(|e| panic!("{e}")).remove(0)
}

#[test]
fn the_sandbox_lets_its_own_kernel_know_an_emulator() {
    let Some(emulator) = emulator() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let with = seen(folder.path(), Some(emulator));
    assert_eq!((with.status, with.text.as_str()), (Status::Described, "runs"), "{:?}", with.reason);
    // Nothing of it is left on the machine: without, the program does not start, unless root has set an emulator up.
    if !Path::new("/proc/sys/fs/binfmt_misc/status").exists() {
        let without = seen(folder.path(), None);
        assert_eq!(without.status, Status::Broke);
        assert!(
            without.reason.as_deref().is_some_and(|reason| reason.contains("Exec format error")),
            "{:?}",
            without.reason
        );
    }
}

#[test]
fn an_emulator_that_is_not_there_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let agent = bundle::lay_out(&folder.path().join("cache")).expect("the agent").agent;
    let programs = Programs { agent, probes: folder.path().to_owned() };
    let header = ElfStart { machine: 183, wide: true, little: true };
    let emulator = Emulator { program: "/no/such/emulator".into(), header };
    let plan = Plan { computing: 1, waiting: 1, items: vec![] };
    let ran = Sandbox { programs }.run_emulated(&Subject::new("foreign", folder.path()), plan, &|_| (), Some(emulator));
    let error = ran.err().expect("nothing can run").to_string();
    assert!(error.contains("/no/such/emulator"), "{error}");
}

/// A handful of cases of most areas.
const CASES: &str = "alloc.malloc.zero,dns.search.servfail,fs.fallocate.*,iconv.bare.*,loader.search.default,locale.number.c-*,\
    math.ilogb.*,math.lrint.*,math.llrint.*,math.llround.*,math.lround.*,math.rounding.s*,memory.canary.bytes,\
    process.exec.descriptor,regex.place.*,stdio.printf.positions*,stdio.reads.call*,strings.wcscmp.*,strings.wmemcmp.*,\
    threads.guard.default,threads.stack.default,time.strptime.Z";

/// What the machine decides, whichever C library it is, and the pitfall that says so.
const MACHINES: &[(&str, &str)] = &[
    ("math.ilogb.nan", "math.ilogb-special"),
    ("math.ilogb.zero", "math.ilogb-special"),
    ("math.llrint.large", "math.conversion-range"),
    ("math.lrint.nan", "math.conversion-range"),
    ("math.lround.infinity", "math.conversion-range"),
    ("math.lround.large", "math.conversion-range"),
    ("math.lround.nan", "math.conversion-range"),
    ("strings.wcscmp.sign", "strings.wcscmp-sign"),
    ("strings.wmemcmp.sign", "strings.wcscmp-sign"),
];

#[test]
fn images_of_another_machine_answer_as_this_machine_s_do() {
    let aarch64 = Arch::by_name("aarch64").expect("known");
    let images = ["debian-13", "debian-13-arm64", "debian-13-musl", "debian-13-musl-arm64"];
    let emulation = match machines::emulation(aarch64) {
        Ok(emulation) if Arch::native() != aarch64 => emulation,
        _ => {
            return eprintln!("unsupported: no probes for AArch64 (`make probes ARCH=aarch64`), or no emulator for it");
        }
    };
    let output = Command::new(env!("CARGO_BIN_EXE_libcdiff"))
        .args(["run", "--format", "json", "--case", CASES])
        .args(images)
        .output()
        .expect("libcdiff starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    if errors.contains("has not been built yet") {
        return eprintln!("unsupported: `make images NAMES=\"{}\"` makes the images", images.join(" "));
    }
    assert!(output.status.success(), "{errors}");
    let run = RunFile::parse(&String::from_utf8_lossy(&output.stdout)).expect("a run file");
    told(&run, &emulation);
}

fn told(run: &RunFile, emulation: &Emulation) {
    for image in &run.images {
        let foreign = image.id.ends_with("arm64");
        assert_eq!(image.arch, if foreign { "aarch64" } else { "x86_64" });
        assert_eq!(image.emulated_by.as_deref(), foreign.then_some(emulation.name.as_str()));
    }
    for o in &run.observations {
        assert_ne!(o.status, Status::Broke, "{} in {} ({}): {:?}", o.case, o.image, o.flavour, o.reason);
    }
    let text = |case: &str, image: &str, flavour| {
        let seen = run.observations.iter().find(|o| o.case == case && o.image == image && o.flavour == flavour);
        seen.unwrap_or_else(|| panic!("{case} did not run in {image}"))
    };
    // The C libraries differ as they do on this machine.
    for (case, machines) in [("time.strptime.Z", ["", "-arm64"]), ("threads.stack.default", ["", "-arm64"])] {
        for machine in machines {
            let glibc = text(case, &format!("debian-13{machine}"), Flavour::Gnu);
            let musl = text(case, &format!("debian-13-musl{machine}"), Flavour::Musl);
            assert_ne!(glibc.text, musl.text, "{case}{machine}");
        }
    }
    let aside = text("threads.guard.default", "debian-13-arm64", Flavour::Gnu);
    assert_eq!(aside.status, Status::Unsupported);
    assert!(aside.reason.as_deref().is_some_and(|reason| reason.starts_with("under emulation: ")));
    // What the emulator does is never laid at a C library's door, and what is the machine's own is called that.
    for (case, pitfall) in MACHINES {
        let found =
            run.differences.iter().find(|d| d.case == *case).unwrap_or_else(|| panic!("{case} does not differ"));
        assert_eq!((found.attribution, found.pitfall.as_deref()), (Attribution::Machine, Some(*pitfall)), "{case}");
    }
    for case in ["fs.fallocate.unsupported", "stdio.reads.call"] {
        let aside = text(case, "debian-13-arm64", Flavour::Gnu);
        assert!(aside.reason.as_deref().is_some_and(|why| why.contains("seccomp")), "{case}: {:?}", aside.reason);
    }
    for d in &run.differences {
        assert!(d.pitfall.is_some() || d.attribution == Attribution::Machine, "{}: {}", d.case, d.evidence);
    }
}

//! The plan: cases crossed with an image and flavours. What cannot run is dropped, with the reason.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::dns::Script;
use libcdiff_protocol::{CaseInfo, File, Flavour, Item, Limits, Plan, StackLimit};

use crate::bundle;
use crate::image::{Arch, Family};
use crate::pitfalls::glob;
use crate::runfile::{Dropped, Image};

/// Milliseconds a case may take, where it says nothing of its own. A crash or a hang costs this much at most.
const DEADLINE_MS: u64 = 10_000;
/// Cases that may wait for scripted servers at a time: more than have to wait long, so that the longest wait is about the
/// time that all of them take, and so few that they do not wait for a processor.
const WAITING: usize = 64;
/// Look-ups that may reach real nameservers at a time.
const ASKING: usize = 4;
/// The soft stack limit of a login on every common distribution.
const STACK: StackLimit = StackLimit::Bytes(8 << 20);
/// Which cases and flavours a user wants.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Areas; empty for all.
    pub areas: Vec<String>,
    /// Patterns of case ids, in which `*` stands for any characters; empty for all.
    pub cases: Vec<String>,
    /// Flavours; empty for all.
    pub flavours: Vec<Flavour>,
}

impl Selection {
    /// The cases that are wanted.
    pub fn of<'a>(&self, cases: &'a [CaseInfo]) -> Vec<&'a CaseInfo> {
        let wanted = |case: &CaseInfo| {
            (self.areas.is_empty() || self.areas.iter().any(|area| area == case.area()))
                && (self.cases.is_empty() || self.cases.iter().any(|pattern| glob(pattern, &case.id)))
        };
        cases.iter().filter(|case| wanted(case)).collect()
    }

    fn flavours(&self) -> Vec<Flavour> {
        if self.flavours.is_empty() { Flavour::ALL.to_vec() } else { self.flavours.clone() }
    }
}

/// The plan for one image, and what was dropped from it. `images` is how many share this machine.
pub fn plan(cases: &[&CaseInfo], image: &Image, selection: &Selection, images: usize) -> (Plan, Vec<Dropped>) {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let mut plan = Plan { computing: (2 * cpus / images).max(1), waiting: WAITING, items: Vec::new() };
    let mut dropped = Vec::new();
    for flavour in selection.flavours() {
        let runs: Vec<_> = cases.iter().filter(|case| bundle::has(flavour, program(case))).collect();
        match obstacle(image, flavour) {
            Some(reason) => dropped.push(Dropped { image: image.id.clone(), flavour, cases: runs.len(), reason }),
            None => plan.items.extend(runs.into_iter().map(|case| item(case, flavour))),
        }
    }
    if plan.items.iter().any(|item| item.relay.is_some()) {
        plan.waiting = ASKING;
    }
    // What waits longest starts first: then nothing else adds to it.
    plan.items.sort_by_cached_key(turn);
    (plan, dropped)
}

/// How many items the plan for an image has.
pub fn items(cases: &[&CaseInfo], image: &Image, selection: &Selection) -> usize {
    let flavours = selection.flavours().into_iter().filter(|flavour| obstacle(image, *flavour).is_none());
    flavours.map(|flavour| cases.iter().filter(|case| bundle::has(flavour, program(case))).count()).sum()
}

/// When an item's turn comes: first what may wait as long as resolvers do by themselves, then what may wait for a time-out
/// of its own, then the rest.
fn turn(item: &Item) -> u8 {
    let of_its_own = |file: &File| {
        let text = STANDARD.decode(&file.content).unwrap_or_default();
        file.path == "/etc/resolv.conf" && String::from_utf8_lossy(&text).contains("timeout:1")
    };
    match item.dns.as_ref().is_some_and(Script::may_wait) {
        true => u8::from(item.files.iter().any(of_its_own)),
        false => 2,
    }
}

/// Why no program of this flavour can run in the image; `None` where one can.
pub fn obstacle(image: &Image, flavour: Flavour) -> Option<String> {
    let family = match flavour {
        Flavour::Gnu => Family::Glibc,
        Flavour::Musl => Family::Musl,
        Flavour::MuslStatic | Flavour::Reference => return None,
    };
    let Some(libc) = image.libcs.iter().find(|libc| libc.family == family.to_string()) else {
        return Some(match image.libcs.is_empty() {
            true => "the image has no C library: only static programs run in it".into(),
            false => format!("the image has no {family}"),
        });
    };
    // Files of before say nothing, and were made on the machine itself.
    let arch = Arch::by_name(&image.arch).unwrap_or(Arch::native());
    let usual = arch.loader(&family).unwrap_or_default();
    if libc.interpreter != usual {
        return Some(format!("its {family} loader is {}, and programs ask for {usual}", libc.interpreter));
    }
    let too_old = flavour == Flavour::Gnu && libc.version.as_deref().is_some_and(|v| older_than_floor(v, (2, 17)));
    too_old.then(|| {
        format!("glibc {} is older than 2.17, which the probes ask for", libc.version.as_deref().unwrap_or("?"))
    })
}

fn older_than_floor(version: &str, floor: (u32, u32)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < floor
}

fn program(case: &CaseInfo) -> &str {
    case.needs.program.as_deref().unwrap_or(case.area())
}

fn item(case: &CaseInfo, flavour: Flavour) -> Item {
    let needs = &case.needs;
    let args = if needs.args.is_empty() { vec![case.id.clone()] } else { needs.args.clone() };
    Item {
        case: case.id.clone(),
        flavour,
        program: format!("{flavour}/{}", program(case)),
        args,
        env: needs.env.clone(),
        files: needs
            .files
            .iter()
            .map(|(path, content)| File { path: path.clone(), content: content.clone() })
            .collect(),
        hostname: needs.hostname.clone(),
        dns: needs.dns.clone(),
        relay: needs.relay.clone(),
        limits: Limits {
            deadline_ms: needs.deadline_ms.unwrap_or(DEADLINE_MS),
            stack: needs.stack_limit.unwrap_or(STACK),
            output_bytes: 1 << 20,
            disk_bytes: 64 << 20,
            processes: 512,
            // Above anything a case touches, below what the kernel would promise on a large machine: a request that
            // is too large fails alike everywhere.
            address_space_bytes: 16 << 30,
            memory_bytes: None,
            memory_watched: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::{Libc, Os, Size};

    fn image(libcs: &[(&str, &str)]) -> Image {
        let libcs: Vec<Libc> = libcs
            .iter()
            .map(|(family, version)| Libc {
                family: (*family).into(),
                version: Some((*version).into()),
                interpreter: Arch::native().loader(&Family::from((*family).to_owned())).unwrap_or_default().into(),
            })
            .collect();
        Image {
            id: "i".into(),
            reference: "i".into(),
            digest: None,
            os: Os::default(),
            libc: libcs.first().cloned(),
            libcs,
            size: Size::default(),
            kernel: String::new(),
            confinement: None,
            arch: String::new(),
            emulated_by: None,
        }
    }

    #[test]
    fn flavours_follow_what_the_image_has() {
        let none = image(&[]);
        assert!(obstacle(&none, Flavour::Gnu).is_some_and(|r| r.contains("no C library")));
        assert_eq!(obstacle(&none, Flavour::MuslStatic), None);
        let both = image(&[("glibc", "2.41"), ("musl", "1.2.5")]);
        assert_eq!((obstacle(&both, Flavour::Gnu), obstacle(&both, Flavour::Musl)), (None, None));
        assert!(obstacle(&image(&[("glibc", "2.12")]), Flavour::Gnu).is_some_and(|r| r.contains("older")));
        assert_eq!(obstacle(&image(&[("glibc", "2.17")]), Flavour::Gnu), None);
        let mut elsewhere = image(&[("musl", "1.2.6")]);
        elsewhere.libcs[0].interpreter = "/usr/lib/ld-musl.so".into();
        assert!(obstacle(&elsewhere, Flavour::Musl).is_some_and(|r| r.contains("programs ask for")));
    }

    #[test]
    fn a_selection_takes_areas_and_patterns_together() {
        let cases = bundle::cases().expect("cases");
        let pick = |areas: &[&str], patterns: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
            Selection { areas: own(areas), cases: own(patterns), flavours: vec![] }.of(&cases).len()
        };
        assert_eq!(pick(&[], &[]), cases.len());
        assert_eq!(pick(&["threads"], &["threads.stack.default"]), 1);
        assert_eq!(pick(&["time"], &["threads.*"]), 0);
    }
}

//! The plan: cases crossed with an image and flavours. What cannot run is dropped, with the reason.
//!
//! A plan says what is due; what the agent needs to know of it is made when it is sent. With files and scripts, the items of
//! one image take more memory than the answers of ten.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libcdiff_protocol::dns::Script;
use libcdiff_protocol::{self as protocol, CaseInfo, File, Flavour, Item, Limits, StackLimit};
use serde::{Serialize, Serializer};

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

/// What is due in one image; written as the agent reads it.
pub type Plan<'a> = protocol::Plan<Vec<Due<'a>>>;

/// One item of a plan.
#[derive(Clone, Debug)]
pub enum Due<'a> {
    /// A case with a flavour.
    Case(&'a CaseInfo, Flavour),
    /// What no case asks: a block of a benchmark.
    Item(Box<Item>),
}

impl Due<'_> {
    /// The id of its case.
    pub fn case(&self) -> &str {
        match self {
            Self::Case(case, _) => &case.id,
            Self::Item(item) => &item.case,
        }
    }

    /// Whether its queries are passed on to real nameservers.
    pub fn is_relayed(&self) -> bool {
        match self {
            Self::Case(case, _) => case.needs.relay.is_some(),
            Self::Item(item) => item.relay.is_some(),
        }
    }

    /// All that the agent needs to know.
    pub fn item(&self) -> Cow<'_, Item> {
        match self {
            Self::Case(case, flavour) => Cow::Owned(item(case, *flavour)),
            Self::Item(item) => Cow::Borrowed(item),
        }
    }
}

impl From<Item> for Due<'_> {
    fn from(item: Item) -> Self {
        Self::Item(Box::new(item))
    }
}

impl Serialize for Due<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.item().serialize(to)
    }
}

/// The plan with all its items, for whoever changes them.
pub fn whole(plan: &Plan<'_>) -> protocol::Plan {
    let items = plan.items.iter().map(|due| due.item().into_owned()).collect();
    protocol::Plan { computing: plan.computing, waiting: plan.waiting, items }
}

/// The plan for one image, and what was dropped from it. `images` is how many share this machine.
pub fn plan<'a>(
    cases: &[&'a CaseInfo],
    image: &Image,
    selection: &Selection,
    images: usize,
) -> (Plan<'a>, Vec<Dropped>) {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut due, mut dropped) = (Vec::new(), Vec::new());
    for flavour in selection.flavours() {
        let runs: Vec<_> = cases.iter().copied().filter(|case| bundle::has(flavour, program(case))).collect();
        match obstacle(image, flavour) {
            Some(reason) => dropped.push(Dropped { image: image.id.clone(), flavour, cases: runs.len(), reason }),
            None => due.extend(runs.into_iter().map(|case| (case, flavour))),
        }
    }
    // What waits longest starts first: then nothing else adds to it.
    due.sort_by_cached_key(|(case, _)| turn(case));
    let items: Vec<_> = due.into_iter().map(|(case, flavour)| Due::Case(case, flavour)).collect();
    let waiting = if items.iter().any(Due::is_relayed) { ASKING } else { WAITING };
    (Plan { computing: (2 * cpus / images).max(1), waiting, items }, dropped)
}

/// How many items the plan for an image has.
pub fn items(cases: &[&CaseInfo], image: &Image, selection: &Selection) -> usize {
    let flavours = selection.flavours().into_iter().filter(|flavour| obstacle(image, *flavour).is_none());
    flavours.map(|flavour| cases.iter().filter(|case| bundle::has(flavour, program(case))).count()).sum()
}

/// When a case's turn comes: first what may wait as long as resolvers do by themselves, then what may wait for a time-out
/// of its own, then the rest.
fn turn(case: &CaseInfo) -> u8 {
    let of_its_own = |(path, content): (&String, &Arc<str>)| {
        let text = STANDARD.decode(&**content).unwrap_or_default();
        path == "/etc/resolv.conf" && String::from_utf8_lossy(&text).contains("timeout:1")
    };
    match case.needs.dns.as_ref().is_some_and(Script::may_wait) {
        true => u8::from(case.needs.files.iter().any(of_its_own)),
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
            .map(|(path, content)| File { path: path.clone(), content: content.to_string() })
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
    fn a_plan_is_written_as_its_items_are_and_holds_none_of_them() {
        let (all, musl) = (bundle::cases().expect("cases"), image(&[("musl", "1.2.5")]));
        let cases: Vec<&CaseInfo> = all.iter().collect();
        let (plan, dropped) = plan(&cases, &musl, &Selection::default(), 1);
        assert_eq!(plan.items.len(), items(&cases, &musl, &Selection::default()));
        assert_eq!(dropped.iter().map(|dropped| dropped.flavour).collect::<Vec<_>>(), [Flavour::Gnu]);
        let written = serde_json::to_vec(&plan).expect("JSON");
        assert!(written == serde_json::to_vec(&whole(&plan)).expect("JSON"));
        assert!(size_of::<Due<'_>>() <= 2 * size_of::<usize>());
        let turns: Vec<u8> = plan.items.iter().map(|due| turn(&all[place(&all, due.case())])).collect();
        assert!(turns.is_sorted(), "what may wait comes first");
    }

    fn place(cases: &[CaseInfo], id: &str) -> usize {
        cases.binary_search_by(|case| case.id.as_str().cmp(id)).expect("a case")
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

//! Which wheels an installer takes: the tags of an image's Python (PEP 425), with those of its C library (PEP 513, 571, 599
//! and 600 for glibc, 656 for musl), the best first. A wheel is known by its file name alone.

use chrono::NaiveDate;

use super::pip::Pip;
use crate::image::Family;

/// A version of Python, without its last part, which no tag has: 3.12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Python(pub u32, pub u32);

impl std::fmt::Display for Python {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for Python {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        match parsed {
            Some((3, minor @ 0..=99)) => Ok(Self(3, minor)),
            _ => Err("a version of CPython is like 3.12".into()),
        }
    }
}

/// What wheels have to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The C library's family: glibc or musl; no other has wheels.
    pub family: Family,
    /// Its version, major and minor.
    pub libc: (u32, u32),
    /// The architecture, as `uname -m` says.
    pub arch: String,
    /// The Python, which is CPython.
    pub python: Python,
}

/// Which names of platforms installers knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// `manylinux1`, PEP 513.
    pub manylinux1: bool,
    /// `manylinux2010`, PEP 571.
    pub manylinux2010: bool,
    /// `manylinux2014`, PEP 599.
    pub manylinux2014: bool,
    /// `manylinux_X_Y`, PEP 600.
    pub manylinux: bool,
    /// `musllinux_X_Y`, PEP 656.
    pub musllinux: bool,
}

/// A release of pip that first took a kind of wheel, and its day.
struct Since {
    pip: Pip,
    year: i32,
    month: u32,
    day: u32,
    kind: &'static str,
}

/// The releases of pip that first knew them, and the days on which the index got those.
#[rustfmt::skip]
const SINCE: [Since; 5] = [
    Since { pip: Pip(8, 1), year: 2016, month: 3, day: 5, kind: "manylinux1" },
    Since { pip: Pip(19, 0), year: 2019, month: 1, day: 22, kind: "manylinux2010" },
    Since { pip: Pip(19, 3), year: 2019, month: 10, day: 14, kind: "manylinux2014" },
    Since { pip: Pip(20, 3), year: 2020, month: 11, day: 30, kind: "manylinux_X_Y" },
    Since { pip: Pip(21, 2), year: 2021, month: 7, day: 24, kind: "musllinux_X_Y" },
];

impl Known {
    /// What the pip of a day knew; that of today knows all.
    pub fn at(day: Option<NaiveDate>) -> Self {
        Self::that(|since| {
            day.is_none_or(|day| {
                NaiveDate::from_ymd_opt(since.year, since.month, since.day).is_some_and(|first| first <= day)
            })
        })
    }

    /// What of this a pip knows; all of it where there is none to ask.
    pub fn and(self, pip: Option<Pip>) -> Self {
        let own = Self::that(|since| pip.is_none_or(|pip| pip >= since.pip));
        Self {
            manylinux1: self.manylinux1 && own.manylinux1,
            manylinux2010: self.manylinux2010 && own.manylinux2010,
            manylinux2014: self.manylinux2014 && own.manylinux2014,
            manylinux: self.manylinux && own.manylinux,
            musllinux: self.musllinux && own.musllinux,
        }
    }

    fn that(knows: impl Fn(&Since) -> bool) -> Self {
        let knows = |at: usize| knows(&SINCE[at]);
        Self {
            manylinux1: knows(0),
            manylinux2010: knows(1),
            manylinux2014: knows(2),
            manylinux: knows(3),
            musllinux: knows(4),
        }
    }

    /// What it did not know, for people: `manylinux_X_Y (since pip 20.3, 2020-11)`.
    pub fn lacking(self) -> Vec<String> {
        let known = [self.manylinux1, self.manylinux2010, self.manylinux2014, self.manylinux, self.musllinux];
        let lacking = SINCE.iter().zip(known).filter(|(_, known)| !known);
        lacking
            .map(|(since, _)| format!("{} (since pip {}, {}-{:02})", since.kind, since.pip, since.year, since.month))
            .collect()
    }
}

impl Target {
    /// The names of its platform, the best first.
    pub fn platforms(&self, known: Known) -> Vec<String> {
        let arch = match self.arch.as_str() {
            "arm" => "armv7l",
            other => other,
        };
        // `linux_*` first, as pip has it: it is what a machine's own builds are called.
        let mut platforms = vec![format!("linux_{arch}")];
        match &self.family {
            Family::Glibc => manylinux(&mut platforms, self.libc, arch, known),
            Family::Musl if known.musllinux => {
                let (major, minor) = self.libc;
                platforms.extend((0..=minor).rev().map(|minor| format!("musllinux_{major}_{minor}_{arch}")));
            }
            Family::Musl | Family::Other(_) => {}
        }
        platforms
    }

    /// All tags, the best first: interpreter, ABI and platform, as wheels' names have them.
    pub fn tags(&self, known: Known) -> Vec<String> {
        let platforms = self.platforms(known);
        let Python(major, minor) = self.python;
        let interpreter = format!("cp{major}{minor}");
        let mut tags = Vec::new();
        let mut each = |interpreter: &str, abi: &str| {
            tags.extend(platforms.iter().map(|platform| format!("{interpreter}-{abi}-{platform}")));
        };
        // Until 3.7 the name says that it was built with pymalloc, which it was.
        each(&interpreter, &if minor < 8 { format!("{interpreter}m") } else { interpreter.clone() });
        each(&interpreter, "abi3");
        each(&interpreter, "none");
        for older in (2..minor).rev() {
            each(&format!("cp{major}{older}"), "abi3");
        }
        let plain: Vec<_> = [format!("py{major}{minor}"), format!("py{major}")]
            .into_iter()
            .chain((0..minor).rev().map(|minor| format!("py{major}{minor}")))
            .collect();
        for python in &plain {
            each(python, "none");
        }
        tags.push(format!("{interpreter}-none-any"));
        tags.extend(plain.iter().map(|python| format!("{python}-none-any")));
        tags
    }
}

/// The names for glibc from its version down to 2.17, or 2.5 on x86, each before its older name.
fn manylinux(platforms: &mut Vec<String>, (major, newest): (u32, u32), arch: &str, known: Known) {
    let x86 = matches!(arch, "x86_64" | "i686");
    if major != 2 {
        return;
    }
    for minor in (if x86 { 5 } else { 17 }..=newest).rev() {
        if known.manylinux {
            platforms.push(format!("manylinux_2_{minor}_{arch}"));
        }
        let alias = match minor {
            17 if known.manylinux2014 => "manylinux2014",
            12 if known.manylinux2010 => "manylinux2010",
            5 if known.manylinux1 => "manylinux1",
            _ => continue,
        };
        platforms.push(format!("{alias}_{arch}"));
    }
}

/// What a wheel's file name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The number of its build; none counts as the lowest.
    pub build: Option<(u64, String)>,
    /// Interpreters, ABIs and platforms: all combinations of them are its tags.
    pub parts: [Vec<String>; 3],
}

impl WheelName {
    /// Reads a file name; `None` if it is no wheel's.
    pub fn parse(file: &str) -> Option<Self> {
        let parts: Vec<_> = file.strip_suffix(".whl")?.split('-').collect();
        let build = match parts.len() {
            5 => None,
            6 => {
                let digits = parts[2].len() - parts[2].trim_start_matches(|c: char| c.is_ascii_digit()).len();
                Some((parts[2][..digits].parse().ok()?, parts[2][digits..].to_owned()))
            }
            _ => return None,
        };
        let set = |text: &str| text.split('.').map(str::to_ascii_lowercase).collect();
        let [.., python, abi, platform] = parts.as_slice() else { return None };
        Some(Self { build, parts: [set(python), set(abi), set(platform)] })
    }

    /// The place of its best tag among these, and that tag.
    pub fn best<'a>(&self, tags: &'a [String]) -> Option<(usize, &'a str)> {
        let fits = |tag: &str| {
            let mut parts = tag.splitn(3, '-');
            self.parts.iter().all(|set| parts.next().is_some_and(|part| set.iter().any(|have| have == part)))
        };
        tags.iter().enumerate().find(|(_, tag)| fits(tag)).map(|(place, tag)| (place, tag.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `packaging` says, section by section: `== glibc 2.19 x86_64 3.8`, then its tags.
    const GOLDEN: &str = include_str!("tags.txt");

    fn pair(text: &str) -> (u32, u32) {
        let (one, two) = text.split_once('.').expect("two numbers");
        (one.parse().expect("a number"), two.parse().expect("a number"))
    }

    #[test]
    fn tags_are_those_of_packaging_in_its_order() {
        let mut sections = 0;
        for section in GOLDEN.split("== ").skip(1) {
            let (title, tags) = section.split_once('\n').expect("a title");
            let [family, libc, arch, python] = title.split(' ').collect::<Vec<_>>()[..] else { panic!("{title}") };
            let arch = if arch == "armv7l" { "arm" } else { arch };
            let python = python.parse().expect("a version");
            let target =
                Target { family: Family::from(family.to_owned()), libc: pair(libc), arch: arch.into(), python };
            assert_eq!(target.tags(Known::at(None)), tags.lines().collect::<Vec<_>>(), "{title}");
            sections += 1;
        }
        assert_eq!(sections, 6);
    }

    #[test]
    fn installers_of_a_day_know_what_they_knew() {
        let platforms = |family, libc, day: &str| {
            let target = Target { family, libc, arch: "x86_64".into(), python: Python(3, 8) };
            let day = day.parse().expect("a day");
            target.platforms(Known::at(Some(day))).join(" ")
        };
        let glibc = |day| platforms(Family::Glibc, (2, 17), day);
        assert_eq!(glibc("2016-01-01"), "linux_x86_64");
        assert_eq!(glibc("2019-10-13"), "linux_x86_64 manylinux2010_x86_64 manylinux1_x86_64");
        assert_eq!(glibc("2019-10-14"), "linux_x86_64 manylinux2014_x86_64 manylinux2010_x86_64 manylinux1_x86_64");
        assert!(
            glibc("2020-11-30").starts_with("linux_x86_64 manylinux_2_17_x86_64 manylinux2014_x86_64 manylinux_2_16_")
        );
        let musl = |day| platforms(Family::Musl, (1, 2), day);
        assert_eq!(musl("2021-07-23"), "linux_x86_64");
        assert_eq!(musl("2021-07-24"), "linux_x86_64 musllinux_1_2_x86_64 musllinux_1_1_x86_64 musllinux_1_0_x86_64");
        let lacking = Known::at("2020-01-15".parse().ok()).lacking();
        assert_eq!(lacking, ["manylinux_X_Y (since pip 20.3, 2020-11)", "musllinux_X_Y (since pip 21.2, 2021-07)"]);
    }

    /// As pip 18.1, 19.0.3, 19.2.3, 19.3.1, 20.2.4, 20.3.4 and 21.2 themselves say.
    #[test]
    fn an_older_pip_knows_fewer_kinds() {
        let platforms = |pip, family: Family, arch: &str| {
            let libc = if family == Family::Musl { (1, 2) } else { (2, 17) };
            let target = Target { family, libc, arch: arch.into(), python: Python(3, 8) };
            let all = target.platforms(Known::at(None).and(Some(pip)));
            all.iter().map(|name| name.trim_end_matches(&format!("_{arch}")).to_owned()).collect::<Vec<_>>().join(" ")
        };
        let x86 = |pip| platforms(pip, Family::Glibc, "x86_64");
        assert_eq!(x86(Pip(8, 0)), "linux");
        assert_eq!(x86(Pip(18, 1)), "linux manylinux1");
        assert_eq!(x86(Pip(19, 2)), "linux manylinux2010 manylinux1");
        assert_eq!(x86(Pip(20, 2)), "linux manylinux2014 manylinux2010 manylinux1");
        assert!(x86(Pip(20, 3)).starts_with("linux manylinux_2_17 manylinux2014 manylinux_2_16 "));
        assert_eq!(platforms(Pip(19, 2), Family::Glibc, "aarch64"), "linux");
        assert_eq!(platforms(Pip(20, 2), Family::Glibc, "aarch64"), "linux manylinux2014");
        assert_eq!(platforms(Pip(21, 1), Family::Musl, "x86_64"), "linux");
        assert!(platforms(Pip(21, 2), Family::Musl, "x86_64").starts_with("linux musllinux_1_2 "));
        // An earlier day and an older pip: what both know.
        let both = Known::at("2019-06-01".parse().ok()).and(Some(Pip(26, 0)));
        assert!(both.manylinux2010 && !both.manylinux2014);
    }

    #[test]
    fn names_of_wheels_are_read_and_others_are_not() {
        let tags = ["cp38-cp38-manylinux2014_x86_64".to_owned(), "py3-none-any".to_owned()];
        let best = |name: &str| WheelName::parse(name).and_then(|name| name.best(&tags).map(|(place, _)| place));
        assert_eq!(best("a-1-cp38-cp38-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"), Some(0));
        assert_eq!(best("a-1-py2.py3-none-any.whl"), Some(1));
        assert_eq!(best("a-1-cp39-cp39-manylinux2014_x86_64.whl"), None);
        assert_eq!(WheelName::parse("a-1-2b-py3-none-any.whl").and_then(|name| name.build), Some((2, "b".into())));
        for none in ["a-1.tar.gz", "a.whl", "a-1-x-py3-none-any.whl", "a-1-2-3-py3-none-any.whl", ".whl"] {
            assert_eq!(WheelName::parse(none), None, "{none}");
        }
    }
}

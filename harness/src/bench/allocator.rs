//! Allocators as subjects: what stands behind `malloc`, how it gets into the program's process, and where it cannot.
//!
//! Dynamic programs have it preloaded, static ones are linked with it, and glibc's own is tuned by its environment. Nothing
//! here believes that this worked: the program is told what to expect, and proves that it is live before it measures
//! (`live` in the benches). [`crate::bench::subject`] and [`crate::bench::block`] call this.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use libcdiff_protocol::{File, Flavour};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle;
use crate::runfile::Image;

mod object;
mod tunables;

/// The allocators that this program may carry, by name.
const CARRIED: [&str; 3] = ["mimalloc", "mimalloc-secure", "jemalloc"];

/// An allocator, by its name on the command line.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(transparent)]
pub struct Allocator(String);

/// What has to be arranged so that a program runs with the allocator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outfit {
    /// What follows the program's name, with a dash, where it is another program; `None` for the plain one.
    pub suffix: Option<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Files laid over the image.
    pub files: Vec<File>,
    /// What the program shall find live before it measures: its `--expect`.
    pub expect: Option<String>,
}

/// What a name means.
enum Kind<'a> {
    System,
    Carried(&'a str),
    Tunables(&'a str),
    Object(&'a Path),
}

impl Allocator {
    /// The allocator that the flavour has by itself.
    pub fn system() -> Self {
        Self("system".into())
    }

    /// The allocator of this name: `system`; `mimalloc`, `mimalloc-secure`, `jemalloc`; tunables of glibc such as
    /// `glibc.arena_max=1`, several joined by `+`; or the path of a shared object, with a `/` in it. The error says what is
    /// wrong, and what there is.
    pub fn parse(name: &str) -> Result<Self, String> {
        match kind(name)? {
            Kind::Tunables(list) => tunables::parse(list).map(|all| Self(tunables::name(&all))),
            Kind::Object(path) => object::check(path).map(|()| Self(name.into())),
            Kind::System | Kind::Carried(_) => Ok(Self(name.into())),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that the flavour has by itself.
    pub fn is_system(&self) -> bool {
        self.0 == "system"
    }

    /// Why no program of this flavour can have it in this image, whichever way.
    pub fn obstacle(&self, image: &Image, flavour: Flavour) -> Option<String> {
        let glibc = image.libcs.iter().find(|libc| libc.family == "glibc").and_then(|libc| libc.version.as_deref());
        let unheard = match (kind(&self.0), flavour, glibc) {
            (Ok(Kind::Tunables(list)), Flavour::Gnu, Some(version)) => tunables::unheard_of(list, version),
            _ => None,
        };
        unheard.or_else(|| self.outfit(flavour).err())
    }

    /// What a program of this flavour needs, or why the allocator does not apply to it. An object of one's own is read here.
    pub fn outfit(&self, flavour: Flavour) -> Result<Outfit, String> {
        let plain = Outfit { expect: Some(self.0.clone()), ..Outfit::default() };
        match (kind(&self.0)?, flavour) {
            (_, Flavour::Reference) => Err("the reference programs ask no C library, and have no allocator".into()),
            (Kind::System, _) => Ok(plain),
            (Kind::Carried(name), Flavour::MuslStatic) => {
                linked(name).map(|()| Outfit { suffix: Some(name.into()), ..plain })
            }
            (Kind::Carried(name), _) => carried(name, flavour).map(|path| preloaded(plain, path)),
            (Kind::Tunables(list), Flavour::Gnu) => {
                let all = tunables::parse(list)?;
                let env = BTreeMap::from([("GLIBC_TUNABLES".into(), tunables::variable(&all))]);
                Ok(Outfit { env, ..plain })
            }
            (Kind::Tunables(_), _) => {
                Err(format!("{} tunes glibc's own allocator, and musl has no such thing", self.0))
            }
            (Kind::Object(_), Flavour::MuslStatic) => {
                Err(format!("{} cannot be preloaded into a static program: choose --flavour gnu or musl", self.0))
            }
            (Kind::Object(path), _) => {
                let file = object::file(path, flavour)?;
                let inside = file.path.clone();
                Ok(preloaded(Outfit { files: vec![file], expect: Some(inside.clone()), ..plain }, inside))
            }
        }
    }
}

impl fmt::Display for Allocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

fn kind(name: &str) -> Result<Kind<'_>, String> {
    match name {
        "system" => Ok(Kind::System),
        // Before the paths: no name of a tunable has a `/`, and no path is meant that begins so.
        list if list.starts_with("glibc.") => Ok(Kind::Tunables(list)),
        path if path.contains('/') => Ok(Kind::Object(Path::new(path))),
        _ if CARRIED.contains(&name) => Ok(Kind::Carried(name)),
        _ => Err(format!(
            "there is no allocator `{name}`: there are system, {}, tunables of glibc such as glibc.arena_max=1 ({}), and shared \
             objects of your own by their path (./{name})",
            CARRIED.join(", "),
            tunables::known()
        )),
    }
}

fn preloaded(outfit: Outfit, path: String) -> Outfit {
    Outfit { env: BTreeMap::from([("LD_PRELOAD".into(), path)]), ..outfit }
}

/// Where an allocator is inside the image.
fn carried(name: &str, flavour: Flavour) -> Result<String, String> {
    let file = format!("allocators/{flavour}/{name}.so");
    let lacking =
        || format!("this libcdiff was built without {name} for {flavour} programs (BUILDER=cross builds none)");
    if bundle::holds(&file) { Ok(format!("/.libcdiff/{file}")) } else { Err(lacking()) }
}

fn linked(name: &str) -> Result<(), String> {
    let there = bundle::has(Flavour::MuslStatic, &format!("bench-{name}"));
    let lacking =
        || format!("this libcdiff was built without a static program linked with {name} (BUILDER=cross builds none)");
    there.then_some(()).ok_or_else(lacking)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::double::image;

    fn outfit(name: &str, flavour: Flavour) -> Result<Outfit, String> {
        Allocator::parse(name)?.outfit(flavour)
    }

    #[test]
    fn the_flavours_own_needs_nothing_and_is_expected_all_the_same() {
        let plain = Outfit { expect: Some("system".into()), ..Outfit::default() };
        for flavour in [Flavour::Gnu, Flavour::Musl, Flavour::MuslStatic] {
            assert_eq!(outfit("system", flavour), Ok(plain.clone()));
        }
        assert!(outfit("system", Flavour::Reference).is_err());
    }

    #[test]
    fn what_is_carried_is_preloaded_or_linked() {
        for name in CARRIED {
            for flavour in [Flavour::Gnu, Flavour::Musl] {
                let outfit = outfit(name, flavour).expect("it is carried");
                assert_eq!(outfit.env["LD_PRELOAD"], format!("/.libcdiff/allocators/{flavour}/{name}.so"));
                assert_eq!((outfit.expect.as_deref(), outfit.suffix), (Some(name), None));
            }
            let outfit = outfit(name, Flavour::MuslStatic).expect("it is linked");
            assert_eq!((outfit.suffix.as_deref(), outfit.env.len()), (Some(name), 0));
        }
    }

    #[test]
    fn tunables_are_glibcs_and_spelled_in_two_ways() {
        for name in ["glibc.arena_max=1+glibc.tcache_count=0", "glibc.malloc.arena_max=1+glibc.malloc.tcache_count=0"] {
            let outfit = outfit(name, Flavour::Gnu).expect("they are known");
            assert_eq!(outfit.env["GLIBC_TUNABLES"], "glibc.malloc.arena_max=1:glibc.malloc.tcache_count=0");
            assert_eq!(outfit.expect.as_deref(), Some("glibc.arena_max=1+glibc.tcache_count=0"));
        }
        for flavour in [Flavour::Musl, Flavour::MuslStatic] {
            assert!(outfit("glibc.arena_max=1", flavour).is_err_and(|e| e.contains("musl")));
        }
    }

    #[test]
    fn an_old_glibc_has_not_heard_of_tunables() {
        let mut old = image("old", "glibc");
        let tuned = Allocator::parse("glibc.arena_max=1").expect("known");
        assert_eq!(tuned.obstacle(&old, Flavour::Gnu), None);
        old.libcs[0].version = Some("2.24".into());
        assert!(tuned.obstacle(&old, Flavour::Gnu).is_some_and(|e| e.contains("2.26")));
        assert_eq!(Allocator::system().obstacle(&old, Flavour::Gnu), None);
    }

    #[test]
    fn an_unknown_name_is_told_what_there_is() {
        let error = Allocator::parse("hoard").expect_err("unknown");
        for word in ["hoard", "system", "mimalloc-secure", "jemalloc", "glibc.arena_max", "./hoard"] {
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn an_object_of_ones_own_is_laid_over_the_image() {
        let folder = tempfile::tempdir().expect("a folder");
        let programs = bundle::lay_out(folder.path()).expect("laid out");
        let path = folder.path().join("lib mine.so");
        std::fs::copy(programs.probes.join(".libcdiff/allocators/musl/mimalloc.so"), &path).expect("copied");
        let name = path.display().to_string();
        let outfit = outfit(&name, Flavour::Musl).expect("it fits");
        assert_eq!(outfit.files[0].path, "/.libcdiff/own/lib-mine.so");
        assert_eq!(outfit.env["LD_PRELOAD"], outfit.files[0].path);
        assert_eq!(outfit.expect.as_deref(), Some(outfit.files[0].path.as_str()));
        let wrong = Allocator::parse(&name).expect("it is one").outfit(Flavour::Gnu);
        assert!(wrong.is_err_and(|e| e.contains("libc.so")));
        let fixed = Allocator::parse(&name).expect("it is one").outfit(Flavour::MuslStatic);
        assert!(fixed.is_err_and(|e| e.contains("static")));
    }

    #[test]
    fn what_is_no_object_with_a_malloc_is_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("text.so");
        std::fs::write(&text, "not an object").expect("written");
        for (path, word) in [
            (text.as_path(), "no shared object"),
            (&folder.path().join("missing.so"), "missing.so"),
            (folder.path(), "is no file"),
        ] {
            let error = Allocator::parse(&path.display().to_string()).expect_err("refused");
            assert!(error.contains(word), "{error}");
        }
    }
}

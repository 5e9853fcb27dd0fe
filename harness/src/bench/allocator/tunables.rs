//! glibc's tunables of its allocator: which there are, what they take, and how glibc is told. It is told by one variable,
//! and ignores in silence what it does not like, so that everything is looked at here first, and its effect inside.

/// One tunable, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunable {
    name: &'static str,
    value: u64,
}

/// What can be tuned.
struct Known {
    /// As in GLIBC_TUNABLES, after `glibc.malloc.`.
    name: &'static str,
    least: u64,
    most: u64,
    /// The glibc that has it first.
    since: (u32, u32),
}

/// Those whose effect can be shown. The bounds are glibc's own, but for arenas, which have to be counted.
const KNOWN: [Known; 6] = [
    Known { name: "arena_max", least: 1, most: 128, since: (2, 26) },
    Known { name: "tcache_count", least: 0, most: 65535, since: (2, 26) },
    Known { name: "mmap_threshold", least: 0, most: 32 << 20, since: (2, 26) },
    Known { name: "trim_threshold", least: 0, most: i64::MAX as u64, since: (2, 26) },
    Known { name: "top_pad", least: 0, most: 1 << 30, since: (2, 26) },
    Known { name: "hugetlb", least: 0, most: 2, since: (2, 35) },
];

/// The names, for messages.
pub fn known() -> String {
    KNOWN.map(|known| format!("glibc.{}", known.name)).join(", ")
}

/// Reads a list like `glibc.arena_max=1+glibc.malloc.tcache_count=0`.
pub fn parse(list: &str) -> Result<Vec<Tunable>, String> {
    let mut all: Vec<Tunable> = Vec::new();
    for item in list.split('+') {
        let tunable = parse_one(item)?;
        if all.iter().any(|other| other.name == tunable.name) {
            return Err(format!("`{list}` sets glibc.{} twice", tunable.name));
        }
        all.push(tunable);
    }
    Ok(all)
}

fn parse_one(item: &str) -> Result<Tunable, String> {
    let named = item.strip_prefix("glibc.").map(|rest| rest.strip_prefix("malloc.").unwrap_or(rest));
    let name = named.map(|rest| rest.split_once('=').map_or(rest, |(name, _)| name));
    let Some(known) = KNOWN.iter().find(|known| Some(known.name) == name) else {
        return Err(format!("`{item}` is no tunable of glibc's allocator that is known here: there are {}", known()));
    };
    let Known { name, least, most, .. } = *known;
    let value = item.split_once('=').and_then(|(_, value)| value.parse().ok());
    match value {
        Some(value) if (least..=most).contains(&value) => Ok(Tunable { name, value }),
        _ => Err(format!("`{item}`: glibc.{name} takes a number from {least} to {most}, such as glibc.{name}={least}")),
    }
}

/// The list again, each name in its short form.
pub fn name(all: &[Tunable]) -> String {
    all.iter().map(|t| format!("glibc.{}={}", t.name, t.value)).collect::<Vec<_>>().join("+")
}

/// The value of GLIBC_TUNABLES.
pub fn variable(all: &[Tunable]) -> String {
    all.iter().map(|t| format!("glibc.malloc.{}={}", t.name, t.value)).collect::<Vec<_>>().join(":")
}

/// Why a glibc of this version does not know one of the list.
pub fn unheard_of(list: &str, glibc: &str) -> Option<String> {
    let mut parts = glibc.split('.').map(|part| part.parse().unwrap_or(0));
    let version: (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let all = parse(list).ok()?;
    let newer = |known: &&Known| known.since > version && all.iter().any(|t| t.name == known.name);
    let Known { name, since: (major, minor), .. } = KNOWN.iter().find(newer)?;
    Some(format!("glibc {glibc} has no tunable {name}, which came with {major}.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written_again() {
        let all = parse("glibc.malloc.arena_max=2+glibc.hugetlb=1").expect("known");
        assert_eq!(name(&all), "glibc.arena_max=2+glibc.hugetlb=1");
        assert_eq!(variable(&all), "glibc.malloc.arena_max=2:glibc.malloc.hugetlb=1");
    }

    #[test]
    fn what_glibc_would_ignore_in_silence_is_an_error_that_says_what_there_is() {
        for (list, word) in [
            ("glibc.arenas=1", "glibc.arena_max, glibc.tcache_count"),
            ("glibc.arena_max", "from 1 to 128"),
            ("glibc.arena_max=0", "from 1 to 128"),
            ("glibc.arena_max=two", "from 1 to 128"),
            ("glibc.hugetlb=3", "from 0 to 2"),
            ("glibc.mmap_threshold=-1", "from 0 to"),
            ("glibc.arena_max=1+arena_max=2", "no tunable"),
            ("glibc.arena_max=1+glibc.malloc.arena_max=2", "twice"),
            ("glibc.cpu.arena_max=1", "no tunable"),
        ] {
            let error = parse(list).expect_err(list);
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn each_tunable_came_with_some_version() {
        assert_eq!(unheard_of("glibc.arena_max=1", "2.26"), None);
        assert!(unheard_of("glibc.arena_max=1", "2.25").is_some());
        assert!(unheard_of("glibc.arena_max=1+glibc.hugetlb=1", "2.31").is_some_and(|e| e.contains("hugetlb")));
        assert_eq!(unheard_of("glibc.hugetlb=1", "2.41"), None);
    }
}

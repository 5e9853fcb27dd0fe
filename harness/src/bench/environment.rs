//! Where a benchmark ran, in as much detail as a reader needs to know which figures they may compare with their own.
//!
//! Two files with different processors, kernels or settings are not to be compared; what a ratio in one file says does not
//! depend on it. Everything is read once, when the run begins; a fact that cannot be read is absent, not guessed.

use std::fs;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::block::Block;
use super::statistics::median;

/// The machine and its state.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Environment {
    /// `uname -r`.
    pub kernel: String,
    /// The architecture, as `uname -m` spells it.
    pub arch: String,
    /// The processor, as it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Processors that this process could use.
    pub cpus: usize,
    /// Whether the kernel sees that it runs in a virtual machine.
    pub virtual_machine: bool,
    /// When memory comes in huge pages: `always`, `madvise` or `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transparent_huge_pages: Option<String>,
    /// The kernel's clock source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_source: Option<String>,
    /// The rule by which the kernel promises memory: 0 by guess, 1 always, 2 never more than there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overcommit: Option<String>,
    /// How the processor's speed is governed, where the kernel governs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// Bytes of memory of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Threads that were ready to run, averaged over the minute before the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_before: Option<f64>,
    /// Milliseconds that were stolen from this virtual machine's processors, over all blocks.
    #[serde(default)]
    pub steal_ms: u64,
    /// Milliseconds that threads of the whole machine waited for a processor, over all blocks.
    #[serde(default)]
    pub wait_ms: f64,
    /// Nanoseconds that reading the clock takes, inside an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ns: Option<f64>,
    /// Nanoseconds that the instruction cpuid takes: microseconds where a virtual machine's host answers it, and then
    /// starting a program of glibc, which asks it many times, is dear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpuid_ns: Option<f64>,
}

impl Environment {
    /// This machine, now.
    pub fn here() -> Self {
        let uname = nix::sys::utsname::uname();
        let field = |get: fn(&nix::sys::utsname::UtsName) -> &std::ffi::OsStr| {
            uname.as_ref().map(|u| get(u).to_string_lossy().into_owned()).unwrap_or_default()
        };
        let cpuinfo = text("/proc/cpuinfo").unwrap_or_default();
        Self {
            kernel: field(|u| u.release()),
            arch: field(|u| u.machine()),
            cpu: line(&cpuinfo, "model name"),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            virtual_machine: line(&cpuinfo, "flags").is_some_and(|f| f.split(' ').any(|flag| flag == "hypervisor")),
            transparent_huge_pages: text("/sys/kernel/mm/transparent_hugepage/enabled").and_then(|t| chosen(&t)),
            clock_source: text("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            overcommit: text("/proc/sys/vm/overcommit_memory"),
            governor: text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            memory_bytes: line(&text("/proc/meminfo").unwrap_or_default(), "MemTotal").and_then(|kb| kilobytes(&kb)),
            load_before: text("/proc/loadavg").and_then(|t| t.split(' ').next()?.parse().ok()),
            steal_ms: 0,
            wait_ms: 0.0,
            clock_ns: None,
            cpuid_ns: None,
        }
    }

    /// Takes over what the programs measured of the machine.
    pub fn learn(&mut self, blocks: &[Block]) {
        let figures = |name: &str| blocks.iter().filter_map(|b| b.number(&["environment", name])).collect::<Vec<_>>();
        let middle = |name: &str| Some(median(&figures(name))).filter(|figure| figure.is_finite());
        self.steal_ms += blocks.iter().map(|b| b.disturbance.steal_ms).sum::<u64>();
        self.wait_ms += blocks.iter().map(|b| b.disturbance.wait_ms).sum::<f64>();
        self.clock_ns = middle("clock_ns").or(self.clock_ns);
        self.cpuid_ns = middle("cpuid_ns").or(self.cpuid_ns);
    }
}

fn text(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The value of a `name : value` line.
fn line(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| line.split_once(':').filter(|(n, _)| n.trim() == name).map(|(_, v)| v.trim().to_owned());
    text.lines().find_map(value)
}

/// The word in brackets.
fn chosen(text: &str) -> Option<String> {
    Some(text.split_once('[')?.1.split_once(']')?.0.to_owned())
}

fn kilobytes(text: &str) -> Option<u64> {
    Some(text.strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_from_what_the_kernel_writes() {
        let cpuinfo = "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu hypervisor\n";
        assert_eq!(line(cpuinfo, "model name").as_deref(), Some("A Processor"));
        assert_eq!(line(cpuinfo, "nothing"), None);
        assert_eq!(chosen("always [madvise] never").as_deref(), Some("madvise"));
        assert_eq!(kilobytes("24681 kB"), Some(25_273_344));
    }

    #[test]
    fn this_machine_has_a_kernel_and_a_processor() {
        let here = Environment::here();
        assert!(!here.kernel.is_empty() && !here.arch.is_empty() && here.cpus >= 1);
    }
}

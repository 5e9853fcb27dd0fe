//! Which file of `prebuilds/` is loaded: by the rules of `node-gyp-build` 4, which packages use that hold binaries of several
//! platforms. Its idea of the C library is its own: musl where there is `/etc/alpine-release`, glibc everywhere else.

use super::platform::Platform;

/// What a file's name says.
#[derive(Clone, Debug, Default)]
struct Tags<'a> {
    runtime: Option<&'a str>,
    napi: bool,
    abi: Option<&'a str>,
    libc: Option<&'a str>,
    uv: Option<&'a str>,
    armv: Option<&'a str>,
    specificity: u32,
}

/// The file that is loaded, if any of these fits.
pub fn chosen<'a>(members: &'a [String], platform: &Platform) -> Option<&'a str> {
    let tuples = members.iter().filter_map(|member| {
        let (tuple, file) = member.strip_prefix("prebuilds/")?.split_once('/')?;
        Some((architectures(tuple, platform)?, tuple, file, member.as_str()))
    });
    let tuples: Vec<_> = tuples.collect();
    let (_, tuple) = tuples.iter().map(|(count, tuple, ..)| (*count, *tuple)).min()?;
    let files = tuples.iter().filter(|(_, of, file, _)| *of == tuple && !file.contains('/'));
    let fitting = files.filter_map(|(.., file, member)| {
        let tags = Tags::parse(file)?;
        tags.fits(platform)
            .then(|| ((tags.runtime.is_none(), tags.abi.is_none(), u32::MAX - tags.specificity), *member))
    });
    fitting.min_by_key(|(order, _)| *order).map(|(_, member)| member)
}

/// How many architectures a folder is for, if this platform's is among them: `linux-x64`, `darwin-x64+arm64`.
fn architectures(tuple: &str, platform: &Platform) -> Option<usize> {
    let (system, architectures) = tuple.split_once('-')?;
    let architectures: Vec<_> = architectures.split('+').collect();
    (system == "linux" && architectures.contains(&platform.cpu)).then_some(architectures.len())
}

impl<'a> Tags<'a> {
    fn parse(file: &'a str) -> Option<Self> {
        let mut tags = Self::default();
        for tag in file.strip_suffix(".node")?.split('.') {
            match tag {
                "node" | "electron" | "node-webkit" => tags.runtime = Some(tag),
                "napi" => tags.napi = true,
                "glibc" | "musl" => tags.libc = Some(tag),
                _ if tag.starts_with("abi") => tags.abi = Some(&tag[3..]),
                _ if tag.starts_with("uv") => tags.uv = Some(&tag[2..]),
                _ if tag.starts_with("armv") => tags.armv = Some(&tag[4..]),
                _ => continue,
            }
            tags.specificity += 1;
        }
        Some(tags)
    }

    fn fits(&self, platform: &Platform) -> bool {
        let modules = platform.node.and_then(|node| node.modules()).map(|modules| modules.to_string());
        let libc = if platform.alpine { "musl" } else { "glibc" };
        let is = |tag: Option<&str>, value: &str| tag.is_none_or(|tag| tag == value);
        is(self.runtime, "node")
            && (self.napi || self.abi.is_none_or(|abi| modules.as_deref() == Some(abi)))
            && is(self.libc, libc)
            && (platform.cpu == "arm" || is(self.armv, if platform.cpu == "arm64" { "8" } else { "" }))
            // libuv 1 is that of every Node that can be meant.
            && is(self.uv, "1")
    }
}

#[cfg(test)]
mod tests {
    use super::super::platform::tests::platform;
    use super::*;
    use crate::image::Family;

    fn chosen_of(names: &[&str], platform: &Platform) -> Option<String> {
        let members: Vec<_> = names.iter().map(|name| format!("prebuilds/{name}")).collect();
        chosen(&members, platform).map(str::to_owned)
    }

    #[test]
    fn the_file_is_the_one_that_the_loader_takes() {
        let (glibc, alpine) = (platform(Family::Glibc, false), platform(Family::Musl, true));
        let both =
            ["linux-arm64/a.armv8.glibc.node", "linux-x64/a.musl.node", "linux-x64/a.glibc.node", "win32-x64/a.node"];
        assert_eq!(chosen_of(&both, &glibc).as_deref(), Some("prebuilds/linux-x64/a.glibc.node"));
        assert_eq!(chosen_of(&both, &alpine).as_deref(), Some("prebuilds/linux-x64/a.musl.node"));
        let musl_elsewhere = platform(Family::Musl, false);
        assert_eq!(chosen_of(&both, &musl_elsewhere).as_deref(), Some("prebuilds/linux-x64/a.glibc.node"));
        let plain = ["linux-x64/a.musl.node", "linux-x64/a.node"];
        assert_eq!(chosen_of(&plain, &glibc).as_deref(), Some("prebuilds/linux-x64/a.node"));
        assert_eq!(chosen_of(&plain, &alpine).as_deref(), Some("prebuilds/linux-x64/a.musl.node"));
        let napi = ["linux-x64/node.napi.node", "linux-x64/electron.napi.node", "linux-x64/node.abi115.node"];
        assert_eq!(chosen_of(&napi, &glibc).as_deref(), Some("prebuilds/linux-x64/node.abi115.node"));
        assert_eq!(chosen_of(&["linux-x64/node.abi108.node"], &glibc), None);
        assert_eq!(chosen_of(&["darwin-x64+arm64/node.napi.node"], &glibc), None);
        assert_eq!(
            chosen_of(&["linux-x64+arm64/b.node", "linux-x64/a.node"], &glibc).as_deref(),
            Some("prebuilds/linux-x64/a.node")
        );
        let arm = Platform { cpu: "arm64", arch: "aarch64".into(), ..glibc };
        assert_eq!(chosen_of(&both, &arm).as_deref(), Some("prebuilds/linux-arm64/a.armv8.glibc.node"));
    }
}

//! Platforms: which of an image's variants is meant, as `--platform` and an index's entries name them.

use std::{fmt, str::FromStr};

use crate::image::arch::Arch;

/// An architecture of linux, and perhaps a variant of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    arch: String,
    variant: Option<String>,
}

impl Platform {
    /// This machine's, in its plainest variant.
    pub fn native() -> Self {
        Self { arch: Arch::native().oci.into(), variant: None }
    }

    /// Whether an index's entry for `os`, `arch` and `variant` (empty for none) can be meant.
    pub(crate) fn fits(&self, os: &str, arch: &str, variant: &str) -> bool {
        let wanted = self.variant.as_deref();
        os == "linux" && arch == self.arch && wanted.is_none_or(|wanted| wanted == plain(arch, variant))
    }
}

/// The variant that an architecture has by itself is the same as none.
fn plain<'a>(arch: &str, variant: &'a str) -> &'a str {
    match (arch, variant) {
        ("arm64", "") => "v8",
        ("arm", "") => "v7",
        ("amd64", "") => "v1",
        _ => variant,
    }
}

impl FromStr for Platform {
    type Err = String;

    /// Reads `OS/ARCH`, `OS/ARCH/VARIANT` or `ARCH`; the names that the kernel has for architectures are taken too.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        let (os, arch, variant) = match parts.as_slice() {
            [arch] => ("linux", *arch, None),
            [os, arch] => (*os, *arch, None),
            [os, arch, variant] => (*os, *arch, Some((*variant).to_owned())),
            _ => return Err(format!("`{text}` is no platform, which is like linux/amd64 or linux/arm/v7")),
        };
        if os != "linux" {
            return Err(format!("`{os}` is not linux, and other systems have no C library that is asked here"));
        }
        let known = Arch::all().iter().find(|known| known.oci == arch || known.name == arch);
        let arch = known.map(|known| known.oci).ok_or_else(|| {
            let names: Vec<_> = Arch::all().iter().map(|arch| arch.oci).collect();
            format!("there is no architecture `{arch}`; known are {}", names.join(", "))
        })?;
        if variant
            .as_deref()
            .is_some_and(|variant| variant.is_empty() || !variant.bytes().all(|c| c.is_ascii_alphanumeric()))
        {
            return Err(format!("`{text}` ends in no variant, which is like v7"));
        }
        Ok(Self { arch: arch.into(), variant })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "linux/{}", self.arch)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_by_either_name() {
        for (text, full) in [
            ("linux/amd64", "linux/amd64"),
            ("x86_64", "linux/amd64"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm/v7", "linux/arm/v7"),
        ] {
            assert_eq!(text.parse::<Platform>().expect(text).to_string(), full);
        }
        for text in ["windows/amd64", "linux/vax", "linux/amd64/v2/x", "", "linux/arm/"] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_variant_counts_where_it_is_asked_for() {
        let fits = |wanted: &str, variant| wanted.parse::<Platform>().expect(wanted).fits("linux", "amd64", variant);
        assert!(fits("amd64", "") && fits("amd64", "v3") && fits("linux/amd64/v1", "") && fits("linux/amd64/v3", "v3"));
        assert!(!fits("linux/amd64/v3", "") && !fits("linux/amd64/v1", "v2") && !fits("arm64", ""));
    }
}

//! What `libcdiff --version` says: how this program was built, and what it carries. A report of a mistake begins with it.
//!
//! Nothing here tells where it was built.

use std::fmt::Write;
use std::sync::OnceLock;

use crate::bundle;
use crate::runfile::FlavourInfo;

/// The commit that this was built from, where whoever built it said so: `make dist` does.
const COMMIT: Option<&str> = option_env!("LIBCDIFF_COMMIT");

/// The version, and the facts of the build, a line for each.
pub fn long() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let own = format!(
            "{}\ncommit       {}\ntarget       {}\ncompiler     {}\n",
            env!("CARGO_PKG_VERSION"),
            COMMIT.filter(|commit| !commit.is_empty()).unwrap_or("not known to this build"),
            env!("LIBCDIFF_TARGET"),
            env!("LIBCDIFF_RUSTC"),
        );
        match carried() {
            Ok(text) => own + &text,
            Err(error) => format!("{own}programs     {error}"),
        }
    })
}

/// The programs that go into images, flavour by flavour and machine by machine.
fn carried() -> Result<String, bundle::BundleError> {
    let mut text = format!("programs for {}", bundle::machines().collect::<Vec<_>>().join(", "));
    for arch in bundle::machines() {
        for flavour in bundle::flavours_for(arch)? {
            let of = flavour.arch.as_ref().map(|arch| format!(" ({arch})")).unwrap_or_default();
            let _ = write!(text, "\n{:12} {}", format!("{}{of}", flavour.name), built(&flavour));
        }
    }
    let allocators = bundle::allocators()?;
    let named: Vec<_> = allocators.into_iter().map(|(name, version)| format!("{name} {version}")).collect();
    if !named.is_empty() {
        let _ = write!(text, "\nallocators   {}", named.join(", "));
    }
    Ok(text)
}

/// How a flavour was built, and which C library it needs or has inside.
fn built(flavour: &FlavourInfo) -> String {
    let mut text = flavour.toolchain.clone();
    if let Some(floor) = &flavour.floor {
        let _ = write!(text, "; glibc {floor} or newer");
    }
    if let Some(libc) = &flavour.libc {
        let _ = write!(text, "; {} {} inside", libc.family, libc.version);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_says_what_is_inside_and_not_where_it_was_built() {
        let text = long();
        let first = text.lines().next();
        assert_eq!(first, Some(env!("CARGO_PKG_VERSION")));
        for fact in [
            "target       ",
            "compiler     rustc ",
            "glibc 2.17 or newer",
            "musl 1.",
            " inside",
            "gnu ",
            "musl-static ",
        ] {
            assert!(text.contains(fact), "no `{fact}` in {text}");
        }
        assert!(text.contains(&format!("programs for {}", std::env::consts::ARCH)), "{text}");
        assert!(
            !text.contains(env!("CARGO_MANIFEST_DIR")) && !text.contains("/home") && !text.contains("/root"),
            "{text}"
        );
    }
}

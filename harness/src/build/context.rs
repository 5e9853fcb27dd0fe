//! The context of a build: what of a folder goes to the builder, as its own command sends it, with the Dockerfile that was made of
//! the user's. That one, and a `.dockerignore` which the folder did not have, are hidden from `COPY`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ignore::Ignore;
use crate::engine::Packer;

/// What the Dockerfile is called in the context.
pub const DOCKERFILE: &str = ".libcdiff.Dockerfile";
/// What says what does not go.
const IGNORE: &str = ".dockerignore";

/// A context, as a tar in a temporary file.
pub struct Context {
    file: tempfile::NamedTempFile,
}

impl Context {
    /// Packs a folder, with this Dockerfile.
    ///
    /// # Errors
    /// What cannot be read, with its path.
    pub fn pack(folder: &Path, dockerfile: &str) -> io::Result<Self> {
        let own = match fs::read_to_string(folder.join(IGNORE)) {
            Ok(text) => Some(text),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(io::Error::new(e.kind(), format!("{}: {e}", folder.join(IGNORE).display()))),
        };
        let file = tempfile::Builder::new().prefix("libcdiff-context").tempfile()?;
        write(folder, dockerfile, own.as_deref(), io::BufWriter::new(file.as_file()))?;
        Ok(Self { file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

fn write(folder: &Path, dockerfile: &str, own: Option<&str>, to: impl io::Write) -> io::Result<()> {
    let ignore = Ignore::parse(own.unwrap_or_default());
    let root = folder.to_owned();
    let goes = move |path: &Path| {
        let name = path.strip_prefix(&root).unwrap_or(path);
        if name == Path::new(IGNORE) || name == Path::new(DOCKERFILE) {
            return false;
        }
        // A folder that is left out may hold what is taken back in.
        !ignore.leaves_out(name) || (ignore.takes_back(name) && path.is_dir() && !path.is_symlink())
    };
    let mut tar = Packer::new(to, &goes);
    tar.entries(folder, &PathBuf::new())?;
    tar.text(dockerfile, Path::new(DOCKERFILE))?;
    // The builder hides what this names, itself among it, and reads it for nothing else.
    let hidden = if own.is_some() { "" } else { IGNORE };
    tar.text(&format!("{}\n{hidden}\n{DOCKERFILE}\n", own.unwrap_or_default()), Path::new(IGNORE))?;
    io::Write::flush(&mut tar.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_folder_goes_but_for_what_is_ignored_and_the_dockerfile_comes_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            fs::write(path, name).expect("writable");
        };
        ["Dockerfile", "a/b", "a/keep", "out/x", "x.log"].into_iter().for_each(file);
        let names = |context: &Context| {
            let mut archive = tar::Archive::new(fs::File::open(context.path()).expect("readable"));
            let entries = archive.entries().expect("a tar").map(|entry| {
                let mut entry = entry.expect("whole");
                let mut text = String::new();
                entry.read_to_string(&mut text).expect("text");
                (entry.path().expect("a name").display().to_string(), text)
            });
            entries.collect::<std::collections::BTreeMap<_, _>>()
        };
        let all = names(&Context::pack(folder.path(), "FROM x\n").expect("packed"));
        assert_eq!(all.len(), 9, "{all:?}");
        assert_eq!(all[DOCKERFILE], "FROM x\n");
        assert_eq!(all[IGNORE], "\n.dockerignore\n.libcdiff.Dockerfile\n");
        fs::write(folder.path().join(IGNORE), "out\n**/*.log\na\n!a/keep").expect("writable");
        let some = names(&Context::pack(folder.path(), "FROM x\n").expect("packed"));
        let found: Vec<&str> = some.keys().map(String::as_str).collect();
        assert_eq!(found, [IGNORE, DOCKERFILE, "Dockerfile", "a", "a/keep"]);
        assert_eq!(some[IGNORE], "out\n**/*.log\na\n!a/keep\n\n.libcdiff.Dockerfile\n");
    }
}

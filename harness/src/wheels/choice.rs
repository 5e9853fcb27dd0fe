//! Which file of a package is taken: the wheel whose tag comes first, else its source.

use super::answer::{File, Verdict};
use super::lock::{Artifact, Locked};
use super::tags::WheelName;

/// What is taken, and the tag of a wheel.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Wheel, source, or nothing.
    pub verdict: Verdict,
    /// The file; none where nothing fits, and of repositories and folders.
    pub file: Option<File>,
    /// Where source comes from, if it can be fetched.
    pub url: Option<String>,
}

impl Choice {
    /// The choice among a package's files for these tags, of which the first is the best.
    pub fn of(package: &Locked, tags: &[String]) -> Self {
        let mut wheels: Vec<&Artifact> = package.wheels.iter().collect();
        let mut source = package.sdist.as_ref();
        if let Some(archive) = &package.archive {
            match archive.file().ends_with(".whl") {
                true => wheels.push(archive),
                false => source = Some(archive),
            }
        }
        let fitting = wheels.iter().filter_map(|wheel| {
            let name = WheelName::parse(&wheel.file())?;
            let (place, tag) = name.best(tags)?;
            Some(((place, std::cmp::Reverse(name.build)), *wheel, tag))
        });
        if let Some((_, wheel, tag)) = fitting.min_by(|one, other| one.0.cmp(&other.0)) {
            return Self { verdict: Verdict::Wheel, file: Some(File::of(wheel, Some(tag))), url: wheel.url.clone() };
        }
        match source {
            Some(source) => {
                let url = source.url.clone().or_else(|| source.path.as_ref().map(|path| format!("file://{path}")));
                Self { verdict: Verdict::Source, file: Some(File::of(source, None)), url }
            }
            None if package.vcs.is_some() || package.directory.is_some() => {
                Self { verdict: Verdict::Source, file: None, url: None }
            }
            None => Self { verdict: Verdict::Nothing, file: None, url: None },
        }
    }
}

impl File {
    fn of(artifact: &Artifact, tag: Option<&str>) -> Self {
        Self { name: artifact.file(), tag: tag.map(str::to_owned), bytes: artifact.size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Artifact {
        Artifact { url: Some(format!("http://127.0.0.1/{name}#sha256=0")), size: Some(1), ..Artifact::default() }
    }

    #[test]
    fn the_best_tag_is_taken_then_the_highest_build_then_source() {
        let tags = ["cp312-cp312-musllinux_1_2_x86_64".to_owned(), "py3-none-any".to_owned()];
        let mut package = Locked { name: "a".into(), ..Locked::default() };
        assert_eq!(Choice::of(&package, &tags).verdict, Verdict::Nothing);
        package.sdist = Some(file("a-1.tar.gz"));
        package.wheels = vec![file("a-1-cp312-cp312-manylinux_2_17_x86_64.whl")];
        assert_eq!(Choice::of(&package, &tags).verdict, Verdict::Source);
        package.wheels.extend(["a-1-py3-none-any.whl", "a-1-2-py3-none-any.whl", "a-1-10-py3-none-any.whl"].map(file));
        let taken = Choice::of(&package, &tags).file.map(|file| file.name);
        assert_eq!(taken.as_deref(), Some("a-1-10-py3-none-any.whl"));
        package.wheels.push(file("a-1%2Bx-cp312-cp312-musllinux_1_2_x86_64.whl"));
        let taken = Choice::of(&package, &tags).file.map(|file| file.name);
        assert_eq!(taken.as_deref(), Some("a-1+x-cp312-cp312-musllinux_1_2_x86_64.whl"));
    }
}

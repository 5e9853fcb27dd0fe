//! Subjects: images crossed with flavours and allocators. The first one is the baseline, and it stands in once more under
//! another name: the A/A pair, which shows what chance can do.
//!
//! What does not apply (an image without the flavour's C library, an allocator that the flavour cannot take) is dropped
//! with the reason, never silently.

use libcdiff_protocol::Flavour;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::allocator::Allocator;
use crate::compare::own_flavour;
use crate::plan::obstacle;
use crate::runfile::Image;

/// An image with a flavour and an allocator.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Subject {
    /// Its name in the file; unique in it.
    pub id: String,
    /// The image's id.
    pub image: String,
    /// How its program was built.
    pub flavour: Flavour,
    /// What stands behind malloc.
    pub allocator: Allocator,
    /// What it is there for.
    pub role: Role,
}

/// What a subject is there for.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the others are compared with.
    Baseline,
    /// The baseline once more: what it differs by is noise.
    Twin,
    /// What is compared with the baseline.
    Other,
}

/// A subject that cannot be measured.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
pub struct Dropped {
    /// What it would have been.
    pub subject: String,
    /// Why it is not.
    pub reason: String,
}

/// The subjects of a run, the baseline first and its twin second, and what was dropped.
pub fn cross(images: &[Image], flavours: &[Flavour], allocators: &[Allocator]) -> (Vec<Subject>, Vec<Dropped>) {
    let (mut subjects, mut dropped): (Vec<Subject>, Vec<Dropped>) = Default::default();
    for image in images {
        let own = [own_flavour(image)];
        for &flavour in if flavours.is_empty() { &own[..] } else { flavours } {
            for allocator in allocators {
                let id = name(image, flavour, flavours.len() > 1, allocator);
                match unfit(image, flavour, flavours, allocator) {
                    Some(reason) => dropped.push(Dropped { subject: id, reason }),
                    None if subjects.iter().any(|s| s.id == id) => {}
                    None => subjects.push(Subject {
                        id,
                        image: image.id.clone(),
                        flavour,
                        allocator: allocator.clone(),
                        role: Role::Other,
                    }),
                }
            }
        }
    }
    if let Some(first) = subjects.first_mut() {
        first.role = Role::Baseline;
        let twin = Subject { id: format!("{} (again)", first.id), role: Role::Twin, ..first.clone() };
        subjects.insert(1, twin);
    }
    (subjects, dropped)
}

fn name(image: &Image, flavour: Flavour, several: bool, allocator: &Allocator) -> String {
    let flavour = if several || flavour != own_flavour(image) { format!("/{flavour}") } else { String::new() };
    let allocator = if allocator.is_system() { String::new() } else { format!("+{allocator}") };
    format!("{}{flavour}{allocator}", image.id)
}

fn unfit(image: &Image, flavour: Flavour, asked: &[Flavour], allocator: &Allocator) -> Option<String> {
    if flavour == Flavour::Reference {
        return Some("the reference programs ask no C library, and have no workloads".into());
    }
    // A static program runs anywhere, and says nothing of an image that has a C library of its own, or none.
    if asked.is_empty() && image.libcs.is_empty() {
        return Some(
            "the image has no C library, so that only a static program runs in it: ask for it by --flavour musl-static"
                .into(),
        );
    }
    obstacle(image, flavour).or_else(|| allocator.obstacle(image, flavour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::double::image;

    fn ids(subjects: &[Subject]) -> Vec<&str> {
        subjects.iter().map(|s| s.id.as_str()).collect()
    }

    #[test]
    fn each_image_runs_its_own_flavour_and_the_first_stands_in_twice() {
        let (subjects, dropped) = cross(&[image("a", "glibc"), image("b", "musl")], &[], &[Allocator::system()]);
        assert_eq!(ids(&subjects), ["a", "a (again)", "b"]);
        assert_eq!(subjects.iter().map(|s| s.role).collect::<Vec<_>>(), [Role::Baseline, Role::Twin, Role::Other]);
        assert_eq!(subjects[2].flavour, Flavour::Musl);
        assert!(dropped.is_empty());
    }

    #[test]
    fn flavours_are_crossed_and_what_cannot_run_is_dropped_with_the_reason() {
        let flavours = [Flavour::Musl, Flavour::MuslStatic];
        let (subjects, dropped) = cross(&[image("a", "glibc"), image("b", "musl")], &flavours, &[Allocator::system()]);
        assert_eq!(ids(&subjects), ["a/musl-static", "a/musl-static (again)", "b/musl", "b/musl-static"]);
        assert_eq!(dropped.len(), 1);
        assert!(dropped[0].reason.contains("has no musl"), "{dropped:?}");
    }

    #[test]
    fn an_image_without_a_c_library_is_dropped_unless_static_is_asked_for() {
        let mut bare = image("bare", "musl");
        (bare.libc, bare.libcs) = (None, Vec::new());
        let (subjects, dropped) = cross(&[bare.clone()], &[], &[Allocator::system()]);
        assert!(subjects.is_empty() && dropped[0].reason.contains("--flavour musl-static"), "{dropped:?}");
        assert_eq!(cross(&[bare], &[Flavour::MuslStatic], &[Allocator::system()]).0.len(), 2);
    }
}

//! What the images of a run answered to one case, equal answers together under one letter.

use crate::compare::own_flavour;
use crate::report::Model;
use crate::runfile::{Image, Observation};

/// Equal answers.
pub struct Answer<'a> {
    /// `A` for that of the first image, `B` for the next one that is new.
    pub letter: char,
    /// Who gave it.
    pub images: Vec<&'a Image>,
    /// The answer.
    pub text: String,
}

/// The answers of the images' own C libraries to one case.
pub struct Answers<'a>(pub Vec<Answer<'a>>);

impl<'a> Answers<'a> {
    /// Those of a case; empty where it did not run.
    pub fn of(model: &Model<'a>, case: &str) -> Self {
        let mut answers: Vec<Answer<'a>> = Vec::new();
        let run = model.run;
        let here: Vec<&Observation> = run.observations.iter().filter(|o| o.case == case).collect();
        for image in &run.images {
            let own = here.iter().find(|o| o.image == image.id && o.flavour == own_flavour(image));
            let Some(text) = own.map(|o| o.answer()) else { continue };
            match answers.iter_mut().find(|answer| answer.text == text) {
                Some(answer) => answer.images.push(image),
                None => {
                    let letter = char::from(b'A' + u8::try_from(answers.len() % 26).unwrap_or(0));
                    answers.push(Answer { letter, images: vec![image], text: text.into() });
                }
            }
        }
        Self(answers)
    }

    /// The answer of an image.
    pub fn by(&self, image: &Image) -> Option<&Answer<'a>> {
        self.0.iter().find(|answer| answer.images.iter().any(|other| other.id == image.id))
    }

    /// Whether there is more than one.
    pub fn differ(&self) -> bool {
        self.0.len() > 1
    }
}

/// Who answers in an image: its C library and version.
pub fn who(image: &Image) -> String {
    image.libc.as_ref().map_or_else(
        || image.id.clone(),
        |libc| format!("{} {}", libc.family, libc.version.as_deref().unwrap_or("of unknown version")),
    )
}

impl Answer<'_> {
    /// Everyone who gave it, by family: `glibc 2.31, 2.36; musl 1.2.5`.
    pub fn who(&self) -> String {
        let mut families: Vec<(String, Vec<String>)> = Vec::new();
        for image in &self.images {
            let who = who(image);
            let (family, version) = who.split_once(' ').unwrap_or((&who, ""));
            match families.iter_mut().find(|(known, _)| known == family) {
                Some((_, versions)) if versions.iter().any(|v| v == version) => {}
                Some((_, versions)) => versions.push(version.to_owned()),
                None => families.push((family.to_owned(), vec![version.to_owned()])),
            }
        }
        let family = |(family, versions): &(String, Vec<String>)| format!("{family} {}", versions.join(", "));
        families.iter().map(family).collect::<Vec<_>>().join("; ")
    }
}

//! What the article measured that this project began with (pythonspeed.com, "Using Alpine can make Python Docker builds 50× slower",
//! January 2020), and what has changed since.

use crate::image::Family;
use crate::wheels::answer::{Answer, Installed, Verdict};

/// One side of it.
pub struct Measured {
    /// The base image's distribution.
    pub name: &'static str,
    /// Seconds that the build took.
    pub seconds: u32,
    /// Megabytes of the image.
    pub megabytes: u32,
}

/// The same Dockerfile of two lines, which installs matplotlib and pandas by pip.
pub const MEASURED: [Measured; 2] = [
    Measured { name: "Debian", seconds: 30, megabytes: 363 },
    Measured { name: "Alpine", seconds: 1557, megabytes: 851 },
];

/// What it measured, in a sentence.
pub fn then() -> String {
    let [debian, alpine] = MEASURED;
    format!(
        "In January 2020 an article built one Dockerfile of two lines, pip install matplotlib pandas, on both families: {} s and {} MB \
         on {}, {} s and {} MB on {}. No wheel fitted musl, so everything was compiled.",
        thousands(debian.seconds),
        debian.megabytes,
        debian.name,
        thousands(alpine.seconds),
        alpine.megabytes,
        alpine.name,
    )
}

/// What has changed since, as far as it holds whatever is installed.
pub const SINCE: &str = "Since 2021 there are wheels for musl (musllinux, PEP 656), and pip takes them from 21.2 on. Where the packages \
                         that an image needs have one, the compiling is gone, and the image is as small as its base promises; where one \
                         of them has none, it is as it was.";

/// What wheels say of it today, or on their day; a sentence for each image with musl.
pub fn now(answers: &[Answer]) -> Vec<String> {
    let musl = |image: &&Installed| image.family == Family::Musl.to_string();
    let of = |answer: &Answer| -> Vec<String> {
        let when = answer.at.as_ref().map_or("Today".into(), |at| format!("On {at}"));
        answer.images.iter().filter(musl).map(|image| sentence(&when, image)).collect()
    };
    answers.iter().flat_map(of).collect()
}

fn sentence(when: &str, image: &Installed) -> String {
    let totals = &image.totals;
    let compiled = image.packages.iter().filter(|package| package.verdict != Verdict::Wheel);
    let compiled: Vec<&str> = compiled.map(|package| package.name.as_str()).collect();
    let mut text = format!(
        "{when} {} of {} packages install from a wheel in {} (Python {})",
        totals.wheels, totals.packages, image.image, image.python
    );
    match compiled.len() {
        0 => {}
        1..=8 => text += &format!("; not {}", compiled.join(", ")),
        many => text += &format!("; {many} do not"),
    }
    text + "."
}

fn thousands(number: u32) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", number / 1000, number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_s_figures_are_told_as_it_told_them() {
        let then = then();
        for words in ["30 s and 363 MB on Debian", "1,557 s and 851 MB on Alpine", "No wheel fitted"] {
            assert!(then.contains(words), "{then}");
        }
    }
}

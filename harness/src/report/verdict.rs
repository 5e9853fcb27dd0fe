//! What a run showed of a remedy, in words: where it works, where it does not and what is missing there, where it could
//! not be seen.

use crate::runfile::{Judged, Verdict};

/// Verdicts that say the same of several images.
#[derive(Debug, PartialEq)]
pub struct Shown {
    /// What they say.
    pub verdict: Verdict,
    /// The images.
    pub images: Vec<String>,
    /// What is missing, or why the case did not run.
    pub reason: Option<String>,
}

/// The verdicts on one remedy, equal ones together: what works first, what could not be seen last.
pub fn grouped<'a>(verdicts: impl IntoIterator<Item = &'a Judged>) -> Vec<Shown> {
    let mut groups: Vec<Shown> = Vec::new();
    for judged in verdicts {
        match groups.iter_mut().find(|g| g.verdict == judged.verdict && g.reason == judged.reason) {
            Some(group) => group.images.push(judged.image.clone()),
            None => groups.push(Shown {
                verdict: judged.verdict,
                images: vec![judged.image.clone()],
                reason: judged.reason.clone(),
            }),
        }
    }
    groups.sort_by_key(|group| group.verdict);
    groups
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.verdict {
            Verdict::Works => "works in ",
            Verdict::DoesNot => "does not work in ",
            Verdict::NotRun => "not run in ",
        })?;
        f.write_str(&self.images.join(", "))?;
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libcdiff_protocol::Flavour;

    fn judged(image: &str, verdict: Verdict, reason: Option<&str>) -> Judged {
        Judged {
            pitfall: "time.p".into(),
            remedy: 0,
            case: "time.remedy".into(),
            image: image.into(),
            flavour: Flavour::Musl,
            verdict,
            reason: reason.map(str::to_owned),
        }
    }

    #[test]
    fn images_with_one_verdict_stand_together() {
        let all = [
            judged("alpine-3.12", Verdict::DoesNot, Some("the line `a: 1` is missing")),
            judged("alpine-3.20", Verdict::Works, None),
            judged("debian-13-musl", Verdict::Works, None),
            judged("host", Verdict::NotRun, Some("its case was not selected")),
        ];
        let words: Vec<String> = grouped(&all).iter().map(Shown::to_string).collect();
        assert_eq!(
            words,
            [
                "works in alpine-3.20, debian-13-musl",
                "does not work in alpine-3.12: the line `a: 1` is missing",
                "not run in host: its case was not selected",
            ]
        );
    }
}

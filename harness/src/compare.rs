//! Compares observations: groups them by equal answers, and says where each difference comes from.
//!
//! What is compared. Over several images: for each image its *own* dynamic flavour (`gnu` in a glibc image, `musl` in a
//! musl one), and beside it `musl-static` with itself. A case differs when either of the two differs between images, so an
//! image against itself shows nothing however many flavours run. In one image alone, its flavours are compared.
//!
//! Attribution follows evidence, in this order: the same C library on another machine, or under emulation; the same files
//! under another kernel; the same C library over other files; the hermetic twin of an as-shipped case; `musl-static`, which
//! carries its C library along, as the control. `broke` observations, and what was set aside under emulation, say nothing
//! about a C library and are never compared; `reference` asks none and is only shown.

use std::collections::BTreeMap;

use libcdiff_protocol::{CaseInfo, Flavour, Inputs, Status};

use crate::machines::doubtful;
use crate::runfile::{Attribution, Difference, Group, Image, Observation};
use crate::text::Text;

/// One case's observations by where they were made.
struct Seen<'a> {
    images: &'a [Image],
    /// The version of the musl in the static probes.
    carried: Option<&'a str>,
    /// Place and observation, without broken ones and the reference.
    all: Vec<(usize, &'a Observation)>,
}

/// Every difference among the observations, in the order of `cases`. Pitfalls are joined later. `carried` is the version
/// of the musl in the static probes.
pub fn differences(
    cases: &[CaseInfo],
    images: &[Image],
    observations: &[Observation],
    carried: Option<&str>,
) -> Vec<Difference> {
    let mut by_case: BTreeMap<&str, Vec<(usize, &Observation)>> = BTreeMap::new();
    for (place, seen) in observations.iter().enumerate() {
        let aside = doubtful::is_aside(seen.status, seen.reason.as_deref());
        if seen.status != Status::Broke && seen.flavour != Flavour::Reference && !aside {
            by_case.entry(&seen.case).or_default().push((place, seen));
        }
    }
    let seen = |id: &str| by_case.get(id).map(|all| Seen { images, carried, all: all.clone() });
    cases
        .iter()
        .filter_map(|case| {
            let this = seen(&case.id)?;
            if !this.differs() {
                return None;
            }
            let twin = match case.inputs() {
                Inputs::AsShipped { twin: Some(twin) } => seen(twin).map(|t| (twin, t.differs())),
                _ => None,
            };
            let (attribution, evidence) = this.attribute(case, twin);
            Some(Difference { case: case.id.clone(), groups: this.groups(), attribution, evidence, pitfall: None })
        })
        .collect()
}

/// The dynamic flavour that asks an image's own C library; a static one where the image has none.
pub fn own_flavour(image: &Image) -> Flavour {
    match image.libc.as_ref().map(|libc| libc.family.as_str()) {
        Some("glibc") => Flavour::Gnu,
        Some("musl") => Flavour::Musl,
        _ => Flavour::MuslStatic,
    }
}

/// Whether one C library answered a case in two ways: the control, which is the same everywhere, or the images' own
/// flavours where their C libraries are of one version.
pub fn unsteady(images: &[Image], observations: &[Observation], case: &str) -> bool {
    let all = observations.iter().enumerate().filter(|(_, o)| o.case == case && o.status != Status::Broke).collect();
    let seen = Seen { images, carried: None, all };
    let own = seen.own();
    !alike(texts(&seen.control())) || seen.pair(&own, same_libc).is_some()
}

impl Seen<'_> {
    /// The answers of each image's own flavour, by image.
    fn own(&self) -> Vec<(&Image, Text)> {
        self.answers(own_flavour)
    }

    /// The answers of the control, by image.
    fn control(&self) -> Vec<(&Image, Text)> {
        self.answers(|_| Flavour::MuslStatic)
    }

    fn answers(&self, flavour: impl Fn(&Image) -> Flavour) -> Vec<(&Image, Text)> {
        self.images
            .iter()
            .filter_map(|image| {
                let (_, seen) = self.all.iter().find(|(_, s)| s.image == image.id && s.flavour == flavour(image))?;
                Some((image, seen.answer()))
            })
            .collect()
    }

    fn differs(&self) -> bool {
        match self.images {
            [_] => !alike(self.all.iter().map(|(_, seen)| seen.answer())),
            _ => !alike(texts(&self.own())) || !alike(texts(&self.control())),
        }
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (place, seen) in &self.all {
            let text = seen.answer();
            match groups.iter_mut().find(|group| group.text == text) {
                Some(group) => group.observations.push(*place),
                None => groups.push(Group { observations: vec![*place], text }),
            }
        }
        groups
    }

    fn attribute(&self, case: &CaseInfo, twin: Option<(&str, bool)>) -> (Attribution, String) {
        if let [image] = self.images {
            return self.attribute_within(image);
        }
        let own = self.own();
        let control = self.control();
        if let Some(found) = self.between_machines(&own, &control) {
            return found;
        }
        if let Some((a, b)) = self.pair(&own, |a, b| a.digest.is_some() && a.digest == b.digest && a.kernel != b.kernel)
        {
            let evidence = format!("the same files and program under Linux {} and {}", a.kernel, b.kernel);
            return (Attribution::Kernel, evidence);
        }
        if alike(texts(&own)) {
            return (
                Attribution::Image,
                "the images' own C libraries answer alike; the control, musl-static, does not".into(),
            );
        }
        if let Some((a, b)) = self.pair(&own, |a, b| a.libc.is_some() && same_libc(a, b)) {
            return (Attribution::Image, format!("{} and {} have the same C library", a.id, b.id));
        }
        if let Some((twin, differs)) = twin {
            return if differs {
                (Attribution::Libc, format!("with inputs of its own ({twin}) it differs too"))
            } else {
                (Attribution::Image, format!("with inputs of its own ({twin}) it does not differ"))
            };
        }
        let hermetic = case.inputs() == Inputs::Hermetic;
        match (control.len() > 1, alike(texts(&control))) {
            (true, false) => (Attribution::Image, "the control, musl-static, differs between the images too".into()),
            (true, true) => (Attribution::Libc, "the control, musl-static, answers alike in every image".into()),
            (false, _) if hermetic => (Attribution::Libc, "every input came with the case".into()),
            (false, _) => (Attribution::Image, "it looks at the image's own files, and no control ran".into()),
        }
    }

    /// Images for several machines, or of which some are emulated: that is behind a difference which the same C library
    /// shows too, the images' own where they hold one version, or else the control. A control that differs between images
    /// for one machine shows their files, and one that could not ask (no shell in the image) shows nothing.
    fn between_machines(&self, own: &[(&Image, Text)], control: &[(&Image, Text)]) -> Option<(Attribution, String)> {
        let apart = |a: &Image, b: &Image| machine(a) != machine(b);
        if let Some((a, b)) = self.pair(own, |a, b| apart(a, b) && same_libc(a, b)) {
            let evidence =
                format!("{} and {} have the same C library, on {} and on {}", a.id, b.id, machine(a), machine(b));
            return Some((Attribution::Machine, evidence));
        }
        let asked = |a: &Image| {
            self.all.iter().any(|(_, s)| s.image == a.id && is_control(s) && s.status != Status::Unsupported)
        };
        let control: Vec<_> = control.iter().filter(|(image, _)| asked(image)).cloned().collect();
        if self.pair(&control, |a, b| !apart(a, b)).is_some() {
            return None;
        }
        let (a, b) = self.pair(&control, apart)?;
        let evidence = format!("the control, musl-static, differs between {} and {} too", machine(a), machine(b));
        Some((Attribution::Machine, evidence))
    }

    /// The flavours of one image: linking alone is to blame where they hold the same C library.
    fn attribute_within(&self, image: &Image) -> (Attribution, String) {
        let dynamic =
            image.libc.as_ref().filter(|_| own_flavour(image) == Flavour::Musl).and_then(|l| l.version.as_deref());
        match self.carried {
            Some(carried) if dynamic == Some(carried) => {
                (Attribution::Flavour, format!("both hold musl {carried}; only how the program was linked differs"))
            }
            _ => (Attribution::Libc, format!("the flavours that ran in {} hold different C libraries", image.id)),
        }
    }

    /// Two images of this relation whose own answers differ.
    fn pair<'b>(
        &self,
        own: &[(&'b Image, Text)],
        related: impl Fn(&Image, &Image) -> bool,
    ) -> Option<(&'b Image, &'b Image)> {
        own.iter().enumerate().find_map(|(i, (a, answer))| {
            let (b, _) = own[i + 1..].iter().find(|(b, other)| related(a, b) && answer != other)?;
            Some((*a, *b))
        })
    }
}

fn is_control(seen: &Observation) -> bool {
    seen.flavour == Flavour::MuslStatic
}

/// What runs an image's programs, in words.
fn machine(image: &Image) -> String {
    match &image.emulated_by {
        Some(emulator) => format!("{} ({emulator})", image.arch),
        None => image.arch.clone(),
    }
}

/// Whether two images hold the same C library, as far as can be told from its version.
fn same_libc(a: &Image, b: &Image) -> bool {
    match (&a.libc, &b.libc) {
        (Some(a), Some(b)) => a.family == b.family && a.version == b.version && a.version.is_some(),
        _ => false,
    }
}

fn texts<'a>(answers: &'a [(&Image, Text)]) -> impl Iterator<Item = &'a Text> {
    answers.iter().map(|(_, text)| text)
}

fn alike<T: PartialEq>(mut texts: impl Iterator<Item = T>) -> bool {
    let first = texts.next();
    texts.all(|text| Some(text) == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runfile::{Libc, Os, Size};
    use Flavour::{Gnu, Musl, MuslStatic, Reference};

    fn image(id: &str, family: &str, version: &str) -> Image {
        let libc = Libc { family: family.into(), version: Some(version.into()), interpreter: "/lib/ld".into() };
        Image {
            id: id.into(),
            reference: id.into(),
            digest: Some(format!("sha256:{id}")),
            os: Os::default(),
            libc: Some(libc.clone()),
            libcs: vec![libc],
            size: Size::default(),
            kernel: "6.1".into(),
            confinement: None,
            arch: "x86_64".into(),
            emulated_by: None,
        }
    }

    fn case(id: &str, needs: &str) -> CaseInfo {
        serde_json::from_str(&format!(r#"{{"id":"{id}","title":"t","question":"q?","source":"s","needs":{needs}}}"#))
            .expect("a case")
    }

    fn said(case: &str, image: &str, flavour: Flavour, text: &str) -> Observation {
        Observation {
            case: case.into(),
            area: "time".into(),
            image: image.into(),
            flavour,
            status: Status::Described,
            signal: None,
            reason: None,
            text: text.into(),
            values: Default::default(),
            wire: None,
            elapsed_ms: 1,
        }
    }

    fn pair() -> [Image; 2] {
        [image("d", "glibc", "2.41"), image("m", "musl", "1.2.5")]
    }

    /// The attribution of the only difference, or `None` where there is no difference.
    fn attribution(needs: &str, images: &[Image], seen: &[Observation]) -> Option<Attribution> {
        let found = differences(&[case("time.x", needs), case("time.twin", "{}")], images, seen, Some("1.2.5"));
        found.iter().find(|d| d.case == "time.x").map(|d| d.attribution)
    }

    #[test]
    fn equal_answers_are_no_difference_whatever_the_control_says() {
        let seen = [
            said("time.x", "d", Gnu, "1"),
            said("time.x", "d", MuslStatic, "2"),
            said("time.x", "m", Musl, "1"),
            said("time.x", "m", MuslStatic, "2"),
            said("time.x", "m", Reference, "3"),
        ];
        assert_eq!(attribution("{}", &pair(), &seen), None);
    }

    #[test]
    fn a_control_that_answers_alike_points_at_the_libc() {
        let seen = [
            said("time.x", "d", Gnu, "1"),
            said("time.x", "d", MuslStatic, "2"),
            said("time.x", "m", Musl, "2"),
            said("time.x", "m", MuslStatic, "2"),
        ];
        let found = differences(&[case("time.x", "{}")], &pair(), &seen, None);
        assert_eq!(found[0].attribution, Attribution::Libc);
        let groups: Vec<_> = found[0].groups.iter().map(|g| (g.text.as_str(), g.observations.as_slice())).collect();
        assert_eq!(groups, [("1", &[0][..]), ("2", &[1, 2, 3][..])]);
    }

    #[test]
    fn a_control_that_differs_points_at_the_image() {
        let seen = [
            said("time.x", "d", Gnu, "CET"),
            said("time.x", "d", MuslStatic, "CET"),
            said("time.x", "m", Musl, "UTC"),
            said("time.x", "m", MuslStatic, "UTC"),
        ];
        assert_eq!(attribution(r#"{"as_shipped":true}"#, &pair(), &seen), Some(Attribution::Image));
    }

    #[test]
    fn a_hermetic_twin_decides_for_an_as_shipped_case() {
        let mut seen = vec![said("time.x", "d", Gnu, "CET"), said("time.x", "m", Musl, "UTC")];
        seen.extend([said("time.twin", "d", Gnu, "CET"), said("time.twin", "m", Musl, "CET")]);
        let needs = r#"{"as_shipped":true,"twin":"time.twin"}"#;
        assert_eq!(attribution(needs, &pair(), &seen), Some(Attribution::Image));
        seen[3].text = "UTC".into();
        assert_eq!(attribution(needs, &pair(), &seen), Some(Attribution::Libc));
    }

    #[test]
    fn the_same_libc_with_other_answers_is_the_image() {
        let images = [image("a", "musl", "1.2.5"), image("b", "musl", "1.2.5")];
        let seen = [said("time.x", "a", Musl, "1"), said("time.x", "b", Musl, "2")];
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Image));
    }

    #[test]
    fn the_same_files_under_another_kernel_is_the_kernel() {
        let mut images = [image("a", "musl", "1.2.5"), image("b", "musl", "1.2.5")];
        images[1].digest = images[0].digest.clone();
        images[1].kernel = "6.18".into();
        let seen = [said("time.x", "a", Musl, "1"), said("time.x", "b", Musl, "2")];
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Kernel));
    }

    #[test]
    fn the_same_libc_on_another_machine_is_the_machine() {
        let mut images = [image("a", "musl", "1.2.5"), image("b", "musl", "1.2.5")];
        images[1].arch = "aarch64".into();
        images[1].emulated_by = Some("qemu-aarch64 7.2".into());
        let seen = [said("time.x", "a", Musl, "1"), said("time.x", "b", Musl, "2")];
        let found = differences(&[case("time.x", "{}")], &images, &seen, None);
        assert_eq!(found[0].attribution, Attribution::Machine);
        assert!(found[0].evidence.ends_with("on x86_64 and on aarch64 (qemu-aarch64 7.2)"), "{}", found[0].evidence);
    }

    #[test]
    fn between_machines_the_control_tells_the_machine_from_the_libc() {
        let mut images = pair();
        images[1].arch = "aarch64".into();
        let mut seen = vec![said("time.x", "d", Gnu, "1"), said("time.x", "m", Musl, "2")];
        seen.extend([said("time.x", "d", MuslStatic, "2"), said("time.x", "m", MuslStatic, "2")]);
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Libc));
        seen[3].text = "3".into();
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Machine));
    }

    #[test]
    fn a_control_that_shows_the_images_files_says_nothing_of_the_machine() {
        let mut images = [image("d", "glibc", "2.41"), image("m", "musl", "1.2.5"), image("ma", "musl", "1.2.5")];
        images[2].arch = "aarch64".into();
        let mut seen =
            vec![said("time.x", "d", Gnu, "1"), said("time.x", "m", Musl, "2"), said("time.x", "ma", Musl, "2")];
        let control = |answers: [&str; 3]| {
            ["d", "m", "ma"]
                .into_iter()
                .zip(answers)
                .map(|(id, text)| said("time.x", id, MuslStatic, text))
                .collect::<Vec<_>>()
        };
        seen.extend(control(["1", "2", "2"]));
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Image));
        let mut two = vec![seen[0].clone(), seen[2].clone(), seen[3].clone(), seen[5].clone()];
        for seen in &mut two[2..] {
            seen.status = Status::Unsupported;
            seen.reason = Some(format!("no shell in {}", seen.image).into());
        }
        two[2].status = Status::Described;
        assert_eq!(attribution("{}", &[images[0].clone(), images[2].clone()], &two), Some(Attribution::Image));
    }

    #[test]
    fn flavours_of_one_image_are_compared_with_one_another() {
        let images = [image("m", "musl", "1.2.5")];
        let seen = [said("time.x", "m", Musl, "1"), said("time.x", "m", MuslStatic, "2")];
        assert_eq!(attribution("{}", &images, &seen), Some(Attribution::Flavour));
        let older = [image("m", "musl", "1.2.3")];
        assert_eq!(attribution("{}", &older, &seen), Some(Attribution::Libc));
    }

    #[test]
    fn one_libc_with_two_answers_is_unsteady() {
        let images = pair();
        let mut seen = vec![said("dns.x", "d", Gnu, "1"), said("dns.x", "m", Musl, "2")];
        seen.extend([said("dns.x", "d", MuslStatic, "2"), said("dns.x", "m", MuslStatic, "2")]);
        assert!(!unsteady(&images, &seen, "dns.x"));
        seen[3].text = "late".into();
        assert!(unsteady(&images, &seen, "dns.x"));
        let twice = [image("a", "musl", "1.2.5"), image("b", "musl", "1.2.5")];
        let seen = [said("dns.x", "a", Musl, "1"), said("dns.x", "b", Musl, "late")];
        assert!(unsteady(&twice, &seen, "dns.x"));
    }

    #[test]
    fn a_broken_probe_is_never_a_difference() {
        let mut seen = [said("time.x", "d", Gnu, "1"), said("time.x", "m", Musl, "")];
        seen[1].status = Status::Broke;
        assert_eq!(attribution("{}", &pair(), &seen), None);
    }

    #[test]
    fn what_means_nothing_under_emulation_is_never_a_difference() {
        let mut seen = [said("time.x", "d", Gnu, "1"), said("time.x", "m", Musl, "")];
        seen[1].status = Status::Unsupported;
        seen[1].reason = Some("under emulation: it has no such call".into());
        assert_eq!(attribution("{}", &pair(), &seen), None);
    }

    #[test]
    fn unsupported_is_an_answer_of_its_own() {
        let mut seen = [said("time.x", "d", Gnu, "1"), said("time.x", "m", Musl, "")];
        seen[1].status = Status::Unsupported;
        seen[1].reason = Some("no such function".into());
        assert_eq!(attribution("{}", &pair(), &seen), Some(Attribution::Libc));
    }
}

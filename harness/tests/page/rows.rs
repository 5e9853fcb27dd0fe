//! A case opened: by mouse and by keys, with what was asked and answered, the queries, the explanation and its remedies.

use libcdiff::pitfalls;

use crate::opened;

const FOCUSED: &str = "document.activeElement.closest('.case')?.id ?? ''";

#[test]
fn a_case_opens_by_mouse_and_tells_everything() {
    let Some(mut opened) = opened() else { return };
    let pitfalls = pitfalls::all().expect("pitfalls");
    let case = "threads.stack.default";
    let difference = opened.run.differences.iter().find(|d| d.case == case).expect("it differs");
    let pitfall = pitfalls.iter().find(|p| Some(&p.id) == difference.pitfall.as_ref()).expect("it is explained");
    let browser = &mut opened.browser;
    let row = format!("[id=\"case-{case}\"]");
    let open = format!("document.querySelector('{row}').open");
    assert_eq!(browser.eval(&open), false);
    browser.click(&format!("{row} > summary"));
    assert_eq!(browser.eval(&open), true);
    let text = browser.text(&format!("document.querySelector('{row}').innerText"));
    for o in opened.run.observations.iter().filter(|o| o.case == case) {
        assert!(text.contains(o.answer().trim()), "{} in {}:\n{text}", o.flavour, o.image);
    }
    assert!(text.contains(&pitfall.title), "{text}");
    for remedy in &pitfall.remedies {
        assert!(
            text.contains(&remedy.what.split_whitespace().collect::<Vec<_>>().join(" ")),
            "{}:\n{text}",
            remedy.what
        );
    }
    assert!(text.contains("works in debian-13-musl"), "what the run showed of its remedies: {text}");
    browser.click(&format!("{row} > summary"));
    assert_eq!(browser.eval(&open), false);

    // The link to the explanation leads there, and the address of a case opens it.
    browser.click(&format!("{row} > summary"));
    browser.click(&format!("{row} a"));
    let told = format!("[id=\"pitfall-{}\"]", pitfall.id);
    assert_eq!(browser.eval(&format!("document.querySelector('{told}').matches(':target')")), true);
    let url = format!("file://{}#case-{case}", opened.file().display());
    let browser = &mut opened.browser;
    browser.visit("about:blank");
    browser.visit(&url);
    assert_eq!(browser.eval(&open), true);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn keys_alone_are_enough() {
    let Some(mut opened) = opened() else { return };
    let shown: Vec<String> = opened
        .browser
        .texts("[...document.querySelectorAll('.case')].filter(e => !e.closest('[hidden]')).map(e => e.id)");
    let browser = &mut opened.browser;
    browser.press("/", 191);
    assert_eq!(browser.text("document.activeElement.name"), "words", "a slash leads to the search");
    browser.press("ArrowDown", 40);
    assert_eq!(browser.text(FOCUSED), shown[0]);
    browser.press("ArrowDown", 40);
    assert_eq!(browser.text(FOCUSED), shown[1]);
    browser.press("End", 35);
    assert_eq!(browser.text(FOCUSED), shown[shown.len() - 1]);
    browser.press("Home", 36);
    browser.press("ArrowUp", 38);
    assert_eq!(browser.text(FOCUSED), shown[0], "before the first there is none");
    let open = "document.activeElement.parentElement.open";
    for (key, code, state) in [("Enter", 13, true), ("ArrowLeft", 37, false), ("ArrowRight", 39, true)] {
        browser.press(key, code);
        assert_eq!(browser.eval(open), state, "{key}");
    }
    // What is seen has a frame around it.
    let frame = browser.text("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(frame, "solid");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn queries_stand_on_a_time_line() {
    let Some(mut opened) = opened() else { return };
    let run = &opened.run;
    let queries = |case: &str| -> usize {
        let own = |o: &&libcdiff::runfile::Observation| {
            let image = run.image(&o.image).expect("an image");
            o.case == case && o.flavour == libcdiff::compare::own_flavour(image)
        };
        run.observations.iter().filter(own).map(|o| o.queries().len()).sum()
    };
    let case = run.differences.iter().map(|d| d.case.as_str()).max_by_key(|case| queries(case)).expect("a difference");
    assert!(queries(case) > 2, "{case}");
    let (browser, row) = (&mut opened.browser, format!("[id=\"case-{case}\"]"));
    browser.size(1400, 900);
    browser.click(&format!("{row} > summary"));
    let marks = browser.eval(&format!(
        "[...document.querySelectorAll('{row} .wire li')].map(li => {{\n\
           const mark = li.querySelector('.bar i').getBoundingClientRect(), bar = li.querySelector('.bar').getBoundingClientRect();\n\
           return [mark.width > 0 && mark.height > 0, mark.right >= bar.left && mark.left <= bar.right, li.innerText !== ''] }})"
    ));
    let marks = marks.as_array().expect("marks").clone();
    assert_eq!(marks.len(), queries(case), "{case}: one for each query");
    assert!(marks.iter().all(|mark| *mark == serde_json::json!([true, true, true])), "{case}: {marks:?}");
    browser.picture("wire");
}

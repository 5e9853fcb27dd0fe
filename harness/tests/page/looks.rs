//! How it looks: on windows of every width, by day and by night, on paper, and to those who do not see it.

use serde_json::Value;

use crate::browser::Browser;
use crate::opened;

/// Widths that stand for a desk, a tablet and a telephone.
const SIZES: [(u32, u32); 3] = [(1400, 900), (800, 1000), (400, 800)];

/// What reaches beyond the window, and is not meant to be beyond it: an element with text whose own box is cut by nobody.
const BEYOND: &str = "(() => { const wide = document.documentElement.clientWidth;\n\
    const cut = e => { for (let at = e; at && at !== document.body; at = at.parentElement)\n\
      if (['hidden', 'auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return true; return false };\n\
    const out = [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.textContent.trim())\n\
      .filter(e => e.getBoundingClientRect().right > wide + 1 && !cut(e));\n\
    return [document.documentElement.scrollWidth > wide ? 'the page' : '', ...out.map(e => e.tagName + '.' + e.className)].filter(Boolean) })()";

/// Texts whose contrast with what is behind them is below that of WCAG's level AA, with both colours.
const FAINT: &str = "(() => {\n\
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);\n\
    const light = ([r, g, b]) => { const part = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;\n\
      return .2126 * part(r) + .7152 * part(g) + .0722 * part(b) };\n\
    const ground = e => { for (let at = e; at; at = at.parentElement) {\n\
      const c = parts(getComputedStyle(at).backgroundColor); if (c.length < 4 || c[3] === 1) return c.slice(0, 3);\n\
      if (c[3] > 0) throw new Error('a ground that shines through: ' + at.className) }\n\
      throw new Error('no ground') };\n\
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = []; let seen = 0;\n\
    for (let text; (text = texts.nextNode());) { const e = text.parentElement;\n\
      if (!text.data.trim() || !e.checkVisibility() || e.closest('svg, script, option')) continue;\n\
      const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))].sort((a, b) => b - a);\n\
      const style = getComputedStyle(e), big = parseFloat(style.fontSize) >= 24; seen += 1;\n\
      if ((a + .05) / (b + .05) < (big ? 3 : 4.5))\n\
        faint.push(`${e.tagName}.${e.className} ${style.color} on ${ground(e)}: ${((a + .05) / (b + .05)).toFixed(2)}`) }\n\
    return [seen, [...new Set(faint)]] })()";

fn open_some(browser: &mut Browser) {
    browser.eval("[...document.querySelectorAll('.area > .case')].forEach((each, n) => { each.open = n % 3 === 0 })");
    browser.eval("document.querySelectorAll('.agreeing, .pitfall details').forEach(each => { each.open = true })");
}

#[test]
fn it_fits_every_window() {
    let Some(mut opened) = opened() else { return };
    let browser = &mut opened.browser;
    for (width, height) in SIZES {
        browser.size(width, height);
        for scheme in ["light", "dark"] {
            browser.medium("screen", scheme);
            browser.eval("document.querySelectorAll('details').forEach(each => { each.open = false })");
            browser.eval("scrollTo(0, 0)");
            browser.picture(&format!("top-{width}-{scheme}"));
            browser.eval("document.getElementById('cost').scrollIntoView()");
            browser.picture(&format!("cost-{width}-{scheme}"));
            browser.eval("document.getElementById('cases').scrollIntoView()");
            open_some(browser);
            browser.picture(&format!("cases-{width}-{scheme}"));
            browser.eval("document.getElementById('pitfalls').scrollIntoView()");
            browser.picture(&format!("pitfalls-{width}-{scheme}"));
        }
        assert_eq!(browser.texts(BEYOND), [""; 0], "{width} wide");
    }
}

#[test]
fn every_text_stands_out_from_what_is_behind_it() {
    let Some(mut opened) = opened() else { return };
    let browser = &mut opened.browser;
    open_some(browser);
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        browser.medium("screen", scheme);
        let found = browser.eval(FAINT);
        assert!(found[0].as_u64().is_some_and(|seen| seen > 500), "{found}");
        assert_eq!(found[1], Value::Array(Vec::new()), "{scheme}");
        grounds.push(browser.text("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1], "night is not day");
}

#[test]
fn paper_holds_what_differs_and_no_filters() {
    let Some(mut opened) = opened() else { return };
    let run = &opened.run;
    let browser = &mut opened.browser;
    browser.medium("print", "light");
    browser.size(794, 1123);
    assert_eq!(browser.eval("document.getElementById('filters').checkVisibility()"), false);
    let mut shown = browser.texts(
        "[...document.querySelectorAll('.case .answers')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 0)\
         .map(e => e.closest('.case').id.slice(5))",
    );
    let mut differing: Vec<&str> = run.differences.iter().map(|d| d.case.as_str()).collect();
    shown.sort_unstable();
    differing.sort_unstable();
    assert_eq!(shown, differing, "what was asked and answered, of each case that differs");
    assert_eq!(browser.texts(BEYOND), [""; 0]);
    let paper = browser.call("Page.printToPDF", &serde_json::json!({"transferMode": "ReturnAsBase64"}));
    assert!(paper["data"].as_str().is_some_and(|data| data.starts_with("JVBERi")), "a PDF");
    browser.picture("paper");
}

/// What a bar shows is also said in words; bars are as long as their figures, in the order of the images.
#[test]
fn bars_say_what_they_show() {
    let Some(mut opened) = opened() else { return };
    let images: Vec<(String, u64)> =
        opened.run.images.iter().map(|i| (i.id.to_string(), i.size.unpacked_bytes.expect("a size"))).collect();
    let browser = &mut opened.browser;
    let told =
        browser.texts("[...document.querySelectorAll('#cost figure:first-of-type .told')].map(e => e.innerText)");
    assert_eq!(told.len(), images.len(), "{told:?}");
    for ((id, bytes), told) in images.iter().zip(&told) {
        assert!(told.contains(id) && told.contains(&libcdiff::anatomy::table::bytes(*bytes)), "{id}, {bytes}: {told}");
    }
    let widths = browser.eval(
        "[...document.querySelectorAll('#cost figure:first-of-type .track')]\
         .map(e => [...e.querySelectorAll('i')].reduce((sum, i) => sum + i.getBoundingClientRect().width, 0) / e.clientWidth)",
    );
    let most = images.iter().map(|(_, bytes)| *bytes).max().expect("images") as f64;
    for (at, (id, bytes)) in images.iter().enumerate() {
        let width = widths[at].as_f64().expect("a width");
        assert!((width - *bytes as f64 / most).abs() < 0.03, "{id}: {width} of {}", *bytes as f64 / most);
    }
    assert_eq!(
        browser.texts("[...document.querySelectorAll('#cost .track')].map(e => e.getAttribute('aria-hidden'))")[0],
        "true"
    );
    let article = browser.text("document.getElementById('cost').textContent");
    assert!(article.contains("1,557 s and 851 MB") && article.contains("PEP 656"), "{article}");
}

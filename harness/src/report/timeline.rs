//! Lanes drawn in a terminal: time runs down, one column for each image, so that a wait in one stands beside what the
//! other has done long ago.

use anstyle::Style;

use super::lanes::{Lane, Lanes, Mark, WAIT_MS};
use super::style::{BOLD, CYAN, DIM, GREEN, RED, YELLOW, line};

/// The narrowest drawing: one lane.
pub const LEAST: usize = TIME + NARROWEST;
/// Columns for the time.
const TIME: usize = 7;
/// The narrowest lane that can be read.
const NARROWEST: usize = 34;
/// Between two lanes.
const BETWEEN: usize = 2;

/// One place of the drawing.
#[derive(Clone, Default)]
struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }

    /// The text in exactly `width` columns.
    fn padded(&self, width: usize) -> String {
        let text = fit(&self.text, width);
        let blanks = " ".repeat(width - text.chars().count());
        format!("{}{text}{:#}{blanks}", self.style, self.style)
    }
}

/// A stretch in which things happen in some lane.
struct Moment {
    from_ms: u64,
    to_ms: u64,
}

/// Draws the lanes in this width, with at most `rows` rows where that leaves two marks for each moment.
pub fn render(lanes: &Lanes, width: usize, rows: usize) -> String {
    let fit = ((width - TIME + BETWEEN) / (NARROWEST + BETWEEN)).max(1);
    let mut out = String::new();
    for group in lanes.lanes.chunks(fit) {
        let count = group.len();
        let each = (width - TIME - BETWEEN * (count - 1)) / count;
        draw(&mut out, group, each, rows.saturating_sub(2));
    }
    legend(&mut out, lanes, width);
    out
}

fn draw(out: &mut String, lanes: &[Lane], width: usize, rows: usize) {
    let head = |text: &str, lane: &Lane| Cell::new(format!("{text}{}", lane.libc), BOLD);
    let names = lanes.iter().map(|lane| head(&format!("{}  ", lane.image), lane)).collect();
    row(out, Cell::default(), names, width);
    let moments = moments(lanes);
    // Few long moments are cut before many short ones.
    let most = (2..=rows.max(2)).rev().find(|most| height(lanes, &moments, *most) <= rows).unwrap_or(2);
    for (n, moment) in moments.iter().enumerate() {
        let columns: Vec<Vec<Cell>> = lanes.iter().map(|lane| self::moment(lane, moment, most, width)).collect();
        let time = Cell::new(seconds(moment.from_ms), DIM);
        self::rows(out, time, &columns, |lane| pending(&lanes[lane], moment.to_ms), width);
        if let Some(next) = moments.get(n + 1) {
            let columns: Vec<Vec<Cell>> = lanes.iter().map(|lane| pause(lane, moment, next)).collect();
            self::rows(out, Cell::default(), &columns, |_| Cell::default(), width);
        }
    }
}

/// The stretches in which some lane has a mark or its end.
fn moments(lanes: &[Lane]) -> Vec<Moment> {
    let mut times: Vec<u64> = lanes
        .iter()
        .flat_map(|lane| lane.marks.iter().map(|m| m.at_ms).chain(edges(lane)).chain([lane.end_ms]))
        .collect();
    times.sort_unstable();
    let mut moments: Vec<Moment> = Vec::new();
    for at_ms in times {
        match moments.last_mut() {
            Some(moment) if at_ms - moment.to_ms < WAIT_MS => moment.to_ms = at_ms,
            _ => moments.push(Moment { from_ms: at_ms, to_ms: at_ms }),
        }
    }
    moments
}

/// Where something ends after which a lane waits: a moment of it may be long.
fn edges(lane: &Lane) -> impl Iterator<Item = u64> {
    lane.waits.iter().map(|wait| wait.from_ms)
}

fn within(moment: &Moment, at_ms: u64) -> bool {
    (moment.from_ms..=moment.to_ms).contains(&at_ms)
}

/// Rows of the whole drawing, with at most `most` marks in a moment.
fn height(lanes: &[Lane], moments: &[Moment], most: usize) -> usize {
    let marks =
        moments.iter().map(|m| lanes.iter().map(|lane| moment(lane, m, most, NARROWEST).len()).max().unwrap_or(0));
    let pauses = moments.windows(2).map(|pair| long(&pair[0], &pair[1]));
    marks.chain(pauses).sum()
}

/// What one lane does in a moment.
fn moment(lane: &Lane, moment: &Moment, most: usize, width: usize) -> Vec<Cell> {
    let marks: Vec<&Mark> = lane.marks.iter().filter(|mark| within(moment, mark.at_ms)).collect();
    let shown = if marks.len() > most { most - 1 } else { marks.len() };
    let mut cells: Vec<Cell> = marks[..shown].iter().map(|mark| self::mark(mark, width)).collect();
    let more = marks.len() - shown;
    if more > 0 {
        cells.push(Cell::new(format!("● and {more} more"), DIM));
    }
    if within(moment, lane.end_ms) {
        let style = if lane.found { GREEN } else { RED };
        let after = format!(" after {}", lasting(lane.end_ms));
        let room = width.saturating_sub(after.chars().count() + 2);
        cells.push(Cell::new(format!("■ {}{after}", fit(&lane.result, room)), style));
    }
    cells
}

/// A query: transport as the sign, server, types, name, answer.
fn mark(mark: &Mark, width: usize) -> Cell {
    let sign = if mark.transport == "tcp" { '◆' } else { '●' };
    let start = format!("{sign} {} {} ", mark.server, mark.types.join("+"));
    let times = if mark.times > 1 { format!(" x{}", mark.times) } else { String::new() };
    let end = format!(" {}{times}", mark.rcode);
    let room = width.saturating_sub(start.chars().count() + end.chars().count()).max(6);
    let style = match mark.rcode.as_str() {
        "NOERROR" => GREEN,
        "NXDOMAIN" | "NODATA" => CYAN,
        _ => YELLOW,
    };
    Cell::new(format!("{start}{}{end}", fit(&mark.short, room)), style)
}

/// What stands in a lane behind its last mark of a moment, while others have more to show.
fn pending(lane: &Lane, at_ms: u64) -> Cell {
    if lane.end_ms > at_ms { Cell::new("┊", YELLOW) } else { Cell::default() }
}

/// What a lane does between two moments: it waits, or it is done.
fn pause(lane: &Lane, moment: &Moment, next: &Moment) -> Vec<Cell> {
    let rows = long(moment, next);
    if lane.end_ms <= moment.to_ms {
        return vec![Cell::default(); rows];
    }
    let mut cells = vec![Cell::new("┊", YELLOW); rows];
    if let Some(wait) = lane.waits.iter().find(|wait| within(moment, wait.from_ms)) {
        cells[rows / 2].text = format!("┊ waits {}", lasting(wait.to_ms - wait.from_ms));
    }
    cells
}

/// Rows for the time between two moments: more for a longer one.
fn long(moment: &Moment, next: &Moment) -> usize {
    match next.from_ms - moment.to_ms {
        0..1500 => 1,
        1500..3500 => 2,
        _ => 3,
    }
}

fn rows(out: &mut String, time: Cell, columns: &[Vec<Cell>], filler: impl Fn(usize) -> Cell, width: usize) {
    for n in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
        let time = if n == 0 { time.clone() } else { Cell::default() };
        let cells =
            columns.iter().enumerate().map(|(lane, cells)| cells.get(n).cloned().unwrap_or_else(|| filler(lane)));
        row(out, time, cells.collect(), width);
    }
}

fn row(out: &mut String, time: Cell, cells: Vec<Cell>, width: usize) {
    let mut text = time.padded(TIME);
    for (n, cell) in cells.iter().enumerate() {
        let gap = if n == 0 { "" } else { "  " };
        text.push_str(gap);
        text.push_str(&cell.padded(width));
    }
    line(out, format_args!("{}", text.trim_end()));
}

fn legend(out: &mut String, lanes: &Lanes, width: usize) {
    let marks = || lanes.lanes.iter().flat_map(|lane| &lane.marks);
    let mut words = vec!["● query by UDP".to_owned()];
    if marks().any(|mark| mark.transport == "tcp") {
        words.push("◆ by TCP".into());
    }
    words.extend(["┊ waits".to_owned(), "■ result".to_owned()]);
    let searched = marks().filter(|mark| mark.short.starts_with('+')).map(|mark| &mark.short).min_by_key(|s| s.len());
    if let (Some(short), Some(asked)) = (searched, &lanes.asked) {
        words.push(format!("{} = {asked}.{}", fit(short, 14), fit(&short[1..], 13)));
    }
    line(out, format_args!("{DIM}{}{DIM:#}", fit(&words.join("   "), width)));
}

/// Cuts a text to a number of columns.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A point in time: `2.5 s`.
fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1000.0)
}

/// A length of time: `7 ms`, `2.5 s`.
fn lasting(ms: u64) -> String {
    if ms < 950 { format!("{ms} ms") } else { seconds(ms) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::lanes::Wait;

    fn mark(at_ms: u64, short: &str, rcode: &str, times: usize) -> Mark {
        Mark {
            at_ms,
            server: "s1".into(),
            transport: "udp".into(),
            name: String::new(),
            short: short.into(),
            types: vec!["A".into(), "AAAA".into()],
            rcode: rcode.into(),
            times,
        }
    }

    /// One lane that finds the name at once, one that asks twice for a failing domain and gives up.
    fn sample() -> Lanes {
        let search = |times| mark(4, "+corp.test", "SERVFAIL", times);
        let quick = Lane {
            image: "debian-13".into(),
            libc: "glibc 2.41".into(),
            marks: vec![search(2), mark(5, "as it is", "NOERROR", 1)],
            waits: vec![],
            end_ms: 7,
            result: "192.0.2.1, 2001:db8::1".into(),
            found: true,
        };
        let slow = Lane {
            image: "debian-13-musl".into(),
            libc: "musl 1.2.5".into(),
            marks: vec![search(3), mark(2510, "+corp.test", "SERVFAIL", 3)],
            waits: vec![Wait { from_ms: 9, to_ms: 2510 }, Wait { from_ms: 2510, to_ms: 5103 }],
            end_ms: 5103,
            result: "EAI_AGAIN".into(),
            found: false,
        };
        Lanes { case: "dns.x".into(), asked: Some("api.test".into()), lanes: vec![quick, slow] }
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn one_asks_at_once_and_the_other_waits_five_seconds() {
        let drawn = plain(&render(&sample(), 80, 20));
        let expected = "       debian-13  glibc 2.41                debian-13-musl  musl 1.2.5
0.0 s  ● s1 A+AAAA +corp.test SERVFAIL x2   ● s1 A+AAAA +corp.test SERVFAIL x3
       ● s1 A+AAAA as it is NOERROR         ┊
       ■ 192.0.2.1, 2001:db8::1 after 7 ms  ┊
                                            ┊
                                            ┊ waits 2.5 s
2.5 s                                       ● s1 A+AAAA +corp.test SERVFAIL x3
                                            ┊
                                            ┊ waits 2.6 s
5.1 s                                       ■ EAI_AGAIN after 5.1 s
● query by UDP   ┊ waits   ■ result   +corp.test = api.test.corp.test
";
        assert_eq!(drawn, expected, "\n{drawn}");
    }

    #[test]
    fn lanes_stand_below_each_other_where_there_is_no_room() {
        let narrow = plain(&render(&sample(), 60, 20));
        assert!(narrow.lines().all(|line| line.chars().count() <= 60), "{narrow}");
        let heads = narrow.lines().filter(|line| line.contains("glibc 2.41") || line.contains("musl 1.2.5"));
        assert_eq!(heads.count(), 2);
    }

    #[test]
    fn much_is_cut_to_the_screen() {
        let mut lanes = sample();
        lanes.lanes[0].marks =
            (0..40).map(|n| mark(n, "+a-very-long-search-domain.example.test", "NXDOMAIN", 1)).collect();
        for width in [80, 120] {
            let drawn = plain(&render(&lanes, width, 16));
            assert!(drawn.lines().count() <= 16, "{drawn}");
            assert!(drawn.lines().all(|line| line.chars().count() <= width), "{drawn}");
            assert!(drawn.contains("more"), "{drawn}");
        }
    }

    #[test]
    fn silence_is_a_wait_too() {
        let mut lanes = sample();
        for lane in &mut lanes.lanes {
            lane.marks.clear();
            lane.end_ms = 5000;
            lane.waits = vec![Wait { from_ms: 0, to_ms: 5000 }];
        }
        assert_eq!(plain(&render(&lanes, 80, 16)).matches("waits 5.0 s").count(), 2);
    }
}

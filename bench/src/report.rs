//! The report: each figure beside its floor, its bound, and what people use instead, as Markdown.

use std::fmt::Write as _;
use std::path::Path;

/// How often everything is measured at least, ours, its floor and what is beside it in turn.
pub(crate) const ROUNDS: usize = 9;

/// Between these lines a report that is written into a document replaces what stands there.
const BEGIN: &str = "<!-- figures: written by cargo xtask bench --report -->";
const END: &str = "<!-- end of the figures -->";

/// What a line compares with its bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    /// Ours by the floor, of the medians, at most so much.
    Ratio(f64),
    /// Ours at most so much, in the line's own unit, whatever the floor is.
    Most(f64),
}

/// Values of one kind, one for each round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// Whose they are.
    pub(crate) name: String,
    /// One for each round.
    pub(crate) values: Vec<f64>,
}

impl Series {
    pub(crate) fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values }
    }

    pub(crate) fn median(&self) -> f64 {
        median(&self.values)
    }
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) name: String,
    /// Of all its values, `ms` for example.
    pub(crate) unit: &'static str,
    /// Ours, one value for each round.
    pub(crate) ours: Vec<f64>,
    /// What cannot be avoided, where there is such a thing.
    pub(crate) floor: Option<Series>,
    /// What is accepted.
    pub(crate) bound: Bound,
    /// What people use instead.
    pub(crate) beside: Vec<Series>,
    /// Why there are no values.
    pub(crate) missing: Option<String>,
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Within its bound.
    Holds,
    /// Past it.
    Over,
    /// Nothing was measured, so nothing holds.
    NotMeasured,
}

impl Line {
    /// A line whose ratio to its floor is bounded.
    pub(crate) fn ratio(
        name: impl Into<String>,
        unit: &'static str,
        ours: Vec<f64>,
        floor: Series,
        bound: f64,
    ) -> Self {
        let bound = Bound::Ratio(bound);
        Self { name: name.into(), unit, ours, floor: Some(floor), bound, beside: Vec::new(), missing: None }
    }

    /// A line that is bounded by itself.
    pub(crate) fn most(name: impl Into<String>, unit: &'static str, ours: Vec<f64>, bound: f64) -> Self {
        let bound = Bound::Most(bound);
        Self { name: name.into(), unit, ours, floor: None, bound, beside: Vec::new(), missing: None }
    }

    /// A line that says why it could not be measured.
    pub(crate) fn not_measured(name: impl Into<String>, unit: &'static str, bound: f64, why: &str) -> Self {
        Self { missing: Some(why.to_owned()), ..Self::most(name, unit, Vec::new(), bound) }
    }

    /// With the floor, which is told and not part of the bound.
    pub(crate) fn floor(self, floor: Series) -> Self {
        Self { floor: Some(floor), ..self }
    }

    /// With something that people use instead.
    pub(crate) fn beside(mut self, series: Series) -> Self {
        if !series.values.is_empty() {
            self.beside.push(series);
        }
        self
    }

    fn ratio_now(&self) -> Option<f64> {
        let floor = self.floor.as_ref()?.median();
        (floor > 0.0).then(|| median(&self.ours) / floor)
    }

    pub(crate) fn verdict(&self) -> Verdict {
        if self.ours.is_empty() {
            return Verdict::NotMeasured;
        }
        let holds = match self.bound {
            Bound::Ratio(most) => self.ratio_now().is_some_and(|ratio| ratio <= most),
            Bound::Most(most) => median(&self.ours) <= most,
        };
        if holds { Verdict::Holds } else { Verdict::Over }
    }

    fn row(&self) -> String {
        let unit = self.unit;
        let shown = |values: &[f64]| format!("{} {unit} ({})", number(median(values)), spread(values));
        let ours = match &self.missing {
            Some(why) => why.clone(),
            None => shown(&self.ours),
        };
        let floor = self
            .floor
            .as_ref()
            .map_or_else(|| "–".to_owned(), |floor| format!("{}: {}", shown(&floor.values), floor.name));
        let ratio = self.ratio_now().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
        let bound = match self.bound {
            Bound::Ratio(most) => format!("{most:.2}"),
            Bound::Most(most) => format!("{} {unit}", number(most)),
        };
        let beside: Vec<String> =
            self.beside.iter().map(|one| format!("{}: {}", one.name, shown(&one.values))).collect();
        let beside = if beside.is_empty() { "–".to_owned() } else { beside.join("; ") };
        let verdict = match self.verdict() {
            Verdict::Holds => "holds",
            Verdict::Over => "over its bound",
            Verdict::NotMeasured => "not measured",
        };
        // Without a bar at its end, so that the line ends in its verdict.
        format!("| {} | {ours} | {floor} | {ratio} | {bound} | {beside} | {verdict}", self.name)
    }
}

/// The whole report: the machine, a line for each figure, and how many hold.
pub(crate) fn report(machine: &[String], lines: &[Line]) -> String {
    let mut text = String::new();
    for fact in machine {
        let _ = writeln!(text, "- {fact}");
    }
    text.push_str("\n| figure | Latchkey | floor | ratio | bound | what people use instead | verdict\n");
    text.push_str("|---|---|---|---|---|---|---\n");
    for line in lines {
        text.push_str(&line.row());
        text.push('\n');
    }
    let count = |wanted| lines.iter().filter(|line| line.verdict() == wanted).count();
    let _ = writeln!(
        text,
        "\n{} of {} lines hold, {} over the bound, {} not measured. Median of {ROUNDS} rounds or more, least and most \
         in brackets.",
        count(Verdict::Holds),
        lines.len(),
        count(Verdict::Over),
        count(Verdict::NotMeasured),
    );
    text
}

/// Whether every line holds.
pub(crate) fn all_hold(lines: &[Line]) -> bool {
    !lines.is_empty() && lines.iter().all(|line| line.verdict() == Verdict::Holds)
}

/// Writes the report to a file, or into a document that has a place for it.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(file: &Path, report: &str) -> std::io::Result<()> {
    let document = std::fs::read_to_string(file).ok();
    std::fs::write(
        file,
        document.and_then(|document| placed(&document, report)).unwrap_or_else(|| report.to_owned()),
    )
}

/// The document with the report in its place; `None` where it has none.
fn placed(document: &str, report: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{report}\n{END}{after}"))
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{}–{}", number(least), number(most))
}

fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// The middle one, or the mean of the middle two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ours: &[f64], floor: &[f64]) -> Line {
        Line::ratio("start", "ms", ours.to_vec(), Series::new("empty", floor.to_vec()), 1.25)
    }

    #[test]
    fn medians_are_compared_and_a_line_past_its_bound_ends_in_saying_so() {
        let good = line(&[3.0, 1.0, 2.0], &[2.0, 2.0, 9.0]);
        assert!(good.row().ends_with("| holds"));
        let bad = line(&[3.0, 3.0], &[2.0, 2.0]);
        assert!(bad.row().ends_with("| 1.50 | 1.25 | – | over its bound"), "{}", bad.row());
        assert!(!all_hold(&[good.clone(), bad]));
        assert!(all_hold(&[good]));
    }

    #[test]
    fn a_bound_of_its_own_is_compared_with_the_median() {
        let frame =
            |value| Line::most("frame", "ms", vec![value], 50.0).floor(Series::new("list", vec![1.0]));
        assert_eq!(frame(50.0).verdict(), Verdict::Holds);
        assert_eq!(frame(50.1).verdict(), Verdict::Over);
    }

    #[test]
    fn what_was_not_measured_does_not_hold() {
        assert_eq!(line(&[], &[]).verdict(), Verdict::NotMeasured);
        let line = Line::not_measured("package size", "MiB", 8.0, "no packages");
        assert!(line.row().ends_with("not measured"));
        assert!(!all_hold(&[line]));
        assert!(!all_hold(&[]));
    }

    #[test]
    fn a_report_replaces_the_one_before_it_in_a_document() {
        let document = format!("# Title\n\n{BEGIN}\n\nold\n{END}\n\nprose\n");
        let once = placed(&document, "new\n").unwrap_or_default();
        assert_eq!(once, format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nprose\n"));
        assert_eq!(placed(&once, "new\n").as_deref(), Some(once.as_str()));
        assert_eq!(placed("# Title\n", "new\n"), None);
    }
}

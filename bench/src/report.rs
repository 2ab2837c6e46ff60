//! A figure beside its floor: medians of the same run, their ratio, and the bound.

use std::fmt::Write as _;

/// How often everything is measured, ours and its floor in turn.
pub(crate) const ROUNDS: usize = 9;

/// One line of the report.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: &'static str,
    /// Ours, one value a round.
    pub(crate) ours: Vec<f64>,
    /// What the floor is.
    pub(crate) floor_name: &'static str,
    /// The floor, one value a round.
    pub(crate) floor: Vec<f64>,
    /// Of both, `ms` for example.
    pub(crate) unit: &'static str,
    /// Largest ratio that is accepted.
    pub(crate) bound: f64,
}

impl Figure {
    /// Ours by the floor, of the medians.
    pub(crate) fn ratio(&self) -> f64 {
        median(&self.ours) / median(&self.floor)
    }

    /// Whether the bound holds.
    pub(crate) fn holds(&self) -> bool {
        self.ratio() <= self.bound
    }
}

/// The report: a line a figure.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut text = String::new();
    for figure in figures {
        let _ = write!(
            text,
            "{}: {} {unit} ({}), floor {} {unit} ({}; {}), ratio {:.2}, bound {:.2}",
            figure.name,
            number(median(&figure.ours)),
            spread(&figure.ours),
            number(median(&figure.floor)),
            spread(&figure.floor),
            figure.floor_name,
            figure.ratio(),
            figure.bound,
            unit = figure.unit,
        );
        text.push_str(if figure.holds() { "\n" } else { ", over its bound\n" });
    }
    text
}

fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!("{} to {}", number(least), number(most))
}

fn number(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[middle],
        _ => (sorted[middle - 1] + sorted[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(ours: &[f64], floor: &[f64]) -> Figure {
        Figure {
            name: "start",
            ours: ours.to_vec(),
            floor_name: "empty",
            floor: floor.to_vec(),
            unit: "ms",
            bound: 1.3,
        }
    }

    #[test]
    fn medians_are_compared_and_a_broken_bound_is_said() {
        let good = figure(&[3.0, 1.0, 2.0], &[2.0, 2.0, 9.0]);
        assert!(good.holds());
        assert!(!table(&[good]).contains("over its bound"));
        let bad = figure(&[3.0, 3.0], &[2.0, 2.0]);
        assert!(!bad.holds());
        assert!(table(&[bad]).ends_with(", over its bound\n"));
    }

    #[test]
    fn nothing_measured_holds_nothing() {
        assert!(!figure(&[], &[]).holds());
    }
}

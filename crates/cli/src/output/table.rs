//! Rows and columns: aligned, and wrapped within their columns where the terminal is too narrow.

use latchkey_oidc::text::visible;
use unicode_width::UnicodeWidthStr as _;

use super::page::Tone;

/// Between two columns.
const GAP: usize = 2;
/// No column becomes narrower, and one that is hardly wider stays as it is.
const NARROWEST: usize = 12;
/// Where lines stay whole, longer cells do not push the others of their column.
const LONGEST_PADDED: usize = 60;

/// A line is made of pieces, each with its tone.
pub(super) type Line = Vec<(Tone, String)>;

/// A table under construction.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<(Tone, String)>,
    below: Vec<String>,
}

impl Table {
    /// With these column names.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { head: head.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = (Tone, &'a str)>) {
        let cells = cells.into_iter().map(|(tone, text)| (tone, visible(text))).collect();
        self.rows.push(Row { cells, below: Vec::new() });
    }

    /// Adds a text that belongs to the last row, across all columns.
    pub(crate) fn below(&mut self, text: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.below.push(visible(text));
        }
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn lines(&self, room: Option<usize>) -> Vec<Line> {
        let widths = self.widths(room);
        let head: Vec<(Tone, String)> = self.head.iter().map(|name| (Tone::Quiet, name.clone())).collect();
        let mut lines = cells_in_lines(&head, &widths, room.is_some());
        for row in &self.rows {
            lines.extend(cells_in_lines(&row.cells, &widths, room.is_some()));
            for text in &row.below {
                let narrower = room.map(|room| room.saturating_sub(4).max(20));
                for (index, line) in wrap(text, narrower).into_iter().enumerate() {
                    let lead = if index == 0 { "  → " } else { "    " };
                    lines.push(vec![(Tone::Plain, format!("{lead}{line}"))]);
                }
            }
        }
        lines
    }

    fn widths(&self, room: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.head.iter().map(|name| name.width()).collect();
        for row in &self.rows {
            for (width, (_, text)) in widths.iter_mut().zip(&row.cells) {
                let natural = text.width();
                *width = (*width).max(if room.is_none() && natural > LONGEST_PADDED { 0 } else { natural });
            }
        }
        if let Some(room) = room {
            let room = room.saturating_sub(GAP * widths.len().saturating_sub(1));
            // First between words, and only then within them.
            let least: Vec<usize> = widths.iter().map(|width| (*width).min(NARROWEST)).collect();
            let words = self.longest_words().into_iter().zip(&least).map(|(word, least)| word.max(*least));
            shrink(&mut widths, &words.collect::<Vec<_>>(), room);
            shrink(&mut widths, &least, room);
        }
        widths
    }

    fn longest_words(&self) -> Vec<usize> {
        let longest = |text: &str| text.split(' ').map(|word| word.width()).max().unwrap_or(0);
        (0..self.head.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.cells.get(column));
                cells.map(|(_, text)| longest(text)).chain([longest(&self.head[column])]).max().unwrap_or(0)
            })
            .collect()
    }
}

/// Takes from the widest column that is above its `least` until all of them fit into `room`, or none is left.
fn shrink(widths: &mut [usize], least: &[usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let above = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least);
        let Some((widest, _)) = above.max_by_key(|(width, _)| **width) else { return };
        *widest -= 1;
    }
}

fn cells_in_lines(cells: &[(Tone, String)], widths: &[usize], wrapped: bool) -> Vec<Line> {
    let columns: Vec<Vec<String>> =
        cells.iter().zip(widths).map(|((_, text), width)| wrap(text, wrapped.then_some(*width))).collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(1);
    (0..height)
        .map(|index| {
            let mut line: Line = Vec::new();
            // Blanks are owed until a text follows: no line ends with them.
            let mut owed = 0;
            for ((column, (tone, _)), width) in columns.iter().zip(cells).zip(widths) {
                let text = column.get(index).map_or("", String::as_str);
                if !text.is_empty() {
                    line.push((Tone::Plain, " ".repeat(owed)));
                    line.push((*tone, text.to_owned()));
                    owed = 0;
                }
                owed += width.saturating_sub(text.width()) + GAP;
            }
            line
        })
        .collect()
}

/// Breaks a text into lines of at most `width` columns, between words where that is possible.
pub(super) fn wrap(text: &str, width: Option<usize>) -> Vec<String> {
    let Some(width) = width.filter(|width| text.width() > *width) else { return vec![text.to_owned()] };
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = if line.is_empty() { word.width() } else { line.width() + 1 + word.width() };
        if needed <= width {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        // A word that fits on no line, such as a URL.
        let mut rest = word;
        while rest.width() > width {
            let cut = cut(rest, width);
            lines.push(rest[..cut].to_owned());
            rest = &rest[cut..];
        }
        line.push_str(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Where to cut so that at most `width` columns are before; after at least one character.
fn cut(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(table: &Table, room: Option<usize>) -> Vec<String> {
        table
            .lines(room)
            .into_iter()
            .map(|line| line.into_iter().map(|(_, piece)| piece).collect::<String>())
            .collect()
    }

    fn sample() -> Table {
        let mut table = Table::new(&["Check", "Expected", "Result"]);
        table.row([
            (Tone::Plain, "Issuer"),
            (Tone::Plain, "https://a-tenant-with-a-long-name.onelogin.com/oidc/2"),
            (Tone::Good, "passed"),
        ]);
        table.row([(Tone::Plain, "日本語"), (Tone::Plain, ""), (Tone::Bad, "failed")]);
        table.below("Do this and that, and then something else as well.");
        table
    }

    #[test]
    fn columns_wrap_within_the_terminal() {
        let lines = rendered(&sample(), Some(44));
        assert!(lines.iter().all(|line| line.width() <= 44), "{lines:#?}");
        assert!(lines.iter().all(|line| !line.ends_with(' ')), "{lines:#?}");
        assert!(lines[1].starts_with("Issuer  https://") && lines[1].ends_with("  passed"), "{lines:#?}");
        let column = |line: &str, word: &str| line[..line.find(word).unwrap()].width();
        let failed = lines.iter().find(|line| line.contains("failed")).unwrap();
        assert_eq!(column(&lines[1], "passed"), column(failed, "failed"), "{lines:#?}");
    }

    #[test]
    fn without_a_terminal_no_value_is_broken() {
        let lines = rendered(&sample(), None);
        assert!(
            lines[1].contains("https://a-tenant-with-a-long-name.onelogin.com/oidc/2  passed"),
            "{lines:#?}"
        );
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn wrapping_keeps_every_character() {
        assert_eq!(wrap("a bb ccc", Some(4)), ["a bb", "ccc"]);
        assert_eq!(wrap("abcdefgh", Some(3)), ["abc", "def", "gh"]);
        assert_eq!(wrap("日本語", Some(4)), ["日本", "語"]);
        assert_eq!(wrap("", Some(4)), [""]);
        assert_eq!(wrap("a very long line", None), ["a very long line"]);
    }
}

//! A page of text for people. Whatever is put on it is made harmless first, so no caller can forget.

use anstyle::{AnsiColor, Effects, Style};
use latchkey_oidc::text::visible;

use super::table::{self, Table};

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Quiet,
    Good,
    Bad,
    Warning,
}

/// Text under construction.
pub(crate) struct Page {
    text: String,
    colour: bool,
    width: Option<usize>,
}

impl Page {
    /// `width` is that of the terminal; `None` keeps every line whole.
    pub(crate) fn new(colour: bool, width: Option<usize>) -> Self {
        Self { text: String::new(), colour, width }
    }

    /// What is on it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The sentence that says it all.
    pub(crate) fn verdict(&mut self, tone: Tone, text: &str) {
        self.lines(0, 0, tone, text);
    }

    /// The title of a part, with an empty line before it.
    pub(crate) fn heading(&mut self, text: &str) {
        self.gap();
        self.lines(0, 0, Tone::Strong, text);
    }

    /// A paragraph of a part.
    pub(crate) fn paragraph(&mut self, tone: Tone, text: &str) {
        self.lines(2, 2, tone, text);
    }

    /// What belongs to the paragraph before.
    pub(crate) fn nested(&mut self, tone: Tone, text: &str) {
        self.lines(4, 4, tone, text);
    }

    /// `label` and a text beside it, which hangs where it is long.
    pub(crate) fn labelled(&mut self, label: &str, text: &str) {
        const INDENT: usize = 16;
        let label = format!("  {label:<width$}", width = INDENT - 2);
        self.push(Tone::Quiet, &label);
        let room = self.width.map(|width| width.saturating_sub(INDENT).max(20));
        for (index, line) in table::wrap(&visible(text), room).iter().enumerate() {
            if index > 0 {
                self.text.push_str(&" ".repeat(INDENT));
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// A line that must stay whole, to be copied.
    pub(crate) fn whole(&mut self, text: &str) {
        self.text.push_str("  ");
        self.text.push_str(&visible(text));
        self.text.push('\n');
    }

    /// Rows and columns.
    pub(crate) fn table(&mut self, table: &Table) {
        let indent = "  ";
        let room = self.width.map(|width| width.saturating_sub(indent.len()));
        for line in table.lines(room) {
            self.text.push_str(indent);
            for (tone, piece) in line {
                self.push(tone, &piece);
            }
            self.text.push('\n');
        }
    }

    /// An empty line, unless the page is empty.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    fn lines(&mut self, first: usize, others: usize, tone: Tone, text: &str) {
        let room = self.width.map(|width| width.saturating_sub(first.max(others)).max(20));
        for (index, line) in table::wrap(&visible(text), room).iter().enumerate() {
            self.text.push_str(&" ".repeat(if index == 0 { first } else { others }));
            self.push(tone, line);
            self.text.push('\n');
        }
    }

    fn push(&mut self, tone: Tone, text: &str) {
        if !self.colour || tone == Tone::Plain || text.trim().is_empty() {
            self.text.push_str(text);
            return;
        }
        let style = match tone {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().effects(Effects::BOLD),
            Tone::Quiet => Style::new().effects(Effects::DIMMED),
            Tone::Good => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Tone::Bad => Style::new().fg_color(Some(AnsiColor::Red.into())).effects(Effects::BOLD),
            Tone::Warning => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        };
        self.text.push_str(&format!("{style}{text}{style:#}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h21_no_text_on_a_page_steers_the_terminal() {
        let hostile = "\u{1b}[31m\u{202e}a\u{200b}\nb";
        let mut page = Page::new(false, Some(100));
        page.verdict(Tone::Bad, hostile);
        page.heading(hostile);
        page.paragraph(Tone::Plain, hostile);
        page.labelled("label", hostile);
        page.whole(hostile);
        let mut table = Table::new(&["one", "two"]);
        table.row([(Tone::Plain, hostile), (Tone::Plain, hostile)]);
        table.below(hostile);
        page.table(&table);
        assert!(!page.text().chars().any(|c| c != '\n' && visible(&c.to_string()) != c.to_string()));
        assert_eq!(
            page.text().matches("\\u{1b}[31m\\u{202e}a\\u{200b}\\u{a}b").count(),
            8,
            "{}",
            page.text()
        );
    }

    #[test]
    fn colours_are_there_only_when_wanted() {
        for (colour, escapes) in [(false, false), (true, true)] {
            let mut page = Page::new(colour, None);
            page.verdict(Tone::Good, "Signed in");
            assert_eq!(page.text().contains('\u{1b}'), escapes);
        }
    }
}

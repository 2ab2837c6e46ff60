//! Makes provider text harmless for window, terminal and export: text only, nothing hidden in it.

/// Replaces what hides or steers by a visible escape: control, bidi, zero-width and tag characters,
/// variation selectors, noncharacters and line separators. Tab and newline become escapes as well.
///
/// `\u{202e}` for the right-to-left override. A backslash stays as it is.
#[must_use]
pub fn visible(text: &str) -> String {
    if is_plain(text) || !text.chars().any(hidden) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            use std::fmt::Write as _;
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// As [`visible`], but keeps newlines and tabs, for pretty-printed bodies.
#[must_use]
pub fn visible_block(text: &str) -> String {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte) || matches!(byte, b'\n' | b'\t')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        for (index, cell) in line.split('\t').enumerate() {
            if index > 0 {
                out.push('\t');
            }
            out.push_str(&visible(cell));
        }
    }
    out
}

/// Printable ASCII: nothing in it can hide, which is quick to see. [`visible`] leaves it as it is.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// At most `limit` characters, with an ellipsis where something was cut.
#[must_use]
pub fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        || (u32::from(c) & 0xfffe) == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h21_hidden_and_steering_characters_become_escapes() {
        let cases = [
            ("plain – ümläut 日本", "plain – ümläut 日本"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("line\nbreak", "line\\u{a}break"),
            ("\u{e0041}", "\\u{e0041}"),
            ("<script>", "<script>"),
        ];
        for (input, expected) in cases {
            assert_eq!(visible(input), expected);
        }
    }

    #[test]
    fn blocks_keep_their_lines() {
        assert_eq!(visible_block("{\n\t\"a\u{7}\"\n}"), "{\n\t\"a\\u{7}\"\n}");
    }

    #[test]
    fn shortening_counts_characters() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}

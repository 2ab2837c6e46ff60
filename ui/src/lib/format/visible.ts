// Makes provider text harmless to look at: the same characters become escapes as in the protocol
// library's `text.rs`, for values that reach the page as raw JSON.

/** Control, bidi, zero-width and tag characters, line separators, noncharacters, lone surrogates. */
function hidden(code: number): boolean {
  return (
    code <= 0x1f ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    code === 0x34f ||
    code === 0x61c ||
    code === 0x115f ||
    code === 0x1160 ||
    code === 0x17b4 ||
    code === 0x17b5 ||
    (code >= 0x180b && code <= 0x180f) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    code === 0x3164 ||
    (code >= 0xd800 && code <= 0xdfff) ||
    (code >= 0xfdd0 && code <= 0xfdef) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    code === 0xffa0 ||
    (code >= 0xfff0 && code <= 0xfffb) ||
    (code >= 0x1bca0 && code <= 0x1bca3) ||
    (code >= 0x1d173 && code <= 0x1d17a) ||
    (code >= 0xe0000 && code <= 0xe0fff) ||
    (code & 0xfffe) === 0xfffe
  );
}

function escaped(text: string, keep: (code: number) => boolean): string {
  let out = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0;
    const length = code > 0xffff ? 2 : 1;
    if (hidden(code) && !keep(code)) {
      out += `${text.slice(copied, at)}\\u{${code.toString(16)}}`;
      copied = at + length;
    }
    at += length;
  }
  return copied === 0 ? text : out + text.slice(copied);
}

/** One line: tab and newline become escapes as well. */
export function visible(text: string): string {
  return escaped(text, () => false);
}

/** A block of text: newlines and tabs stay. */
export function visibleBlock(text: string): string {
  return escaped(text, (code) => code === 0x0a || code === 0x09);
}

import { describe, expect, it } from 'vitest';

import { visible, visibleBlock } from './visible';

describe('visible', () => {
  it.each([
    ['plain – ümläut 日本', 'plain – ümläut 日本'],
    ['a\u{202e}b', 'a\\u{202e}b'],
    ['a\u{200b}b', 'a\\u{200b}b'],
    ['\u{1b}[31mred', '\\u{1b}[31mred'],
    ['line\nbreak', 'line\\u{a}break'],
    ['\u{e0041}', '\\u{e0041}'],
    ['<script>', '<script>'],
    ['tab\there', 'tab\\u{9}here'],
    ['\ud800x', '\\u{d800}x'],
    ['\u{1f600}', '\u{1f600}'],
    ['\u{fffe}\u{1ffff}', '\\u{fffe}\\u{1ffff}'],
    ['', ''],
  ])('h21 turns %j into %j', (input, expected) => {
    expect(visible(input)).toBe(expected);
  });

  it('escapes the whole set that the protocol library escapes, and nothing beside it', () => {
    const ranges: [number, number][] = [
      [0x00, 0x1f],
      [0x7f, 0x9f],
      [0xad, 0xad],
      [0x34f, 0x34f],
      [0x61c, 0x61c],
      [0x115f, 0x1160],
      [0x17b4, 0x17b5],
      [0x180b, 0x180f],
      [0x200b, 0x200f],
      [0x2028, 0x202e],
      [0x2060, 0x206f],
      [0x3164, 0x3164],
      [0xd800, 0xdfff],
      [0xfdd0, 0xfdef],
      [0xfe00, 0xfe0f],
      [0xfeff, 0xfeff],
      [0xffa0, 0xffa0],
      [0xfff0, 0xfffb],
      [0x1bca0, 0x1bca3],
      [0x1d173, 0x1d17a],
      [0xe0000, 0xe0fff],
    ];
    for (let plane = 0; plane <= 0x10; plane += 1) {
      ranges.push([plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff]);
    }
    const wrong: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const due = ranges.some(([from, to]) => code >= from && code <= to);
      const done = visible(String.fromCodePoint(code)) === `\\u{${code.toString(16)}}`;
      if (due !== done) wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });
});

describe('visibleBlock', () => {
  it('keeps lines and tabs', () => {
    expect(visibleBlock('{\n\t"a\u{7}"\n}')).toBe('{\n\t"a\\u{7}"\n}');
  });
});

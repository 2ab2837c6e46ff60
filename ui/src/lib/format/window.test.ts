import { describe, expect, it } from 'vitest';

import { rows, visibleRows } from './window';

describe('visibleRows', () => {
  it('renders what is visible and a little more', () => {
    expect(visibleRows(0, 300, 30, 5000, 5)).toEqual({ start: 0, end: 15 });
    expect(visibleRows(3000, 300, 30, 5000, 5)).toEqual({ start: 95, end: 115 });
    expect(visibleRows(1e9, 300, 30, 5000, 5)).toEqual({ start: 5000, end: 5000 });
  });

  it('has nothing to render of nothing', () => {
    expect(visibleRows(0, 300, 30, 0)).toEqual({ start: 0, end: 0 });
    expect(visibleRows(-50, 300, 30, 3)).toEqual({ start: 0, end: 3 });
  });
});

describe('rows', () => {
  it('keeps short lines and breaks long ones', () => {
    expect(rows('ab\n\n0123456789', 8)).toEqual(['ab', '', '01234567', '89']);
  });

  it('never cuts a character in two', () => {
    expect(rows('0123456\u{1f600}8', 8)).toEqual(['0123456', '\u{1f600}8']);
  });

  it('ends on a narrow column', () => {
    expect(rows('0123456789', 0)).toEqual(['01234567', '89']);
  });
});

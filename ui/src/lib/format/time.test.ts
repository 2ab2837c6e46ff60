import { describe, expect, it } from 'vitest';

import { duration, lifetime, remaining, remainingShare, timeOfDay, when } from './time';

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [300, '0.3 ms'],
    [9_940, '9.9 ms'],
    [118_000, '118 ms'],
    [2_400_000, '2.4 s'],
    [65_000_000, '1 min 5 s'],
  ])('%d µs is %s', (us, text) => expect(duration(us)).toBe(text));
});

describe('lifetime', () => {
  it.each([
    [0, '0 s'],
    [12, '12 s'],
    [3_543, '59 min 3 s'],
    [7_199, '1 h 59 min'],
    [7_200, '2 h'],
    [266_400, '3 d 2 h'],
    [-5, '0 s'],
  ])('%d s is %s', (s, text) => expect(lifetime(s)).toBe(text));
});

describe('remaining', () => {
  it('counts down and then says how long ago', () => {
    expect(remaining(1_060, 1_000)).toBe('expires in 1 min');
    expect(remaining(1_000, 1_012)).toBe('expired 12 s ago');
  });

  it('has a share between none and all', () => {
    expect(remainingShare(0, 100, 25)).toBe(0.75);
    expect(remainingShare(0, 100, 200)).toBe(0);
    expect(remainingShare(0, 100, -5)).toBe(1);
    expect(remainingShare(100, 100, 100)).toBe(0);
  });
});

describe('points of time', () => {
  it('are readable', () => {
    expect(when(1_795_500_568)).toMatch(/^2[34] Nov 2026, \d\d:\d\d:28$/);
    expect(timeOfDay(1_795_500_568_123)).toMatch(/^\d\d:\d\d:28\.123$/);
  });

  it('beyond the calendar are said to be unknown', () => {
    expect(when(1e300)).toBe('unknown');
    expect(timeOfDay(Number.NaN)).toBe('unknown');
  });
});

import { describe, expect, it } from 'vitest';

import type { Step } from '../bindings/Step';
import { exchange } from '../../../fixtures/traffic';
import { exchangeBars, stepBars } from './waterfall';

function step(start_us: number, duration_us: number): Step {
  return { name: 'token', state: 'done', start_us, duration_us };
}

describe('stepBars', () => {
  it('spreads the steps over the run', () => {
    expect(stepBars([step(0, 0), step(0, 100), step(100, 100)])).toEqual([
      { left: 0, width: 0 },
      { left: 0, width: 50 },
      { left: 50, width: 50 },
    ]);
  });

  it('has no bars before anything ran', () => {
    expect(stepBars([step(0, 0)])).toEqual([{ left: 0, width: 0 }]);
    expect(stepBars([])).toEqual([]);
  });
});

describe('exchangeBars', () => {
  it('gives every burst its own scale', () => {
    const bars = exchangeBars([
      exchange({ id: 1, started_at_ms: 1_000, duration_us: 100_000 }),
      exchange({ id: 2, started_at_ms: 1_100, duration_us: 100_000 }),
      exchange({ id: 3, started_at_ms: 900_000, duration_us: 50_000 }),
    ]);
    expect(bars.get(1)).toEqual({ left: 0, width: 50 });
    expect(bars.get(2)).toEqual({ left: 50, width: 50 });
    expect(bars.get(3)).toEqual({ left: 0, width: 100 });
  });
});

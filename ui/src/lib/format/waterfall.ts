// Bars over time: where each begins and how long it is, as shares of the whole.

import type { Exchange } from '../bindings/Exchange';
import type { Step } from '../bindings/Step';

/** Percent of the track. */
export interface Bar {
  left: number;
  width: number;
}

function bar(start: number, length: number, whole: number): Bar {
  if (whole <= 0) return { left: 0, width: 0 };
  const left = Math.min(100, (start / whole) * 100);
  return { left, width: Math.min(100 - left, (length / whole) * 100) };
}

/** One bar a step, over the whole run. */
export function stepBars(steps: readonly Step[]): Bar[] {
  const whole = Math.max(0, ...steps.map((step) => step.start_us + step.duration_us));
  return steps.map((step) => bar(step.start_us, step.duration_us, whole));
}

/** Exchanges closer together than this belong to one burst and share a scale. */
const PAUSE_MS = 2_000;

/** One bar an exchange, over the burst of exchanges that it belongs to. */
export function exchangeBars(exchanges: readonly Exchange[]): Map<number, Bar> {
  const bars = new Map<number, Bar>();
  const ordered = [...exchanges].sort((a, b) => a.started_at_ms - b.started_at_ms || a.id - b.id);
  let burst: Exchange[] = [];
  let end = Number.NEGATIVE_INFINITY;
  const close = () => {
    const first = burst[0];
    if (!first) return;
    const begin = first.started_at_ms;
    for (const one of burst) {
      bars.set(one.id, bar(one.started_at_ms - begin, one.duration_us / 1000, end - begin));
    }
  };
  for (const exchange of ordered) {
    if (exchange.started_at_ms > end + PAUSE_MS) {
      close();
      burst = [];
      end = Number.NEGATIVE_INFINITY;
    }
    burst.push(exchange);
    end = Math.max(end, exchange.started_at_ms + exchange.duration_us / 1000);
  }
  close();
  return bars;
}

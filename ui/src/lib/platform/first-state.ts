// What the program lays down before the page's scripts run, so that the first screen needs no question and answer.

import type { AppState } from '../bindings/AppState';

declare global {
  interface Window {
    latchkeyFirstState?: AppState;
  }
}

/** Told once. Null after a reload or a way back, when what was laid down is old, and where the demo tenant starts first. */
export function takeFirstState(): AppState | null {
  const state = window.latchkeyFirstState ?? null;
  delete window.latchkeyFirstState;
  const [navigation] = performance.getEntriesByType('navigation');
  const first = (navigation as PerformanceNavigationTiming | undefined)?.type === 'navigate';
  return first ? state : null;
}

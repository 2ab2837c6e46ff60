import { afterEach, describe, expect, it, vi } from 'vitest';

import { appState } from '../../../fixtures/connections';
import { takeFirstState } from './first-state';

function loaded(type: NavigationTimingType): void {
  const entry = { type } as PerformanceNavigationTiming;
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([entry]);
}

describe('the first state', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is told once', () => {
    loaded('navigate');
    const state = appState({});
    window.latchkeyFirstState = state;
    expect(takeFirstState()).toBe(state);
    expect(takeFirstState()).toBeNull();
  });

  it.each(['reload', 'back_forward'] as const)('is old when the page comes by %s', (type) => {
    loaded(type);
    window.latchkeyFirstState = appState({});
    expect(takeFirstState()).toBeNull();
    expect(window.latchkeyFirstState).toBeUndefined();
  });

  it('is missing where the demo tenant starts first', () => {
    loaded('navigate');
    expect(takeFirstState()).toBeNull();
  });
});

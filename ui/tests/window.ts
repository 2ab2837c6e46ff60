// The whole window on a platform that is not there.
import { render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { expect } from 'vitest';

import { appState, discovery } from '../fixtures/connections';
import { provider } from '../fixtures/provider';
import { report } from '../fixtures/reports';
import { claims, session } from '../fixtures/session';
import { traffic } from '../fixtures/traffic';
import Window from '../src/App.svelte';
import { type FakePlatform, fake } from '../src/lib/platform/fake';
import type { Platform } from '../src/lib/platform/types';
import { App } from '../src/lib/state/app.svelte';

/** Everything answers at once, with a signed-in session. */
export function answering(given: Partial<Platform>): FakePlatform {
  return fake({
    appState: () => Promise.resolve(appState({})),
    report: () => Promise.resolve(report({})),
    session: () => Promise.resolve(session({})),
    claims: () => Promise.resolve(claims),
    provider: () => Promise.resolve(provider({})),
    traffic: () => Promise.resolve(traffic),
    discover: () => Promise.resolve(discovery({})),
    cancel: () => Promise.resolve(),
    ...given,
  });
}

export interface OpenWindow {
  app: App;
  platform: FakePlatform;
  user: ReturnType<typeof userEvent.setup>;
}

/** Opens the window and waits until it shows something. */
export async function openWindow(given: Partial<Platform> = {}): Promise<OpenWindow> {
  const platform = answering(given);
  const app = new App(platform);
  const user = userEvent.setup();
  render(Window, { props: { app } });
  await waitFor(() => expect(app.view.name).not.toBe('loading'));
  return { app, platform, user };
}

/** Opens the window on one tab of the first connection that is no demo. */
export async function openTab(tab: string, given: Partial<Platform> = {}): Promise<OpenWindow> {
  const opened = await openWindow(given);
  await opened.user.click(screen.getByTestId('connection-Payroll portal'));
  await opened.user.click(screen.getByTestId(`tab-${tab}`));
  return opened;
}

/** No violation of the rules that do not need a picture; contrast is checked in a real browser. */
export async function expectAccessible(): Promise<void> {
  const result = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(result.violations.map((one) => `${one.id}: ${one.nodes[0]?.target.join(' ')}`)).toEqual(
    [],
  );
}

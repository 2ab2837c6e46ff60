import { render, screen, waitFor, within } from '@testing-library/svelte';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';

import { appState, demo, demoFacts } from '../fixtures/connections';
import { problem } from '../fixtures/reports';
import Window from '../src/App.svelte';
import { deferred, fake } from '../src/lib/platform/fake';
import { App } from '../src/lib/state/app.svelte';
import { expectAccessible, openWindow } from './window';

const empty = () => Promise.resolve(appState({ connections: [], demo: null }));

describe('first start', () => {
  it('has three doors and no violation', async () => {
    await openWindow({ appState: empty });
    expect(screen.getByTestId('first-start')).toBeTruthy();
    for (const door of ['door-demo', 'door-onelogin', 'door-issuer']) screen.getByTestId(door);
    await expectAccessible();
  });

  it('is the first thing painted where it is known before the page is loaded', () => {
    const platform = fake({ firstState: () => appState({ connections: [], demo: null }) });
    render(Window, { props: { app: new App(platform) } });
    flushSync();
    expect(screen.getByTestId('first-start')).toBeTruthy();
    expect(platform.of('appState')).toEqual([]);
  });

  it('starts the demo tenant, says that it does, and opens it with its users', async () => {
    const starting = deferred<typeof demo>();
    let started = false;
    const { user } = await openWindow({
      appState: () =>
        Promise.resolve(
          started
            ? appState({ connections: [demo], demo: demoFacts })
            : appState({ connections: [], demo: null }),
        ),
      demoStart: () => starting.promise,
      report: () => Promise.resolve(null),
    });
    await user.click(screen.getByTestId('door-demo'));
    expect(screen.getByTestId('door-demo').textContent).toContain('Starting');
    started = true;
    starting.resolve(demo);
    await user.click(await screen.findByTestId('demo-user-mfa.user'));
    expect(screen.getByTestId<HTMLInputElement>('si-username').value).toBe('mfa.user');
    expect(screen.getByTestId<HTMLInputElement>('si-password').value).not.toBe('');
    await expectAccessible();
  });

  it('says why the demo tenant did not start', async () => {
    const failed = { problem: problem('connection_failed'), field: null };
    const { user } = await openWindow({ appState: empty, demoStart: () => Promise.reject(failed) });
    await user.click(screen.getByTestId('door-demo'));
    expect((await screen.findByTestId('problem')).textContent).toContain(
      failed.problem.explanation,
    );
    await expectAccessible();
  });

  it('takes the subdomain along to the form', async () => {
    const { user } = await openWindow({ appState: empty });
    await user.type(screen.getByLabelText('Subdomain or custom domain'), 'acme');
    await user.click(screen.getByTestId('door-onelogin'));
    expect(screen.getByTestId<HTMLInputElement>('nc-subdomain').value).toBe('acme');
  });

  it('leads to any issuer', async () => {
    const { user } = await openWindow({ appState: empty });
    await user.click(screen.getByTestId('door-issuer'));
    screen.getByTestId('nc-issuer');
  });

  it('says where a damaged list was put, and opens the folder', async () => {
    const { user, platform } = await openWindow({
      appState: () =>
        Promise.resolve(appState({ connections: [], demo: null, set_aside: '/c/damaged.json' })),
      openFolder: () => Promise.resolve(),
    });
    expect(screen.getByTestId('set-aside').textContent).toContain('/c/damaged.json');
    await user.click(screen.getByText('Open folder'));
    expect(platform.of('openFolder')).toHaveLength(1);
    await expectAccessible();
  });

  it('shows an unreadable configuration and tries again', async () => {
    let readable = false;
    const { user } = await openWindow({
      appState: () =>
        Promise.resolve(
          appState(readable ? {} : { connections: [], problem: problem('configuration') }),
        ),
    });
    screen.getByTestId('problem');
    await expectAccessible();
    readable = true;
    await user.click(screen.getByText('Try again'));
    await waitFor(() => screen.getByTestId('tab-signin'));
  });
});

describe('a problem at the start', () => {
  it('stands beside connections that can be used', async () => {
    const { user } = await openWindow({
      appState: () => Promise.resolve(appState({ problem: problem('configuration') })),
    });
    screen.getByTestId('tab-signin');
    await expectAccessible();
    await user.click(within(screen.getByTestId('start-problem')).getByText('Dismiss'));
    expect(screen.queryByTestId('start-problem')).toBeNull();
  });

  it('does not hide the connection that the program was told to show', async () => {
    await openWindow({ appState: () => Promise.resolve(appState({ selected: demo.id })) });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(demo.name);
  });

  it('or none, the window says once that it is painted', async () => {
    const { platform } = await openWindow();
    await waitFor(() => expect(platform.of('windowReady')).toHaveLength(1));
  });
});

describe('the demo tenant after a restart', () => {
  it('is started before anything is asked of it', async () => {
    const { platform, user } = await openWindow({
      appState: () => Promise.resolve(appState({ demo: null })),
      demoStart: () => Promise.resolve(demo),
    });
    await user.click(screen.getByTestId('connection-Demo tenant'));
    await waitFor(() => expect(platform.of('demoStart').length).toBeGreaterThan(0));
    const order = platform.calls
      .filter((call) => call.method === 'demoStart' || call.args[0] === demo.id)
      .map((call) => call.method);
    expect(order[0]).toBe('demoStart');
  });
});

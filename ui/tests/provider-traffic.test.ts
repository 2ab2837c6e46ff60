import { screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { connection } from '../fixtures/connections';
import { changes, entries, key, provider } from '../fixtures/provider';
import { problem } from '../fixtures/reports';
import { traffic } from '../fixtures/traffic';
import type { ProviderView } from '../src/lib/bindings/ProviderView';
import { deferred } from '../src/lib/platform/fake';
import { expectAccessible, openTab, openWindow } from './window';

const id = connection({}).id;

describe('provider', () => {
  it('explains the metadata, and says what changed', async () => {
    await openTab('provider', { provider: () => Promise.resolve(provider({ changes })) });
    await screen.findByText('Changed since the last look');
    screen.getByText('Where codes, passwords and refresh tokens become tokens.');
    expect(screen.getAllByText('In no specification that Latchkey knows.').length).toBeGreaterThan(
      0,
    );
    screen.getByTestId('finding-metadata_algorithms');
    await expectAccessible();
  }, 20_000);

  it('looks again when asked, and can be stopped', async () => {
    const slow = deferred<ProviderView>();
    const { user, platform } = await openTab('provider', {
      provider: (_id, again) => (again ? slow.promise : Promise.resolve(provider({}))),
    });
    await user.click(screen.getByTestId('provider-again'));
    await screen.findByText('Asking the provider…');
    await expectAccessible();
    await user.keyboard('{Escape}');
    const asked = platform.of('provider').at(-1);
    expect(asked?.[1]).toBe(true);
    expect(platform.of('cancel').at(-1)).toEqual([asked?.[2]]);
    slow.reject({ field: null, problem: problem('cancelled') });
    await screen.findByText('Cancelled');
    screen.getByText('token_endpoint');
  });

  it('keeps saying what changed until somebody looks again', async () => {
    let first = true;
    const { user } = await openTab('provider', {
      provider: (of) => {
        const view = provider({ changes: first && of === id ? changes : [] });
        if (of === id) first = false;
        return Promise.resolve(view);
      },
    });
    await screen.findByText('Changed since the last look');
    await user.click(screen.getByTestId('connection-Demo tenant'));
    await user.click(screen.getByTestId('connection-Payroll portal'));
    await screen.findByText('Changed since the last look');
    await user.click(screen.getByTestId('provider-again'));
    await waitFor(() => expect(screen.queryByText('Changed since the last look')).toBeNull());
  });

  it('shows why it could not be looked up', async () => {
    await openTab('provider', {
      provider: () => Promise.reject({ field: null, problem: problem('dns') }),
    });
    await screen.findByText('The host name is not known');
    await expectAccessible();
  });

  it('shows keys, and why one is not accepted', async () => {
    const { user } = await openTab('provider');
    await user.click(await screen.findByTestId('provider-keys'));
    screen.getByText('Shorter than 2048 bits.');
    screen.getByText('EC P-256');
    await expectAccessible();
  });

  it('h27 renders only the keys on the screen of a thousand', async () => {
    const keys = Array.from({ length: 1000 }, (_, at) => key(at));
    const { user } = await openTab('provider', {
      provider: () => Promise.resolve(provider({ keys })),
    });
    await user.click(await screen.findByTestId('provider-keys'));
    const table = screen.getByRole('table', { name: 'Keys' });
    expect(table.getAttribute('aria-rowcount')).toBe('1001');
    expect(within(table).getAllByRole('row').length).toBeLessThan(60);
    await user.type(screen.getByLabelText('Filter metadata and keys'), 'JRcO4nxs999');
    expect(within(table).getAllByRole('row')).toHaveLength(2);
  });

  it('says when the key set has no keys, or could not be fetched', async () => {
    const { user } = await openTab('provider', {
      provider: () => Promise.resolve(provider({ keys: [], keys_problem: problem('not_json') })),
    });
    await screen.findByTestId('problem');
    await user.click(screen.getByTestId('provider-keys'));
    screen.getByText('The key set has no keys');
  });

  it('shows and copies the raw JSON', async () => {
    const { user, platform } = await openTab('provider', { copyText: () => Promise.resolve() });
    await user.click(await screen.findByRole('tab', { name: 'Raw JSON' }));
    expect(screen.getByRole('region', { name: 'Raw metadata' }).textContent).toContain('"issuer"');
    await user.click(screen.getByText('Copy JSON'));
    await waitFor(() => expect(platform.of('copyText')).toEqual([[provider({}).raw]]));
    await expectAccessible();
  });

  it('h27 shows 1 MB of metadata two hundred entries at a time', async () => {
    const many = Array.from({ length: 4000 }, (_, at) => ({
      name: `x_${at}`,
      value: 'v'.repeat(240),
      explanation: null,
      finding: null,
    }));
    await openTab('provider', {
      provider: () => Promise.resolve(provider({ entries: [...entries, ...many] })),
    });
    await screen.findByText(/Show more, 3,/);
  });
});

describe('traffic', () => {
  it('shows an exchange whole, without its secrets', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-3'));
    const detail = within(screen.getByRole('region', { name: 'Exchange 3, Token' }));
    detail.getByText('Basic ba88ac70-1234-0135-527a:[client secret]');
    detail.getByText('[password]');
    detail.getByText('Taken out of this recording');
    detail.getByText('118 ms');
    await expectAccessible();
  });

  it('copies an exchange as cURL', async () => {
    const { user, platform } = await openTab('traffic', { exchangeCurl: () => Promise.resolve() });
    await user.click(await screen.findByTestId('exchange-3'));
    await user.click(screen.getByTestId('copy-curl'));
    await waitFor(() => expect(platform.of('exchangeCurl')).toEqual([[id, 3]]));
    await screen.findByText('Copied');
  });

  it('says that nothing was copied when nothing was', async () => {
    const { user } = await openTab('traffic', {
      exchangeCurl: () => Promise.reject({ field: null, problem: problem('configuration') }),
    });
    await user.click(await screen.findByTestId('copy-curl'));
    await screen.findByText('Not copied');
  });

  it('h27 keeps a body of 190 kB in rows', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-4'));
    const body = screen.getByRole('region', { name: 'Answer body' });
    expect(within(body).getAllByRole('listitem').length).toBeLessThan(80);
    screen.getByText('Answer body, 190 kB, cut short');
  });

  it('says why no answer came', async () => {
    const { user } = await openTab('traffic');
    await user.click(await screen.findByTestId('exchange-5'));
    screen.getByText('No byte came for 15 s.');
    await expectAccessible();
  });

  it('is cleared', async () => {
    let list = traffic;
    const { user, platform } = await openTab('traffic', {
      traffic: () => Promise.resolve(list),
      trafficClear: () => {
        list = [];
        return Promise.resolve();
      },
    });
    await user.click(await screen.findByTestId('traffic-clear'));
    await screen.findByText('No traffic yet');
    expect(platform.of('trafficClear')).toEqual([[id]]);
    await expectAccessible();
  });
});

describe('keys', () => {
  afterEach(() => vi.restoreAllMocks());

  it('Ctrl with 1 to 5 open the tabs, and the panel belongs to its tab', async () => {
    const { user } = await openTab('signin');
    for (const [key, tab] of ['signin', 'session', 'claims', 'provider', 'traffic'].entries()) {
      await user.keyboard(`{Control>}${key + 1}{/Control}`);
      const trigger = screen.getByTestId(`tab-${tab}`);
      expect(trigger.getAttribute('aria-selected')).toBe('true');
      const panel = document.getElementById(trigger.getAttribute('aria-controls') ?? '');
      expect(panel?.getAttribute('role')).toBe('tabpanel');
      expect(panel?.getAttribute('aria-labelledby')).toBe(trigger.id);
    }
  });

  it('arrow keys move between tabs', async () => {
    const { user } = await openTab('signin');
    screen.getByTestId('tab-signin').focus();
    await user.keyboard('{ArrowRight}');
    expect(screen.getByTestId('tab-session').getAttribute('aria-selected')).toBe('true');
  });

  it('Ctrl-N opens a new connection with the name focused', async () => {
    const { user } = await openWindow();
    await user.keyboard('{Control>}n{/Control}');
    expect(document.activeElement).toBe(screen.getByTestId('nc-name'));
  });

  it('Ctrl-Enter runs the main action of the tab', async () => {
    const { user, platform } = await openTab('provider');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(platform.of('provider').at(-1)?.[1]).toBe(true));
  });
});

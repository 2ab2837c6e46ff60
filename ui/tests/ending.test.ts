import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { appState, connection } from '../fixtures/connections';
import { introspected, notOffered, notRevoked, revoked, signedOut } from '../fixtures/ending';
import { problem, report as signedIn } from '../fixtures/reports';
import { noSession, session, stored } from '../fixtures/session';
import type { SessionReport } from '../src/lib/bindings/SessionReport';
import type { SignInReport } from '../src/lib/bindings/SignInReport';
import { deferred } from '../src/lib/platform/fake';
import { expectAccessible, openTab } from './window';

const id = connection({}).id;

/** A dialog that closes holds the pointer off the page for a moment. */
const dialogIsGone = () =>
  waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));

describe('the session at the provider', () => {
  it('is introspected in place, for the token that is chosen', async () => {
    const { user, platform } = await openTab('session', {
      sessionIntrospect: () => Promise.resolve(introspected),
    });
    await user.selectOptions(await screen.findByTestId('ending-token'), 'access_token');
    await user.click(screen.getByTestId('introspect'));
    const result = within(await screen.findByTestId('ending-result'));
    result.getByText('The refresh token is active');
    result.getByText('Introspection claims');
    expect(result.getByRole('region', { name: 'Introspection answer' }).textContent).toContain(
      '"active": true',
    );
    expect(platform.of('sessionIntrospect')[0]).toMatchObject([
      { connection: id, token: 'access_token', client_secret: null },
    ]);
    await expectAccessible();
  });

  it('is revoked after a question, with the proof, and then forgotten', async () => {
    let over = false;
    const { user, platform } = await openTab('session', {
      session: () => Promise.resolve(over ? noSession : session({})),
      sessionRevoke: () => {
        over = true;
        return Promise.resolve(revoked);
      },
    });
    await user.click(await screen.findByTestId('revoke'));
    await screen.findByRole('alertdialog');
    await expectAccessible();
    await user.click(screen.getByTestId('revoke-confirm'));
    const result = within(await screen.findByTestId('ending-result'));
    result.getByText('The refresh token is revoked');
    result.getByText(/forgotten here as well/);
    expect(result.getAllByTestId('finding-revocation_proof')).toHaveLength(2);
    await screen.findByText('No tokens in this window');
    expect(platform.of('sessionRevoke')).toHaveLength(1);
    await expectAccessible();
  });

  it('is left alone when the question is answered with Escape', async () => {
    const { user, platform } = await openTab('session');
    for (const button of ['revoke', 'sign-out']) {
      await user.click(await screen.findByTestId(button));
      await screen.findByRole('alertdialog');
      await user.keyboard('{Escape}');
      await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    }
    expect(platform.of('sessionRevoke')).toHaveLength(0);
    expect(platform.of('sessionSignOut')).toHaveLength(0);
  });

  it('says when the token is still taken', async () => {
    const { user } = await openTab('session', { sessionRevoke: () => Promise.resolve(notRevoked) });
    await user.click(await screen.findByTestId('revoke'));
    await user.click(await screen.findByTestId('revoke-confirm'));
    const result = within(await screen.findByTestId('ending-result'));
    result.getByText('Rejected: Proof of revocation failed');
    result.getByText(/What is kept here stays/);
    await expectAccessible();
  });

  it('ends at the end-session endpoint, with what was chosen', async () => {
    const { user, platform } = await openTab('session', {
      sessionSignOut: () => Promise.resolve(signedOut),
    });
    await user.click(await screen.findByTestId('sign-out'));
    await screen.findByRole('alertdialog');
    await expectAccessible();
    const uri = screen.getByTestId<HTMLInputElement>('sign-out-uri');
    expect(uri.value).toBe('https://payroll.acme.example/signed-out');
    await user.clear(uri);
    await user.type(uri, ' https://payroll.acme.example/out ');
    await user.click(screen.getByTestId('sign-out-revoke-only'));
    await user.click(screen.getByTestId('sign-out-confirm'));
    const result = within(await screen.findByTestId('ending-result'));
    result.getByText('Signed out');
    result.getByText('A browser that is signed in may stay so.');
    expect(platform.of('sessionSignOut')[0]).toMatchObject([
      {
        connection: id,
        post_logout_redirect_uri: 'https://payroll.acme.example/out',
        revoke_only: true,
        browser: null,
      },
    ]);
  });

  it('ends in a browser where that was chosen, and says what to do there', async () => {
    const answer = deferred<SessionReport>();
    const { user, platform } = await openTab('session', {
      sessionSignOut: () => answer.promise,
    });
    await user.click(await screen.findByTestId('sign-out'));
    await user.selectOptions(await screen.findByTestId('sign-out-browser'), 'login_window');
    screen.getByText(/No browser session is kept/);
    await user.selectOptions(screen.getByTestId('sign-out-browser'), 'system');
    expect(screen.getByTestId<HTMLInputElement>('sign-out-uri').value).toBe('');
    await user.selectOptions(screen.getByTestId('sign-out-browser'), 'login_window');
    await expectAccessible();
    await user.click(screen.getByTestId('sign-out-confirm'));
    await screen.findByText(/Sign out in the login window/);
    expect(platform.of('sessionSignOut')[0]).toMatchObject([
      {
        post_logout_redirect_uri: 'https://payroll.acme.example/signed-out',
        browser: 'login_window',
      },
    ]);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    await user.keyboard('{Escape}');
    expect(platform.of('cancel')).toHaveLength(1);
    answer.resolve(signedOut);
    await screen.findByTestId('ending-result');
    await waitFor(() => expect(screen.queryByText(/Sign out in the login window/)).toBeNull());
  });

  it('explains what the provider does not offer', async () => {
    const { user } = await openTab('session', {
      sessionSignOut: () => Promise.resolve(notOffered),
    });
    await user.click(await screen.findByTestId('sign-out'));
    await user.click(await screen.findByTestId('sign-out-confirm'));
    await screen.findByText('The provider offers no sign-out');
    await screen.findByText(/name no end_session_endpoint/);
    await expectAccessible();
  });

  it('says that it is busy, and is cancelled with Escape', async () => {
    const answer = deferred<SessionReport>();
    const { user, platform } = await openTab('session', {
      sessionIntrospect: () => answer.promise,
    });
    await user.click(await screen.findByTestId('introspect'));
    const button = await screen.findByText('Introspecting…');
    expect(button.getAttribute('aria-busy')).toBe('true');
    expect(screen.getByTestId('revoke').getAttribute('aria-disabled')).toBe('true');
    await expectAccessible();
    await user.keyboard('{Escape}');
    expect(platform.of('cancel')).toHaveLength(1);
    answer.reject({ field: null, problem: problem('cancelled') });
    await screen.findByText('Cancelled');
    expect(screen.getByTestId('introspect').getAttribute('aria-disabled')).toBeNull();
  });

  it('does not stand beside the session of the next sign-in', async () => {
    let over = false;
    const { user } = await openTab('session', {
      session: () => Promise.resolve(over ? noSession : session({})),
      sessionRevoke: () => {
        over = true;
        return Promise.resolve(revoked);
      },
      sessionSignOut: () => Promise.reject({ field: null, problem: problem('dns') }),
      signInPassword: () => {
        over = false;
        return Promise.resolve(signedIn({}));
      },
    });
    const signInAgain = async () => {
      await dialogIsGone();
      await user.click(screen.getByTestId('tab-signin'));
      await user.type(await screen.findByTestId('si-password'), 'canary{Enter}');
      await screen.findByTestId('verdict');
      await user.click(screen.getByTestId('tab-session'));
      await screen.findByText(/The keychain holds a refresh token/);
    };
    await user.click(await screen.findByTestId('revoke'));
    await user.click(await screen.findByTestId('revoke-confirm'));
    await screen.findByText('The refresh token is revoked');
    await signInAgain();
    expect(screen.queryByText('The refresh token is revoked')).toBeNull();

    await user.click(screen.getByTestId('sign-out'));
    await user.click(await screen.findByTestId('sign-out-confirm'));
    await screen.findByText('Nothing was sent.');
    await signInAgain();
    expect(screen.queryByText('Nothing was sent.')).toBeNull();
  });

  it('does not stand beside a refreshed session, nor a refresh beside one that is over', async () => {
    let over = false;
    const answer = deferred<SignInReport>();
    const { user } = await openTab('session', {
      session: () => Promise.resolve(over ? noSession : session({})),
      sessionIntrospect: () => Promise.resolve(introspected),
      sessionRevoke: () => {
        over = true;
        return Promise.resolve(revoked);
      },
      signInRefresh: () => answer.promise,
    });
    await user.click(await screen.findByTestId('introspect'));
    await screen.findByText('The refresh token is active');
    await user.click(screen.getByTestId('refresh-submit'));
    await waitFor(() => expect(screen.queryByText('The refresh token is active')).toBeNull());
    answer.resolve(signedIn({}));
    await screen.findByText(/Refreshed for Peggy Sue/, { selector: 'p' });

    await user.click(screen.getByTestId('revoke'));
    await user.click(await screen.findByTestId('revoke-confirm'));
    await screen.findByText('The refresh token is revoked');
    await waitFor(() =>
      expect(screen.queryByText(/Refreshed for Peggy Sue/, { selector: 'p' })).toBeNull(),
    );
  });

  it('asks for a sign-in once nothing is left, and says what OneLogin needs for a refresh token', async () => {
    let over = false;
    const { user } = await openTab('session', {
      session: () => Promise.resolve(over ? noSession : session({})),
      sessionRevoke: () => {
        over = true;
        return Promise.resolve(revoked);
      },
    });
    await user.click(await screen.findByTestId('revoke'));
    await user.click(await screen.findByTestId('revoke-confirm'));
    await screen.findByText(/Sign in first/);
    expect(screen.queryByText(/Refresh first/)).toBeNull();
    screen.getByText(/Sign in to get one\. With a password, OneLogin needs the scope/);
  });

  it('asks for no scope where the provider is not OneLogin', async () => {
    const issuer = 'https://id.example.com';
    await openTab('session', {
      appState: () => Promise.resolve(appState({ connections: [connection({ issuer })] })),
      session: () => Promise.resolve(noSession),
    });
    await screen.findByText('Sign in to get one.');
    expect(screen.queryByText(/offline_access/)).toBeNull();
  });

  it('works on the keychain’s refresh token after a restart, and asks to refresh for the rest', async () => {
    const { user, platform } = await openTab('session', {
      session: () => Promise.resolve(session({ tokens: [], stored: stored('held') })),
      sessionIntrospect: () => Promise.resolve(introspected),
    });
    await screen.findByText(/Refresh first/);
    await user.click(screen.getByTestId('sign-out'));
    expect(screen.queryByRole('alertdialog')).toBeNull();
    await user.click(screen.getByTestId('introspect'));
    await screen.findByTestId('ending-result');
    expect(platform.of('sessionIntrospect')[0]).toMatchObject([{ token: 'refresh_token' }]);
  });

  it('is not there where there is no session', async () => {
    await openTab('session', { session: () => Promise.resolve(noSession) });
    await screen.findByText('Go to Sign in');
    expect(screen.queryByTestId('introspect')).toBeNull();
  });
});

// Introspection, revocation and sign-out of one connection: what is under way, and what the last one brought.

import type { Browser } from '../bindings/Browser';
import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { SessionDeed } from '../bindings/SessionDeed';
import type { SessionReport } from '../bindings/SessionReport';
import type { TokenKind } from '../bindings/TokenKind';
import { endingNotBegun, endingVerdict } from '../format/ending';
import { isLoopback } from '../format/typed';
import { failure } from '../platform/failure';
import { type Host, newRun } from './host';

export type EndedToken = Exclude<TokenKind, 'id_token'>;

export interface EndingRun {
  id: string;
  deed: SessionDeed;
  cancelling: boolean;
  /** Where a person has to do something for it. */
  browser: Browser | null;
}

export class Ending {
  token = $state<EndedToken>('refresh_token');
  revokeOnly = $state(false);
  /** Where a sign-out is sent from; empty: from here, without a browser. */
  browser = $state<Browser | ''>('');
  /** The system's browser has its own: one on this computer. */
  #redirectUris = $state({ elsewhere: '', system: '' });

  run = $state.raw<EndingRun | null>(null);
  report = $state.raw<SessionReport | null>(null);
  /** Why it could not begin. */
  error = $state.raw<CommandError | null>(null);

  readonly #host: Host;
  readonly #connection: () => Connection;
  readonly #clientSecret: () => string;
  readonly #ended: (report: SessionReport | null) => Promise<void>;

  constructor(
    host: Host,
    connection: () => Connection,
    clientSecret: () => string,
    ended: (report: SessionReport | null) => Promise<void>,
  ) {
    this.#host = host;
    this.#connection = connection;
    this.#clientSecret = clientSecret;
    this.#ended = ended;
    const known = connection().post_logout_redirect_uri ?? '';
    this.#redirectUris = { elsewhere: known, system: isLoopback(known) ? known : '' };
  }

  get redirectUri(): string {
    return this.#redirectUris[this.browser === 'system' ? 'system' : 'elsewhere'];
  }
  set redirectUri(text: string) {
    this.#redirectUris[this.browser === 'system' ? 'system' : 'elsewhere'] = text;
  }

  get busy(): boolean {
    return this.run !== null;
  }

  async introspect(): Promise<void> {
    await this.#start('introspect', (run) =>
      this.#host.platform.sessionIntrospect({ ...this.#common(run), token: this.token }),
    );
  }

  async revoke(): Promise<void> {
    await this.#start('revoke', (run) =>
      this.#host.platform.sessionRevoke({ ...this.#common(run), token: this.token }),
    );
  }

  async signOut(): Promise<void> {
    const typed = this.redirectUri.trim();
    const browser = this.browser === '' ? null : this.browser;
    await this.#start(
      'sign_out',
      (run) =>
        this.#host.platform.sessionSignOut({
          ...this.#common(run),
          post_logout_redirect_uri: typed === '' ? null : typed,
          revoke_only: this.revokeOnly,
          browser,
        }),
      browser,
    );
  }

  /** What was said is of a session that is no longer the one here. */
  clear(): void {
    this.report = null;
    this.error = null;
  }

  /** Stops it; how it ended comes with its report. */
  async cancel(): Promise<void> {
    const run = this.run;
    if (!run || run.cancelling) return;
    this.run = { ...run, cancelling: true };
    await this.#host.platform.cancel(run.id).catch(() => undefined);
  }

  #common(run: string) {
    const secret = this.#clientSecret();
    return {
      run,
      connection: this.#connection().id,
      client_secret: secret === '' ? null : secret,
    };
  }

  async #start(
    deed: SessionDeed,
    ask: (run: string) => Promise<SessionReport>,
    browser: Browser | null = null,
  ): Promise<void> {
    if (this.run) return;
    const id = newRun();
    this.run = { id, deed, cancelling: false, browser };
    this.clear();
    try {
      this.report = await ask(id);
      const said = endingVerdict(this.report);
      this.#host.announce(`${said.title}. ${said.detail}`);
    } catch (error) {
      this.error = failure(error);
      const said = endingNotBegun(this.error);
      this.#host.announce(`${said.title}. ${this.error.problem.explanation}`);
    } finally {
      this.run = null;
    }
    await this.#ended(this.report);
  }
}

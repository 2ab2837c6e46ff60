// One open connection: its tabs and what each of them shows.

import type { ClaimsView } from '../bindings/ClaimsView';
import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { Exchange } from '../bindings/Exchange';
import type { ProviderView } from '../bindings/ProviderView';
import type { SessionView } from '../bindings/SessionView';
import { hostOf, isOneLoginV2 } from '../format/issuer';
import { wayOf } from '../format/verdict';
import { failure } from '../platform/failure';
import { Ending } from './ending.svelte';
import { type Host, newRun } from './host';
import { Resource } from './resource.svelte';
import { Reveal } from './reveal.svelte';
import { SignIn } from './sign-in.svelte';

export type Tab = 'signin' | 'session' | 'claims' | 'provider' | 'traffic';
export const TABS: readonly Tab[] = ['signin', 'session', 'claims', 'provider', 'traffic'];

export class ConnectionState {
  connection: Connection = $state.raw(null as unknown as Connection);
  tab = $state<Tab>('signin');
  readonly session = new Resource<SessionView>();
  readonly claims = new Resource<ClaimsView | null>();
  readonly provider = new Resource<ProviderView>();
  readonly traffic = new Resource<Exchange[]>();
  readonly signIn: SignIn;
  readonly reveal: Reveal;
  readonly ending: Ending;
  /** The last run is a refresh that was asked for beside its session, which is still there. */
  refreshedHere = $state(false);
  selectedExchange = $state<number | null>(null);
  forgetFailure = $state.raw<CommandError | null>(null);
  browserForgetFailure = $state.raw<CommandError | null>(null);

  readonly #host: Host;
  #providerRun: string | null = null;

  constructor(host: Host, connection: Connection) {
    this.#host = host;
    this.connection = connection;
    this.signIn = new SignIn(
      host,
      () => this.connection,
      () => this.#outdated(),
      () => this.#afterRun(),
    );
    this.reveal = new Reveal(host, () => this.connection.id);
    this.ending = new Ending(
      host,
      () => this.connection,
      () => this.signIn.clientSecret,
      (report) => this.#afterEnding(report?.forgotten ?? false),
    );
  }

  get id(): string {
    return this.connection.id;
  }

  /** The scopes to choose from: what the metadata offer, what the connection has, and OneLogin's unadvertised one. */
  get offeredScopes(): string[] {
    const extra = isOneLoginV2(this.connection.issuer) ? ['offline_access'] : [];
    return [
      ...new Set([
        ...(this.listed('scopes_supported') ?? []),
        ...this.connection.scopes,
        ...this.signIn.scopes,
        ...this.signIn.browser.scopes,
        ...extra,
      ]),
    ];
  }

  /** The texts that the metadata list under a name; `null` where they do not say. */
  listed(name: string): string[] | null {
    const value = this.#entry(name);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : null;
  }

  /** The host that a password goes to: the token endpoint's where it is known. */
  get credentialHost(): string {
    const endpoint = this.#entry('token_endpoint');
    return hostOf(typeof endpoint === 'string' ? endpoint : this.connection.issuer);
  }

  /** Whether the client secret has to be typed: needed, and not in the keychain. */
  get secretDue(): boolean {
    if (this.connection.auth_method === 'none' || this.connection.demo) return false;
    if (this.signIn.fieldErrors.client_secret !== undefined) return true;
    const stored = this.session.value?.stored;
    return stored !== undefined && stored.client_secret !== true;
  }

  /** Whether there may be a refresh token to use: in this window, or in a keychain that is not known to be empty. */
  get canRefresh(): boolean {
    const session = this.session.value;
    if (session === null) return false;
    const { state } = session.stored;
    return (
      session.refresh_token_kept === 'session_only' || (state !== 'empty' && state !== 'absent')
    );
  }

  /** Nobody chose "this session only": there was no keychain, and one may come. */
  #keptForNow = false;

  /** Fetches what the tabs show; discovery and keys ahead, so that a sign-in need not wait for them. */
  async open(): Promise<void> {
    await Promise.all([
      this.loadSession(),
      this.loadProvider(false),
      this.#loadReport(),
      this.#loadClaims(),
      this.loadTraffic(),
    ]);
  }

  /** The window shows something else: nothing typed or revealed stays. */
  leave(): void {
    this.signIn.forgetTyped();
    this.reveal.hideAll();
  }

  async loadSession(): Promise<void> {
    await this.session.load(() => this.#host.platform.session(this.id));
    const absent = this.session.value?.stored.state === 'absent';
    if (absent && this.signIn.keep === 'keychain') {
      this.signIn.keep = 'session_only';
      this.#keptForNow = true;
    } else if (!absent && this.#keptForNow) {
      this.signIn.keep = 'keychain';
      this.#keptForNow = false;
    }
  }

  async loadTraffic(): Promise<void> {
    await this.traffic.load(() => this.#host.platform.traffic(this.id));
  }

  /** `again`: ask the provider, whatever is known. */
  async loadProvider(again: boolean): Promise<void> {
    const run = newRun();
    this.#providerRun = run;
    const before = this.provider.value;
    await this.provider.load(async () => {
      const view = await this.#host.platform.provider(this.id, again, run);
      // What changed stays said until somebody looks again.
      const same = !again && view.changes.length === 0 && before?.raw === view.raw;
      return same ? { ...view, changes: before.changes } : view;
    });
    if (this.#providerRun === run) this.#providerRun = null;
    if (again) await this.loadTraffic();
  }

  /** Stops a look at the provider that is under way. */
  async cancelProvider(): Promise<void> {
    const run = this.#providerRun;
    if (run) await this.#host.platform.cancel(run).catch(() => undefined);
  }

  async clearTraffic(): Promise<void> {
    this.selectedExchange = null;
    await this.traffic.load(async () => {
      await this.#host.platform.trafficClear(this.id);
      return this.#host.platform.traffic(this.id);
    });
  }

  /** Refreshes where the session is shown: how it ended is said there as well. */
  async refreshHere(): Promise<void> {
    if (!this.canRefresh || this.signIn.busy) return;
    await this.signIn.refresh();
    this.refreshedHere = true;
  }

  /** Removes the tokens from memory and the refresh token from the keychain. */
  async forget(): Promise<boolean> {
    this.forgetFailure = null;
    this.reveal.hideAll();
    try {
      await this.#host.platform.sessionForget(this.id);
      this.#outdated();
      this.#host.announce('The session is forgotten.');
    } catch (error) {
      this.forgetFailure = failure(error);
      this.#host.announce(this.forgetFailure.problem.explanation);
    }
    await Promise.all([this.loadSession(), this.#loadClaims()]);
    return this.forgetFailure === null;
  }

  /** Keeps the typed client secret in the keychain. */
  async keepSecret(): Promise<void> {
    if (await this.signIn.keepSecret()) await this.loadSession();
  }

  /** Forgets the cookies that the login window kept. */
  async forgetBrowserSession(): Promise<void> {
    this.browserForgetFailure = null;
    try {
      await this.#host.platform.browserSessionForget(this.id);
      this.#host.announce('The browser session is forgotten.');
    } catch (error) {
      this.browserForgetFailure = failure(error);
      this.#host.announce(this.browserForgetFailure.problem.explanation);
    }
    await this.loadSession();
  }

  #entry(name: string) {
    return this.provider.value?.entries.find((one) => one.name === name)?.value;
  }

  async #loadClaims(): Promise<void> {
    await this.claims.load(() => this.#host.platform.claims(this.id));
  }

  async #loadReport(): Promise<void> {
    const signIn = this.signIn;
    const report = await this.#host.platform.report(this.id).catch(() => null);
    if (signIn.busy || signIn.report !== null || signIn.error !== null) return;
    signIn.report = report;
    if (report) signIn.endedWay = wayOf(report);
  }

  async #afterEnding(forgotten: boolean): Promise<void> {
    if (forgotten) {
      this.reveal.hideAll();
      this.refreshedHere = false;
    }
    await Promise.all([this.loadSession(), this.#loadClaims(), this.loadTraffic()]);
  }

  /** A session begins or is gone: what was said of the one before does not stand beside it. */
  #outdated(): void {
    this.ending.clear();
    this.refreshedHere = false;
  }

  async #afterRun(): Promise<void> {
    this.reveal.hideAll();
    this.#outdated();
    await Promise.all([
      this.loadSession(),
      this.#loadClaims(),
      this.loadTraffic(),
      this.loadProvider(false),
      this.#host.reload(),
    ]);
  }
}

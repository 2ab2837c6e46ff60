// One connection's sign-in: the form, the run under way, and what the last run brought.

import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { Field } from '../bindings/Field';
import type { Fix } from '../bindings/Fix';
import type { Keep } from '../bindings/Keep';
import type { SignInReport } from '../bindings/SignInReport';
import type { Step } from '../bindings/Step';
import { type Way, notBegun, verdict } from '../format/verdict';
import { failure } from '../platform/failure';
import { fixDone } from '../words';
import { type Host, newRun } from './host';

export interface Run {
  id: string;
  way: Way;
  steps: Step[];
  cancelling: boolean;
}

/** The waterfall before the first progress event. */
const WAITING: Step[] = (['discovery', 'keys', 'token', 'verify', 'userinfo'] as const).map(
  (name) => ({ name, state: 'waiting', start_us: 0, duration_us: 0 }),
);

export class SignIn {
  way = $state<Way>('password');
  username = $state('');
  password = $state('');
  /** For this time only; asked for where the keychain holds none. */
  clientSecret = $state('');
  scopes = $state.raw<string[]>([]);
  keep = $state<Keep>('keychain');

  run = $state.raw<Run | null>(null);
  report = $state.raw<SignInReport | null>(null);
  /** The way that brought the report or the error. */
  endedWay = $state<Way>('password');
  /** Why a run could not begin. */
  error = $state.raw<CommandError | null>(null);
  /** What is said at a field, before or after asking. */
  fieldErrors = $state.raw<Partial<Record<Field, string>>>({});

  /** The change that was made, until the next run. */
  fixed = $state.raw<Fix | null>(null);
  fixing = $state(false);
  /** A run just ended, and its result was not brought into view yet. */
  fresh = false;
  fixFailure = $state.raw<CommandError | null>(null);

  readonly #host: Host;
  readonly #connection: () => Connection;
  readonly #ended: () => Promise<void>;

  constructor(host: Host, connection: () => Connection, ended: () => Promise<void>) {
    this.#host = host;
    this.#connection = connection;
    this.#ended = ended;
    this.username = connection().username ?? '';
    this.scopes = connection().scopes;
  }

  get busy(): boolean {
    return this.run !== null;
  }

  toggleScope(scope: string): void {
    this.scopes = this.scopes.includes(scope)
      ? this.scopes.filter((one) => one !== scope)
      : [...this.scopes, scope];
  }

  /** The main action of the tab. */
  async submit(): Promise<void> {
    await (this.way === 'password' ? this.signIn() : this.refresh());
  }

  async signIn(): Promise<void> {
    const missing: Partial<Record<Field, string>> = {};
    if (this.username.trim() === '') missing.username = 'Enter the user name.';
    if (this.password === '') missing.password = 'Enter the password.';
    this.fieldErrors = missing;
    if (Object.keys(missing).length > 0) return;
    const { platform } = this.#host;
    await this.#start('password', (run, progress) =>
      platform.signInPassword(
        {
          run,
          connection: this.#connection().id,
          username: this.username,
          password: this.password,
          scopes: this.scopes,
          client_secret: this.clientSecret === '' ? null : this.clientSecret,
          keep: this.keep,
        },
        progress,
      ),
    );
  }

  async refresh(): Promise<void> {
    this.fieldErrors = {};
    const { platform } = this.#host;
    await this.#start('refresh', (run, progress) =>
      platform.signInRefresh(
        {
          run,
          connection: this.#connection().id,
          client_secret: this.clientSecret === '' ? null : this.clientSecret,
        },
        progress,
      ),
    );
  }

  /** Stops the run; how it ended comes with its report. */
  async cancel(): Promise<void> {
    const run = this.run;
    if (!run || run.cancelling) return;
    this.run = { ...run, cancelling: true };
    await this.#host.platform.cancel(run.id).catch(() => undefined);
  }

  /** Makes the change that the problem offers. */
  async fix(fix: Fix): Promise<void> {
    this.fixing = true;
    this.fixFailure = null;
    try {
      const connection = await this.#host.platform.connectionFix(this.#connection().id, fix);
      this.#host.changed(connection);
      if (fix.fix === 'add_scope' && !this.scopes.includes(fix.scope)) {
        this.scopes = [...this.scopes, fix.scope];
      }
      if (fix.fix === 'remove_scope') this.scopes = this.scopes.filter((one) => one !== fix.scope);
      this.fixed = fix;
      this.#host.announce(fixDone(fix));
    } catch (error) {
      this.fixFailure = failure(error);
      this.#host.announce(this.fixFailure.problem.explanation);
    } finally {
      this.fixing = false;
    }
  }

  /** The request as a command line, without the secrets, on the clipboard. */
  async copyCurl(): Promise<void> {
    await this.#host.platform.passwordCurl(this.#connection().id, this.username, this.scopes);
  }

  /** Nothing typed outlives the view of the connection. */
  forgetTyped(): void {
    this.password = '';
    this.clientSecret = '';
  }

  async #start(
    way: Way,
    ask: (
      run: string,
      progress: Parameters<Host['platform']['signInPassword']>[1],
    ) => Promise<SignInReport>,
  ): Promise<void> {
    if (this.run) return;
    const id = newRun();
    this.run = { id, way, steps: WAITING, cancelling: false };
    this.report = null;
    this.error = null;
    this.fixed = null;
    this.fixFailure = null;
    this.endedWay = way;
    try {
      const report = await ask(id, (progress) => {
        if (this.run?.id === id) this.run = { ...this.run, steps: progress.steps };
      });
      this.fresh = true;
      this.report = report;
      const said = verdict(report, way);
      this.#host.announce(`${said.title}. ${said.detail}`);
    } catch (error) {
      this.error = failure(error);
      const { field, problem } = this.error;
      if (field) this.fieldErrors = { [field]: `${problem.explanation} ${problem.remedy}`.trim() };
      this.#host.announce(`${notBegun(this.error).title}. ${problem.explanation}`);
    } finally {
      this.run = null;
    }
    await this.#ended();
  }
}

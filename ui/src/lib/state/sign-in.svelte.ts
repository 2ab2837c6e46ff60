// One connection's sign-in: the form, the run under way, and what the last run brought.

import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { Fix } from '../bindings/Fix';
import type { Keep } from '../bindings/Keep';
import type { SignInReport } from '../bindings/SignInReport';
import type { Step } from '../bindings/Step';
import type { StepName } from '../bindings/StepName';
import type { FieldErrors } from '../field';
import { type BrowserRun, after, begun, sayings } from '../format/browser-run';
import { type Way, notBegun, verdict } from '../format/verdict';
import { failure } from '../platform/failure';
import { fixDone } from '../words';
import { BrowserForm } from './browser-form.svelte';
import { type Host, newRun } from './host';

export interface Run {
  id: string;
  way: Way;
  steps: Step[];
  cancelling: boolean;
  /** Where the browser stands, of a run that needs one. */
  browser: BrowserRun | null;
}

const STEPS: StepName[] = ['discovery', 'keys', 'token', 'verify', 'userinfo'];
const BROWSER_STEPS: StepName[] = ['discovery', 'authorization', ...STEPS.slice(1)];

/** The waterfall before the first progress event. */
function waiting(names: StepName[]): Step[] {
  return names.map((name) => ({ name, state: 'waiting', start_us: 0, duration_us: 0 }));
}

export class SignIn {
  way = $state<Way>('password');
  username = $state('');
  password = $state('');
  /** For this time only; asked for where the keychain holds none. */
  clientSecret = $state('');
  scopes = $state.raw<string[]>([]);
  keep = $state<Keep>('keychain');
  readonly browser: BrowserForm;

  run = $state.raw<Run | null>(null);
  report = $state.raw<SignInReport | null>(null);
  /** The way that brought the report or the error. */
  endedWay = $state<Way>('password');
  /** Why a run could not begin. */
  error = $state.raw<CommandError | null>(null);
  /** What is said at a field, before or after asking. */
  fieldErrors = $state.raw<FieldErrors>({});

  /** The change that was made, until the next run. */
  fixed = $state.raw<Fix | null>(null);
  fixing = $state(false);
  /** A run just ended, and its result was not brought into view yet. */
  fresh = false;
  fixFailure = $state.raw<CommandError | null>(null);

  readonly #host: Host;
  readonly #connection: () => Connection;
  readonly #begun: () => void;
  readonly #ended: () => Promise<void>;

  constructor(
    host: Host,
    connection: () => Connection,
    begun: () => void,
    ended: () => Promise<void>,
  ) {
    this.#host = host;
    this.#connection = connection;
    this.#begun = begun;
    this.#ended = ended;
    this.username = connection().username ?? '';
    this.scopes = connection().scopes;
    this.browser = new BrowserForm(connection(), host.loginWindow);
  }

  get busy(): boolean {
    return this.run !== null;
  }

  toggleScope(scope: string): void {
    this.scopes = this.scopes.includes(scope)
      ? this.scopes.filter((one) => one !== scope)
      : [...this.scopes, scope];
  }

  /** Runs the same way again. */
  async again(): Promise<void> {
    if (this.endedWay === 'refresh') await this.refresh();
    else if (this.endedWay === 'browser') await this.signInBrowser();
    else await this.signIn();
  }

  async signIn(): Promise<void> {
    const missing: FieldErrors = {};
    if (this.username.trim() === '') missing.username = 'Enter the user name.';
    if (this.password === '') missing.password = 'Enter the password.';
    this.fieldErrors = missing;
    if (Object.keys(missing).length > 0) return;
    const { platform } = this.#host;
    await this.#start('password', null, (run, told) =>
      platform.signInPassword(
        {
          run,
          connection: this.#connection().id,
          username: this.username,
          password: this.password,
          scopes: this.scopes,
          client_secret: this.#secret,
          keep: this.keep,
        },
        ({ steps }) => told({ steps }),
      ),
    );
  }

  async signInBrowser(): Promise<void> {
    const checked = this.browser.check();
    this.fieldErrors = 'errors' in checked ? checked.errors : {};
    if ('errors' in checked) return;
    const { chosen } = checked;
    await this.#start('browser', begun(chosen.browser), (run, told) =>
      this.#host.platform.signInBrowser(
        {
          run,
          connection: this.#connection().id,
          ...chosen,
          client_secret: chosen.response_type === 'code' ? this.#secret : null,
          keep: this.keep,
        },
        (progress) => {
          if (progress.event === 'steps') told({ steps: progress.steps });
          else if (this.run?.browser) told({ browser: after(this.run.browser, progress) });
        },
      ),
    );
  }

  /** Goes on from the address that was shown first. */
  async openBrowser(): Promise<void> {
    const run = this.run;
    if (!run?.browser?.waiting) return;
    this.run = { ...run, browser: { ...run.browser, waiting: false } };
    try {
      await this.#host.platform.browserOpen(run.id);
    } catch (error) {
      const now = this.run;
      if (now.id === run.id && now.browser) {
        this.run = { ...now, browser: { ...now.browser, waiting: true } };
      }
      this.#host.announce(failure(error).problem.explanation);
    }
  }

  /** Ends the run with what the login window shows, or with the answer that it offers. */
  async takePage(): Promise<void> {
    if (this.run) await this.#host.platform.browserTake(this.run.id).catch(() => undefined);
  }

  async frontBrowser(): Promise<void> {
    if (this.run) await this.#host.platform.browserFront(this.run.id).catch(() => undefined);
  }

  async refresh(): Promise<void> {
    this.fieldErrors = {};
    const { platform } = this.#host;
    await this.#start('refresh', null, (run, told) =>
      platform.signInRefresh(
        { run, connection: this.#connection().id, client_secret: this.#secret },
        ({ steps }) => told({ steps }),
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
      for (const form of [this, this.browser]) {
        const asked = 'scope' in fix && form.scopes.includes(fix.scope);
        if (fix.fix === 'add_scope' && !asked) form.toggleScope(fix.scope);
        if (fix.fix === 'remove_scope' && asked) form.toggleScope(fix.scope);
      }
      this.fixed = fix;
      this.#host.announce(fixDone(fix));
    } catch (error) {
      this.fixFailure = failure(error);
      this.#host.announce(this.fixFailure.problem.explanation);
    } finally {
      this.fixing = false;
    }
  }

  /** Puts the typed client secret into the keychain, so that it need not be typed again. */
  async keepSecret(): Promise<boolean> {
    const secret = this.#secret;
    if (secret === null) {
      this.fieldErrors = { client_secret: 'Enter the client secret.' };
      return false;
    }
    try {
      await this.#host.platform.clientSecretKeep(this.#connection().id, secret);
    } catch (error) {
      const { problem } = failure(error);
      this.fieldErrors = { client_secret: `${problem.explanation} ${problem.remedy}`.trim() };
      this.#host.announce(problem.explanation);
      return false;
    }
    this.clientSecret = '';
    this.fieldErrors = {};
    this.#host.announce('The client secret is in the keychain.');
    return true;
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

  get #secret(): string | null {
    return this.clientSecret === '' ? null : this.clientSecret;
  }

  /** What a run under way tells; of one that is over, nothing counts. */
  #told(id: string, news: Partial<Pick<Run, 'steps' | 'browser'>>): void {
    const before = this.run;
    if (before?.id !== id) return;
    const now = { ...before, ...news };
    this.run = now;
    if (!now.browser || !before.browser) return;
    const heard = sayings(before.browser, before.steps);
    const fresh = sayings(now.browser, now.steps).filter((text) => !heard.includes(text));
    if (fresh.length > 0) this.#host.announce(fresh.join(' '));
  }

  async #start(
    way: Way,
    browser: BrowserRun | null,
    ask: (
      run: string,
      told: (news: Partial<Pick<Run, 'steps' | 'browser'>>) => void,
    ) => Promise<SignInReport>,
  ): Promise<void> {
    if (this.run) return;
    const id = newRun();
    this.run = {
      id,
      way,
      steps: waiting(browser ? BROWSER_STEPS : STEPS),
      cancelling: false,
      browser,
    };
    this.report = null;
    this.error = null;
    this.fixed = null;
    this.fixFailure = null;
    this.endedWay = way;
    this.#begun();
    try {
      const report = await ask(id, (news) => this.#told(id, news));
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

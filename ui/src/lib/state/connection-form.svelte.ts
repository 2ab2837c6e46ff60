// The form of a new or changed connection: discovery is looked up while typing, and everything that
// is wrong is said at its field before anything is saved.

import type { AuthMethod } from '../bindings/AuthMethod';
import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { DiscoverInput } from '../bindings/DiscoverInput';
import type { Discovery } from '../bindings/Discovery';
import type { Field } from '../bindings/Field';
import type { Problem } from '../bindings/Problem';
import { oneLoginIssuer, oneLoginName } from '../format/issuer';
import { redirectUriFault } from '../format/typed';
import { failure } from '../platform/failure';
import { type Host, newRun } from './host';

export type IssuerKind = DiscoverInput['kind'];
export type Lookup =
  | { state: 'none' }
  | { state: 'busy' }
  | { state: 'found'; discovery: Discovery }
  | { state: 'failed'; problem: Problem };

/** Long enough that a word is typed through, short enough that nobody waits. */
export const LOOKUP_DELAY_MS = 400;

/** Chosen beforehand, of those that the provider offers. */
const USUAL_SCOPES = ['openid', 'profile', 'email', 'groups', 'offline_access'];
/** Where the provider could not be asked. */
const PLAIN_SCOPES = ['openid', 'profile', 'email'];

const ORDER: Field[] = [
  'name',
  'issuer',
  'client_id',
  'client_secret',
  'redirect_uri',
  'post_logout_redirect_uri',
  'scopes',
];

/** The form's host also knows the other connections, and what to show afterwards. */
export interface FormHost extends Host {
  readonly connections: readonly Connection[];
  saved(connection: Connection): void;
}

export type FormStart = { connection: Connection } | { kind: IssuerKind; text: string };

/** What was typed; `null` where nothing was. */
function given(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

function sentence(problem: Problem): string {
  return `${problem.explanation} ${problem.remedy}`.trim();
}

export class ConnectionForm {
  readonly editing: Connection | null;
  name = $state('');
  kind = $state<IssuerKind>('onelogin');
  text = $state('');
  clientId = $state('');
  method = $state<AuthMethod>('basic');
  clientSecret = $state('');
  redirectUri = $state('');
  postLogoutRedirectUri = $state('');
  scopes = $state.raw<string[]>([]);

  lookup = $state.raw<Lookup>({ state: 'none' });
  errors = $state.raw<Partial<Record<Field, string>>>({});
  /** What could not be saved, where it belongs to no field. */
  failure = $state.raw<CommandError | null>(null);
  /** The second step is on the screen: discovery did not confirm the issuer. */
  asksAnyway = $state(false);
  /** The keychain refused the secret: the connection can be saved without it. */
  asksWithoutSecret = $state(false);
  saving = $state(false);

  readonly #host: FormHost;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #run: string | null = null;
  #settled: Promise<void> = Promise.resolve();
  #scopesTouched = false;
  #methodTouched = false;

  constructor(host: FormHost, start: FormStart) {
    this.#host = host;
    if ('connection' in start) {
      const { connection } = start;
      const subdomain = oneLoginName(connection.issuer);
      this.editing = connection;
      this.name = connection.name;
      this.kind = subdomain === null ? 'issuer' : 'onelogin';
      this.text = subdomain ?? connection.issuer;
      this.clientId = connection.client_id;
      this.method = connection.auth_method;
      this.redirectUri = connection.redirect_uri ?? '';
      this.postLogoutRedirectUri = connection.post_logout_redirect_uri ?? '';
      this.scopes = connection.scopes;
      this.#scopesTouched = true;
      this.#methodTouched = true;
    } else {
      this.editing = null;
      this.kind = start.kind;
      this.text = start.text;
      this.scopes = PLAIN_SCOPES;
    }
    if (this.text.trim() !== '') this.#look(0);
  }

  /** The issuer as it would be saved. */
  get issuer(): string {
    if (this.lookup.state === 'found') return this.lookup.discovery.issuer;
    return this.kind === 'onelogin' ? oneLoginIssuer(this.text) : this.text.trim();
  }

  get offeredScopes(): string[] {
    const offered = this.lookup.state === 'found' ? this.lookup.discovery.scopes : PLAIN_SCOPES;
    return [...new Set([...offered, ...this.scopes])];
  }

  /** Whether the provider can be used with the method; everything can while nothing is known. */
  offers(method: AuthMethod): boolean {
    return this.lookup.state !== 'found' || this.lookup.discovery.methods.includes(method);
  }

  /** The metadata name another issuer than the one that was asked. */
  get differs(): boolean {
    if (this.lookup.state === 'failed') return this.lookup.problem.kind === 'issuer_mismatch';
    return (
      this.lookup.state === 'found' &&
      this.lookup.discovery.findings.some(
        (one) => one.check === 'metadata_issuer' && one.status === 'failed',
      )
    );
  }

  setKind(kind: IssuerKind): void {
    if (this.kind === kind) return;
    this.kind = kind;
    this.typed();
  }

  /** The provider was typed: looked up once typing rests. */
  typed(): void {
    this.#clear('issuer');
    this.asksAnyway = false;
    this.#look(LOOKUP_DELAY_MS);
  }

  /** Takes the issuer that the metadata name. */
  useIssuer(issuer: string): void {
    this.kind = 'issuer';
    this.text = issuer;
    this.#clear('issuer');
    this.asksAnyway = false;
    this.#look(0);
  }

  lookAgain(): void {
    this.#look(0);
  }

  chooseMethod(method: AuthMethod): void {
    this.method = method;
    this.#methodTouched = true;
    if (method === 'none') this.#clear('client_secret');
  }

  toggleScope(scope: string): void {
    this.#scopesTouched = true;
    this.#clear('scopes');
    this.scopes = this.scopes.includes(scope)
      ? this.scopes.filter((one) => one !== scope)
      : [...this.scopes, scope];
  }

  /** Saves, or says what is wrong; returns the first field that wants attention. */
  async save(how: 'checked' | 'anyway' | 'without_secret' = 'checked'): Promise<Field | null> {
    if (this.saving) return null;
    this.failure = null;
    this.errors = this.#wrong(how === 'without_secret');
    const first = this.#first();
    if (first) return first;
    this.saving = true;
    try {
      if (how === 'checked') {
        if (this.#timer !== null) this.#look(0);
        await this.#settled;
        if (!this.#confirmed()) return this.#first();
      }
      return await this.#store(how === 'without_secret');
    } finally {
      this.saving = false;
    }
  }

  /** The form is left: nothing typed stays, and nothing goes on looking. */
  leave(): void {
    this.#stop();
    this.clientSecret = '';
  }

  /** Takes back what was said at a field, because it is being changed. */
  corrected(field: Field): void {
    this.#clear(field);
  }

  async #store(withoutSecret: boolean): Promise<Field | null> {
    const secret = withoutSecret || this.method === 'none' ? '' : this.clientSecret;
    try {
      const connection = await this.#host.platform.connectionSave({
        id: this.editing?.id ?? null,
        name: this.name.trim(),
        issuer: this.issuer,
        client_id: this.clientId.trim(),
        auth_method: this.method,
        client_secret: secret === '' ? null : secret,
        redirect_uri: given(this.redirectUri),
        post_logout_redirect_uri: given(this.postLogoutRedirectUri),
        scopes: this.scopes,
        username: this.editing?.username ?? null,
      });
      this.leave();
      this.#host.saved(connection);
      return null;
    } catch (error) {
      const failed = failure(error);
      const { problem, field } = failed;
      this.asksWithoutSecret = problem.kind.startsWith('keychain_');
      if (field) this.errors = { [field]: sentence(problem) };
      else this.failure = failed;
      this.#host.announce(problem.explanation);
      return this.#first();
    }
  }

  /** What can be said without asking anybody. */
  #wrong(withoutSecret: boolean): Partial<Record<Field, string>> {
    const errors: Partial<Record<Field, string>> = {};
    const name = this.name.trim().toLocaleLowerCase('en');
    if (name === '') errors.name = 'Give the connection a name.';
    else if (
      this.#host.connections.some(
        (one) => one.id !== this.editing?.id && one.name.toLocaleLowerCase('en') === name,
      )
    ) {
      errors.name = 'Another connection has this name. Choose a different one.';
    }
    if (this.text.trim() === '') {
      errors.issuer =
        this.kind === 'onelogin'
          ? 'Enter the subdomain or custom domain.'
          : 'Enter the issuer URL.';
    } else if (this.lookup.state === 'failed' && this.lookup.problem.kind === 'invalid_issuer') {
      errors.issuer = sentence(this.lookup.problem);
    }
    if (this.clientId.trim() === '') errors.client_id = 'Enter the client id.';
    const needsSecret = this.method !== 'none' && !withoutSecret;
    const hadSecret = this.editing !== null && this.editing.auth_method !== 'none';
    if (needsSecret && !hadSecret && this.clientSecret === '') {
      errors.client_secret = 'Enter the client secret, or choose None (PKCE).';
    }
    const addresses = [
      ['redirect_uri', this.redirectUri],
      ['post_logout_redirect_uri', this.postLogoutRedirectUri],
    ] as const;
    for (const [field, text] of addresses) {
      const fault = text.trim() === '' ? null : redirectUriFault(text.trim());
      if (fault !== null) errors[field] = fault;
    }
    if (this.scopes.length === 0) errors.scopes = 'Choose at least one scope.';
    return errors;
  }

  /** Whether discovery confirmed the issuer; otherwise asks for the second step. */
  #confirmed(): boolean {
    if (this.lookup.state === 'failed' && this.lookup.problem.kind === 'invalid_issuer') {
      this.errors = {
        issuer: sentence(this.lookup.problem),
      };
      return false;
    }
    if (this.lookup.state === 'found' && !this.differs) return true;
    this.asksAnyway = true;
    const text = this.differs
      ? 'The metadata name another issuer.'
      : 'The provider could not be looked up.';
    this.#host.announce(`${text} You can save the connection anyway.`);
    return false;
  }

  #first(): Field | null {
    return ORDER.find((field) => this.errors[field] !== undefined) ?? null;
  }

  #clear(field: Field): void {
    if (this.errors[field] === undefined) return;
    this.errors = { ...this.errors, [field]: undefined };
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#run !== null) void this.#host.platform.cancel(this.#run).catch(() => undefined);
    this.#run = null;
  }

  #look(delay: number): void {
    this.#stop();
    const text = this.text.trim();
    if (text === '') {
      this.lookup = { state: 'none' };
      return;
    }
    this.lookup = { state: 'busy' };
    if (delay === 0) this.#settled = this.#ask({ kind: this.kind, text });
    else {
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#settled = this.#ask({ kind: this.kind, text });
      }, delay);
    }
  }

  async #ask(input: DiscoverInput): Promise<void> {
    const run = newRun();
    this.#run = run;
    let lookup: Exclude<Lookup, { state: 'none' | 'busy' }>;
    try {
      lookup = { state: 'found', discovery: await this.#host.platform.discover(input, run) };
    } catch (error) {
      lookup = { state: 'failed', problem: failure(error).problem };
    }
    // Typing went on: this is the answer to a question that nobody asks any more.
    if (this.#run !== run) return;
    this.#run = null;
    this.lookup = lookup;
    if (lookup.state === 'found') this.#prefill(lookup.discovery);
    else if (lookup.problem.kind === 'invalid_issuer') {
      this.errors = { ...this.errors, issuer: sentence(lookup.problem) };
    }
  }

  #prefill(discovery: Discovery): void {
    if (!this.#scopesTouched) {
      const usual = USUAL_SCOPES.filter((scope) => discovery.scopes.includes(scope));
      this.scopes = usual.length > 0 ? usual : PLAIN_SCOPES;
    }
    const [first] = discovery.methods;
    if (!this.#methodTouched && first && !discovery.methods.includes(this.method)) {
      this.method = first;
    }
  }
}

// The window: which connections there are, what is shown on the right, and what is said aloud.

import type { AppState } from '../bindings/AppState';
import type { CommandError } from '../bindings/CommandError';
import type { Connection } from '../bindings/Connection';
import type { PolicyView } from '../bindings/PolicyView';
import type { Problem } from '../bindings/Problem';
import type { Settings } from '../bindings/Settings';
import { failure } from '../platform/failure';
import type { Platform } from '../platform/types';
import { ConnectionState } from './connection.svelte';
import type { Host } from './host';
import { ConnectionForm, type IssuerKind } from './connection-form.svelte';

export type View =
  | { name: 'loading' }
  | { name: 'failed'; problem: Problem }
  | { name: 'first-start' }
  | { name: 'form'; form: ConnectionForm }
  | { name: 'settings' }
  | { name: 'connection'; open: ConnectionState };

export class App implements Host {
  readonly platform: Platform;
  connections = $state.raw<Connection[]>([]);
  settings = $state.raw<Settings>({ extra_ca_file: null });
  version = $state('');
  setAside = $state<string | null>(null);
  /** What could not be used at the start, beside connections that can. */
  problem = $state.raw<Problem | null>(null);
  demo = $state.raw<AppState['demo']>(null);
  /** Whether the login window can keep its cookies on this system. */
  keptSessions = $state(false);
  /** What this computer's policy sets, where it has one. */
  policy = $state.raw<PolicyView | null>(null);
  view = $state.raw<View>({ name: 'loading' });
  announcement = $state('');
  demoStarting = $state(false);
  demoFailure = $state.raw<CommandError | null>(null);
  readonly #open = new Map<string, ConnectionState>();

  constructor(platform: Platform) {
    this.platform = platform;
  }

  get loginWindow(): boolean {
    return this.policy?.login_window ?? true;
  }

  get selected(): string | null {
    return this.view.name === 'connection' ? this.view.open.id : null;
  }

  async start(): Promise<void> {
    this.view = { name: 'loading' };
    try {
      // Without a wait where nothing has to be asked: then this screen is the first that is painted.
      const state = this.platform.firstState() ?? (await this.platform.appState());
      this.#take(state);
      // With connections there is something to go on with; without, the problem is all there is.
      if (state.problem && state.connections.length === 0) {
        this.view = { name: 'failed', problem: state.problem };
      } else {
        this.problem = state.problem;
        if (state.selected !== null) this.show(state.selected);
        if (this.selected === null) this.#home();
      }
    } catch (error) {
      this.view = { name: 'failed', problem: failure(error).problem };
    }
  }

  announce(text: string): void {
    // The same words twice are two announcements: the second differs by an invisible space.
    this.announcement = this.announcement === text ? `${text}\u00a0` : text;
  }

  changed(connection: Connection): void {
    const known = this.connections.some((one) => one.id === connection.id);
    this.connections = known
      ? this.connections.map((one) => (one.id === connection.id ? connection : one))
      : [...this.connections, connection];
    const open = this.#open.get(connection.id);
    if (!open) return;
    const moved =
      open.connection.issuer !== connection.issuer ||
      open.connection.auth_method !== connection.auth_method;
    open.connection = connection;
    if (moved) void open.loadProvider(false);
  }

  async reload(): Promise<void> {
    try {
      this.#take(await this.platform.appState());
    } catch {
      // The list stays as it was; the next change tries again.
    }
  }

  /** Shows a connection; its tabs fetch what they need. */
  show(id: string): void {
    const connection = this.connections.find((one) => one.id === id);
    if (!connection || this.selected === id) return;
    this.#leave();
    let open = this.#open.get(id);
    if (!open) {
      open = new ConnectionState(this, connection);
      this.#open.set(id, open);
    }
    this.view = { name: 'connection', open };
    void this.#fill(open);
  }

  newConnection(kind: IssuerKind = 'onelogin', text = ''): void {
    this.#leave();
    this.view = { name: 'form', form: new ConnectionForm(this, { kind, text }) };
  }

  edit(id: string): void {
    const connection = this.connections.find((one) => one.id === id);
    if (!connection) return;
    this.#leave();
    this.view = { name: 'form', form: new ConnectionForm(this, { connection }) };
  }

  showSettings(): void {
    this.#leave();
    this.view = { name: 'settings' };
  }

  /** Leaves a form or the settings. */
  back(id: string | null = null): void {
    if (id === null) this.#home();
    else this.show(id);
  }

  /** A saved form: shows its connection, afresh. */
  saved(connection: Connection): void {
    this.#open.delete(connection.id);
    this.changed(connection);
    this.announce(`${connection.name} is saved.`);
    this.show(connection.id);
  }

  async remove(id: string): Promise<CommandError | null> {
    const connection = this.connections.find((one) => one.id === id);
    try {
      await this.platform.connectionRemove(id);
    } catch (error) {
      return failure(error);
    }
    this.#open.get(id)?.leave();
    this.#open.delete(id);
    this.connections = this.connections.filter((one) => one.id !== id);
    if (connection) this.announce(`${connection.name} is removed.`);
    this.#home();
    return null;
  }

  /** Starts the demo tenant and shows its connection. */
  async startDemo(): Promise<void> {
    if (this.demoStarting) return;
    const connection = await this.#startDemo();
    if (!connection) return;
    this.#open.delete(connection.id);
    this.show(connection.id);
  }

  async saveSettings(settings: Settings): Promise<CommandError | null> {
    try {
      this.settings = await this.platform.settingsSave(settings);
      return null;
    } catch (error) {
      return failure(error);
    }
  }

  /** The connection of the last run, or the first, or the first start. */
  #home(): void {
    const [newest] = [...this.connections].sort(
      (a, b) => (b.last_run?.at ?? 0) - (a.last_run?.at ?? 0),
    );
    if (newest) this.show(newest.id);
    else {
      this.#leave();
      this.view = { name: 'first-start' };
    }
  }

  #leave(): void {
    if (this.view.name === 'connection') this.view.open.leave();
    if (this.view.name === 'form') this.view.form.leave();
    this.demoFailure = null;
  }

  #take(state: AppState): void {
    this.connections = state.connections;
    this.settings = state.settings;
    this.version = state.version;
    this.setAside = state.set_aside ?? this.setAside;
    this.demo = state.demo;
    this.keptSessions = state.kept_sessions;
    this.policy = state.policy;
    for (const connection of state.connections) {
      const open = this.#open.get(connection.id);
      if (open) open.connection = connection;
    }
  }

  async #startDemo(): Promise<Connection | null> {
    this.demoStarting = true;
    this.demoFailure = null;
    try {
      const connection = await this.platform.demoStart();
      this.changed(connection);
      await this.reload();
      return connection;
    } catch (error) {
      this.demoFailure = failure(error);
      this.announce(this.demoFailure.problem.explanation);
      return null;
    } finally {
      this.demoStarting = false;
    }
  }

  async #fill(open: ConnectionState): Promise<void> {
    // The demo tenant lives in the window: after a restart it has to be started before it is asked.
    if (open.connection.demo && this.demo === null && !(await this.#startDemo())) return;
    await open.open();
  }
}

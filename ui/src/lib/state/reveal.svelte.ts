// Token values on the screen: only when asked for, one by one, and gone after half a minute.

import type { CommandError } from '../bindings/CommandError';
import type { TokenKind } from '../bindings/TokenKind';
import { failure } from '../platform/failure';
import type { Host } from './host';

export const REVEAL_MS = 30_000;

export class Reveal {
  values = $state.raw<Partial<Record<TokenKind, string>>>({});
  failure = $state.raw<CommandError | null>(null);
  readonly #host: Host;
  readonly #connection: () => string;
  readonly #timers = new Map<TokenKind, ReturnType<typeof setTimeout>>();
  /** Rises when everything is hidden: a value that arrives later is not shown. */
  #turn = 0;

  constructor(host: Host, connection: () => string) {
    this.#host = host;
    this.#connection = connection;
  }

  async show(kind: TokenKind): Promise<void> {
    const turn = this.#turn;
    this.failure = null;
    try {
      const value = await this.#host.platform.tokenReveal(this.#connection(), kind);
      if (turn !== this.#turn) return;
      this.values = { ...this.values, [kind]: value };
      clearTimeout(this.#timers.get(kind));
      this.#timers.set(
        kind,
        setTimeout(() => this.hide(kind), REVEAL_MS),
      );
    } catch (error) {
      this.failure = failure(error);
    }
  }

  hide(kind: TokenKind): void {
    clearTimeout(this.#timers.get(kind));
    this.#timers.delete(kind);
    this.values = { ...this.values, [kind]: undefined };
  }

  hideAll(): void {
    this.#turn += 1;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.values = {};
    this.failure = null;
  }
}

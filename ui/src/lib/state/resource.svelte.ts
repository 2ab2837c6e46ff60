// Something that is fetched: its value, whether it is on its way, and why it did not come.

import type { CommandError } from '../bindings/CommandError';
import { failure } from '../platform/failure';

export class Resource<T> {
  value = $state.raw<T | null>(null);
  busy = $state(false);
  failure = $state.raw<CommandError | null>(null);
  #turn = 0;

  /** Fetches; an answer that a later call or `drop` has overtaken is thrown away. */
  async load(fetch: () => Promise<T>): Promise<boolean> {
    const turn = (this.#turn += 1);
    this.busy = true;
    try {
      const value = await fetch();
      if (turn !== this.#turn) return false;
      this.value = value;
      this.failure = null;
      return true;
    } catch (error) {
      if (turn === this.#turn) this.failure = failure(error);
      return false;
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  /** Forgets everything, an answer on its way included. */
  drop(): void {
    this.#turn += 1;
    this.value = null;
    this.failure = null;
    this.busy = false;
  }
}

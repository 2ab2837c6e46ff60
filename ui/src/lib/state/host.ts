// What the controllers of one connection need from the application around them.

import type { Connection } from '../bindings/Connection';
import type { Platform } from '../platform/types';

export interface Host {
  readonly platform: Platform;
  /** Whether this computer's policy lets the login window open. */
  readonly loginWindow: boolean;
  /** Says something to screen readers. */
  announce(text: string): void;
  /** A connection was changed by a command. */
  changed(connection: Connection): void;
  /** Fetches the list of connections again: a run changes the state of the last run. */
  reload(): Promise<void>;
}

/** A name for a run, so that it can be cancelled. */
export function newRun(): string {
  return crypto.randomUUID();
}

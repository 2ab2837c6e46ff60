// The time, once a second, for as long as something on the screen counts it.

import { onDestroy } from 'svelte';

/** Unix seconds; for use while a component is set up. */
export function clock(): { readonly now: number } {
  let now = $state(Math.floor(Date.now() / 1000));
  const timer = setInterval(() => (now = Math.floor(Date.now() / 1000)), 1_000);
  onDestroy(() => clearInterval(timer));
  return {
    get now() {
      return now;
    },
  };
}

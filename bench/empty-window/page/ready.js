// The same signal that Latchkey's page gives: after the second frame something is on the screen.
requestAnimationFrame(() =>
  requestAnimationFrame(() => globalThis.__TAURI_INTERNALS__.invoke('window_ready')),
);

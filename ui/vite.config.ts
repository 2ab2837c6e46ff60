import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, host: '127.0.0.1' },
  build: {
    // The oldest web views that the window runs in: WebKitGTK 2.40, Safari 16.4, WebView2.
    target: ['safari16.4', 'chrome111'],
    // The policy allows no inline script, and the page comes from the program itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // Only for what hangs: a busy machine must not fail a test.
    testTimeout: 60_000,
  },
});

// The gallery: every screen in every state, on a window that is not there. Never part of the page.
import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const ui = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: `${ui}/svelte.config.js` })],
  clearScreen: false,
  cacheDir: `${ui}/node_modules/.vite-gallery`,
  server: { port: 1421, strictPort: true, host: '127.0.0.1', fs: { allow: [ui] } },
});

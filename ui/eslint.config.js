import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const noPlatform = {
  group: ['@tauri-apps/*'],
  message: 'Only src/lib/platform knows the window it runs in.',
};

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/lib/bindings', 'gallery/shots'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      // What came from a provider is text, never markup.
      'svelte/no-at-html-tags': 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Provider text is never markup.' },
        { property: 'outerHTML', message: 'Provider text is never markup.' },
        { property: 'insertAdjacentHTML', message: 'Provider text is never markup.' },
      ],
      // Nothing of a session is written where a page may write.
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage', 'indexedDB'],
      'no-restricted-imports': ['error', { patterns: [noPlatform] }],
      'no-console': 'error',
      'svelte/require-each-key': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets here are bookkeeping that no view reads; what a view reads is replaced whole.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  // Tests read what was rendered.
  { files: ['tests/**'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['src/lib/platform/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['gallery/*.mjs', '*.config.{js,ts}', 'gallery/*.config.ts'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'no-console': 'off' },
  },
);

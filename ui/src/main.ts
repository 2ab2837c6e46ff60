import './lib/style/fonts.css';
import './lib/style/base.css';
import './lib/style/parts.css';

import { flushSync, mount } from 'svelte';

import Window from './App.svelte';
import { tauri } from './lib/platform/tauri';
import { App } from './lib/state/app.svelte';

const target = document.getElementById('app');
if (target) {
  mount(Window, { target, props: { app: new App(tauri) } });
  // What runs after mounting decides on the first screen: now, not after a frame without one.
  flushSync();
}

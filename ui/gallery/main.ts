// Shows the scene that the address names: `/?scene=signin-full`. Without one, lists them.
import '../src/lib/style/fonts.css';
import '../src/lib/style/base.css';
import '../src/lib/style/parts.css';

import { mount, tick } from 'svelte';

import Window from '../src/App.svelte';
import { App } from '../src/lib/state/app.svelte';
import { NOW } from '../fixtures/connections';
import { platform, scenes } from './scenes';

const name = new URLSearchParams(location.search).get('scene');
const scene = name ? scenes[name] : undefined;
const target = document.getElementById('app');

// The fixtures' clock stands still.
Date.now = () => NOW * 1000;

if (target && scene) {
  const app = new App(platform(scene.platform ?? {}));
  mount(Window, { target, props: { app } });
  await settled();
  for (const step of scene.steps ?? []) {
    step(app, document);
    await settled();
  }
  document.documentElement.dataset.ready = 'true';
} else if (target) {
  for (const each of Object.keys(scenes)) {
    const link = document.createElement('a');
    link.href = `?scene=${each}`;
    link.textContent = each;
    link.style.display = 'block';
    target.append(link);
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    await tick();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// Takes a picture of every scene, light and dark, at two sizes, and runs axe on each.
//   node gallery/shoot.mjs [part of a scene's name] [--no-pictures]
// Needs Chromium (CHROMIUM names it); speaks to it over a pipe, so nothing has to be installed for it.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createServer } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const filter = process.argv.slice(2).find((one) => !one.startsWith('--')) ?? '';
const pictures = !process.argv.includes('--no-pictures');
const axe = readFileSync(join(here, '../node_modules/axe-core/axe.min.js'), 'utf8');
const SIZES = [
  [1240, 820],
  [760, 700],
  [620, 410],
];

const server = await createServer({ configFile: join(here, 'vite.config.ts'), logLevel: 'error' });
await server.listen();
const profile = mkdtempSync(join(tmpdir(), 'latchkey-gallery-'));
const browser = spawn(
  process.env.CHROMIUM ?? 'chromium',
  [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--hide-scrollbars',
    `--user-data-dir=${profile}`,
    '--remote-debugging-pipe',
    'about:blank',
  ],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
);

const waiting = new Map();
const trouble = [];
let buffer = '';
let last = 0;
browser.stdio[4].on('data', (data) => {
  buffer += data;
  for (let end = buffer.indexOf('\0'); end >= 0; end = buffer.indexOf('\0')) {
    const message = JSON.parse(buffer.slice(0, end));
    buffer = buffer.slice(end + 1);
    if (message.method === 'Runtime.exceptionThrown') {
      trouble.push(message.params.exceptionDetails.exception?.description ?? 'exception');
    }
    if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error') {
      trouble.push(message.params.entry.text);
    }
    const settle = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) settle?.reject(new Error(message.error.message));
    else settle?.resolve(message.result);
  }
});
function send(method, params = {}, sessionId = undefined) {
  last += 1;
  const id = last;
  browser.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

let failures = 0;
try {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => send(method, params, sessionId);
  const run = async (expression) => {
    const { result, exceptionDetails } = await page('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
    return result.value;
  };
  const open = async (scene) => {
    await page('Page.navigate', { url: `http://127.0.0.1:1421/?scene=${scene}` });
    for (let turn = 0; turn < 400; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      if (await run('document.documentElement.dataset.ready === "true"').catch(() => false)) return;
    }
    throw new Error(`${scene} never became ready`);
  };
  await page('Page.enable');
  await page('Runtime.enable');
  await page('Log.enable');
  await page('Page.setBypassCSP', { enabled: false });

  const { scenes } = await server.ssrLoadModule('/scenes.ts');
  mkdirSync(join(here, 'shots'), { recursive: true });
  for (const scene of Object.keys(scenes).filter((one) => one.includes(filter))) {
    for (const scheme of ['light', 'dark']) {
      await page('Emulation.setEmulatedMedia', {
        features: [
          { name: 'prefers-color-scheme', value: scheme },
          { name: 'prefers-reduced-motion', value: 'reduce' },
        ],
      });
      for (const [width, height] of SIZES) {
        await page('Emulation.setDeviceMetricsOverride', {
          width,
          height,
          deviceScaleFactor: 1,
          mobile: false,
        });
        trouble.length = 0;
        await open(scene);
        const name = `${scene}-${scheme}-${width}`;
        for (const text of trouble) {
          failures += 1;
          console.log(`${name}: ${text}`);
        }
        await run(axe);
        const found = await run(
          `axe.run(document, { runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'] })
             .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary.split('\\n')[1]).join(' | ')))`,
        );
        const wide = await run(
          'document.documentElement.scrollWidth > document.documentElement.clientWidth',
        );
        if (wide) found.push('the page scrolls sideways');
        for (const text of found) {
          failures += 1;
          console.log(`${name}: ${text}`);
        }
        if (pictures) {
          const { data } = await page('Page.captureScreenshot', { format: 'png' });
          writeFileSync(join(here, 'shots', `${name}.png`), Buffer.from(data, 'base64'));
        }
      }
    }
  }
} finally {
  const gone = new Promise((resolve) => browser.once('exit', resolve));
  browser.kill();
  await gone;
  await server.close();
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch {
    // A browser that is slow to go still writes there; the folder is a temporary one.
  }
}
console.log(failures === 0 ? 'No violations.' : `${failures} findings.`);
process.exit(failures === 0 ? 0 : 1);

// A run in a browser while it is under way: where it stands, from what is told of it, and in words.

import type { Browser } from '../bindings/Browser';
import type { BrowserProgress } from '../bindings/BrowserProgress';
import type { LoginPage } from '../bindings/LoginPage';
import type { Step } from '../bindings/Step';
import { BROWSER } from '../words';

export interface BrowserRun {
  browser: Browser;
  /** The whole request, once it is ready. */
  address: string | null;
  /** No window or browser opens before the person says so. */
  waiting: boolean;
  /** Whether the system's browser could be opened, once it was tried. */
  opened: boolean | null;
  /** What the login window shows. */
  page: LoginPage | null;
}

export function begun(browser: Browser): BrowserRun {
  return { browser, address: null, waiting: false, opened: null, page: null };
}

/** The run after something was told of it; steps are not its business. */
export function after(run: BrowserRun, progress: BrowserProgress): BrowserRun {
  switch (progress.event) {
    case 'address':
      return { ...run, address: progress.url, waiting: progress.waiting };
    case 'browser':
      return { ...run, waiting: false, opened: progress.opened };
    case 'page':
      return { ...run, waiting: false, page: progress.page };
    case 'steps':
      return run;
  }
}

/** Whether the browser has brought the answer: there is nothing left to do there. */
export function answered(steps: readonly Step[]): boolean {
  const state = steps.find((step) => step.name === 'authorization')?.state;
  return state === 'done' || state === 'failed';
}

/** Where it stands, in one or two sentences. */
export function standing(run: BrowserRun, steps: readonly Step[]): string {
  if (answered(steps)) return 'The answer came. Checking it…';
  if (run.address === null) return 'Asking the provider first…';
  if (run.waiting) {
    const asked =
      'The endpoint has been asked once without a browser. Read the address, then open it.';
    return run.browser === 'system' ? `${asked} Latchkey listens already.` : asked;
  }
  if (run.browser === 'login_window') {
    return run.page === null
      ? 'Opening the login window…'
      : 'Sign in in the login window. It closes by itself.';
  }
  if (run.opened === null) return 'Opening the system browser…';
  return run.opened
    ? 'Sign in in the system browser. Latchkey listens for the answer.'
    : 'No browser could be opened. Open the address by hand: Latchkey listens for the answer.';
}

/** What is out of the ordinary about a page, and what to do. */
export function pageNotes(page: LoginPage): string[] {
  const notes: string[] = [];
  if (page.slow) {
    notes.push(
      'No page for 10 s. The host may be slow or not answer at all. Wait, or cancel and look at the network connection.',
    );
  }
  if (page.http_status !== null && page.http_status >= 400) {
    notes.push(
      'The page is an error. Some errors cannot be sent to the redirect URI: use what the page shows, and Latchkey explains it.',
    );
  }
  if (page.offered) {
    notes.push(
      'A frame or a script of the page went to the redirect URI, not the page itself. Take it as the answer only where you expect that.',
    );
  }
  return notes;
}

/** All that there is to say about it, for who cannot see it. */
export function sayings(run: BrowserRun, steps: readonly Step[]): string[] {
  const page = answered(steps) ? null : run.page;
  return [standing(run, steps), ...(page ? pageNotes(page) : [])];
}

/** Base and parameters of an address, a line each; together they are the address again. */
export function addressParts(url: string): string[] {
  return url.split(/(?=[?&])/);
}

/** The button that opens the address. */
export function openLabel(browser: Browser): string {
  return `Open in the ${BROWSER[browser].label.toLowerCase()}`;
}

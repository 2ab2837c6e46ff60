// What is chosen for a sign-in in a browser, and what is wrong with it before anything is sent.

import type { Browser } from '../bindings/Browser';
import type { BrowserSignInRequest } from '../bindings/BrowserSignInRequest';
import type { Connection } from '../bindings/Connection';
import type { ResponseMode } from '../bindings/ResponseMode';
import type { ResponseType } from '../bindings/ResponseType';
import type { FieldErrors } from '../field';
import { isOneLoginV2 } from '../format/issuer';
import * as typed from '../format/typed';
import type { Prompt } from '../words';

/** What the form alone decides of a request. */
export type Chosen = Omit<BrowserSignInRequest, 'run' | 'connection' | 'client_secret' | 'keep'>;

/** Registered for the demo tenant's application; nothing is there, and nothing need be. */
const DEMO_REDIRECT_URI: Record<Browser, string> = {
  login_window: 'https://payroll.acme.example/callback',
  system: 'http://127.0.0.1:8080/callback',
};

export const RESPONSE_TYPES: readonly ResponseType[] = ['code', 'id_token token', 'id_token'];

export const PROMPTS: readonly Prompt[] = ['login', 'none', 'consent', 'select_account'];

/** Where the answer comes when no response mode is sent. */
export function defaultMode(type: ResponseType): ResponseMode {
  return type === 'code' ? 'query' : 'fragment';
}

/** Tokens never stand in a query, which servers log (OAuth 2.0 Multiple Response Types §5). */
export function modesOf(type: ResponseType): ResponseMode[] {
  return type === 'code' ? ['query', 'fragment', 'form_post'] : ['fragment', 'form_post'];
}

export class BrowserForm {
  browser = $state<Browser>('login_window');
  /** Whether there is a choice. */
  readonly loginWindow: boolean;
  /** Each browser has its own: the login window takes any, the system's needs one on this computer. */
  redirectUris = $state<Record<Browser, string>>({ login_window: '', system: '' });
  responseType = $state<ResponseType>('code');
  prompt = $state<Prompt | ''>('');
  loginHint = $state('');
  acrValues = $state('');
  maxAge = $state('');
  resources = $state('');
  uiLocales = $state('');
  extra = $state('');
  scopes = $state.raw<string[]>([]);
  keepSession = $state(false);
  showFirst = $state(false);
  #mode = $state<ResponseMode | ''>('');

  constructor(connection: Connection, loginWindow = true) {
    this.loginWindow = loginWindow;
    if (!loginWindow) this.browser = 'system';
    const known = connection.redirect_uri;
    const demo = connection.demo ? DEMO_REDIRECT_URI : null;
    this.redirectUris = {
      login_window: known ?? demo?.login_window ?? '',
      system: known !== null && typed.isLoopback(known) ? known : (demo?.system ?? ''),
    };
    // OneLogin has it for the password grant alone, and refuses it here (invalid_scope).
    this.scopes = isOneLoginV2(connection.issuer)
      ? connection.scopes.filter((scope) => scope !== 'offline_access')
      : connection.scopes;
  }

  /** Empty: left to the default. A mode that the type does not allow is not chosen. */
  get responseMode(): ResponseMode | '' {
    const mode = this.#mode;
    return mode !== '' && modesOf(this.responseType).includes(mode) ? mode : '';
  }
  set responseMode(mode: ResponseMode | '') {
    this.#mode = mode;
  }

  /** Whether a code is exchanged at the token endpoint. */
  get exchangesCode(): boolean {
    return this.responseType === 'code';
  }

  toggleScope(scope: string): void {
    this.scopes = this.scopes.includes(scope)
      ? this.scopes.filter((one) => one !== scope)
      : [...this.scopes, scope];
  }

  /** The request, or what is wrong at which field. */
  check(): { chosen: Chosen } | { errors: FieldErrors } {
    const errors: FieldErrors = {};
    const redirectUri = this.redirectUris[this.browser].trim();
    const fault = this.#redirectUriFault(redirectUri);
    if (fault !== null) errors.redirect_uri = fault;
    const maxAge = typed.seconds(this.maxAge);
    if ('error' in maxAge) errors.max_age = maxAge.error;
    const resources = typed.resources(this.resources);
    if ('error' in resources) errors.resources = resources.error;
    const extra = typed.parameters(this.extra);
    if ('error' in extra) errors.extra = extra.error;
    if (fault !== null || 'error' in maxAge || 'error' in resources || 'error' in extra) {
      return { errors };
    }
    const hint = this.loginHint.trim();
    return {
      chosen: {
        redirect_uri: redirectUri,
        response_type: this.responseType,
        response_mode: this.responseMode === '' ? null : this.responseMode,
        scopes: this.scopes,
        prompt: this.prompt === '' ? null : this.prompt,
        login_hint: hint === '' ? null : hint,
        acr_values: typed.words(this.acrValues),
        max_age: maxAge.value,
        resources: resources.value,
        ui_locales: typed.words(this.uiLocales),
        extra: extra.value,
        browser: this.browser,
        keep_browser_session: this.browser === 'login_window' && this.keepSession,
        show_first: this.showFirst,
      },
    };
  }

  #redirectUriFault(text: string): string | null {
    if (text === '') return 'Enter a redirect URI that is registered for the app.';
    const fault = typed.redirectUriFault(text);
    if (fault !== null) return fault;
    if (this.browser === 'system' && !typed.isLoopback(text)) {
      const needed =
        'The system browser needs an http address on this computer, such as http://127.0.0.1/callback.';
      return this.loginWindow ? `${needed} For any other, choose the login window.` : needed;
    }
    return null;
  }
}

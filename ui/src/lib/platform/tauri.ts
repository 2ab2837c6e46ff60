// The window of Tauri: one command for each method, under the same name.

import { Channel, invoke } from '@tauri-apps/api/core';

import { takeFirstState } from './first-state';
import type { Platform } from './types';

function channel<Progress>(progress: (progress: Progress) => void): Channel<Progress> {
  const made = new Channel<Progress>();
  made.onmessage = progress;
  return made;
}

export const tauri: Platform = {
  windowReady: () => invoke('window_ready'),
  firstState: takeFirstState,
  appState: () => invoke('app_state'),
  discover: (input, run) => invoke('discover', { input, run }),
  connectionSave: (draft) => invoke('connection_save', { draft }),
  clientSecretKeep: (connection, clientSecret) =>
    invoke('client_secret_keep', { connection, clientSecret }),
  connectionRemove: (connection) => invoke('connection_remove', { connection }),
  connectionFix: (connection, fix) => invoke('connection_fix', { connection, fix }),
  demoStart: () => invoke('demo_start'),
  signInPassword: (request, progress) =>
    invoke('sign_in_password', { request, progress: channel(progress) }),
  signInRefresh: (request, progress) =>
    invoke('sign_in_refresh', { request, progress: channel(progress) }),
  signInBrowser: (request, progress) =>
    invoke('sign_in_browser', { request, progress: channel(progress) }),
  browserOpen: (run) => invoke('browser_open', { run }),
  browserTake: (run) => invoke('browser_take', { run }),
  browserFront: (run) => invoke('browser_front', { run }),
  browserSessionForget: (connection) => invoke('browser_session_forget', { connection }),
  cancel: (run) => invoke('cancel', { run }),
  passwordCurl: (connection, username, scopes) =>
    invoke('password_curl', { connection, username, scopes }),
  report: (connection) => invoke('report', { connection }),
  session: (connection) => invoke('session', { connection }),
  tokenReveal: (connection, kind) => invoke('token_reveal', { connection, kind }),
  tokenCopy: (connection, kind) => invoke('token_copy', { connection, kind }),
  sessionForget: (connection) => invoke('session_forget', { connection }),
  sessionIntrospect: (request) => invoke('session_introspect', { request }),
  sessionRevoke: (request) => invoke('session_revoke', { request }),
  sessionSignOut: (request) => invoke('session_sign_out', { request }),
  claims: (connection) => invoke('claims', { connection }),
  provider: (connection, again, run) => invoke('provider', { connection, again, run }),
  traffic: (connection) => invoke('traffic', { connection }),
  exchangeCurl: (connection, exchange) => invoke('exchange_curl', { connection, exchange }),
  trafficClear: (connection) => invoke('traffic_clear', { connection }),
  settingsSave: (settings) => invoke('settings_save', { settings }),
  chooseCaFile: () => invoke('choose_ca_file'),
  copyText: (text) => invoke('copy_text', { text }),
  openFolder: () => invoke('open_folder'),
};

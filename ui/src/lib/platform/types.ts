// What the page asks of the window it runs in. Nothing outside this folder knows how it is done.

import type { AppState } from '../bindings/AppState';
import type { BrowserProgress } from '../bindings/BrowserProgress';
import type { BrowserSignInRequest } from '../bindings/BrowserSignInRequest';
import type { ClaimsView } from '../bindings/ClaimsView';
import type { Connection } from '../bindings/Connection';
import type { ConnectionDraft } from '../bindings/ConnectionDraft';
import type { DiscoverInput } from '../bindings/DiscoverInput';
import type { Discovery } from '../bindings/Discovery';
import type { Exchange } from '../bindings/Exchange';
import type { Fix } from '../bindings/Fix';
import type { PasswordRequest } from '../bindings/PasswordRequest';
import type { Progress } from '../bindings/Progress';
import type { ProviderView } from '../bindings/ProviderView';
import type { RefreshRequest } from '../bindings/RefreshRequest';
import type { SessionReport } from '../bindings/SessionReport';
import type { SessionView } from '../bindings/SessionView';
import type { Settings } from '../bindings/Settings';
import type { SignInReport } from '../bindings/SignInReport';
import type { SignOutRequest } from '../bindings/SignOutRequest';
import type { TokenKind } from '../bindings/TokenKind';
import type { TokenRequest } from '../bindings/TokenRequest';

export type OnProgress = (progress: Progress) => void;
export type OnBrowserProgress = (progress: BrowserProgress) => void;

/** Every method rejects with a `CommandError`, or with something that `failure` turns into one. */
export interface Platform {
  /** The first screen is painted. */
  windowReady(): Promise<void>;
  /** What `appState` says, where it was known before the page was loaded; told once. */
  firstState(): AppState | null;
  appState(): Promise<AppState>;
  discover(input: DiscoverInput, run: string): Promise<Discovery>;
  connectionSave(draft: ConnectionDraft): Promise<Connection>;
  /** Into the keychain: for a managed connection, which no form saves. */
  clientSecretKeep(connection: string, clientSecret: string): Promise<void>;
  connectionRemove(connection: string): Promise<void>;
  connectionFix(connection: string, fix: Fix): Promise<Connection>;
  demoStart(): Promise<Connection>;
  signInPassword(request: PasswordRequest, progress: OnProgress): Promise<SignInReport>;
  signInRefresh(request: RefreshRequest, progress: OnProgress): Promise<SignInReport>;
  signInBrowser(request: BrowserSignInRequest, progress: OnBrowserProgress): Promise<SignInReport>;
  /** Goes on from the address that was shown first. */
  browserOpen(run: string): Promise<void>;
  /** Ends the run with what the login window shows, or with the answer that it offers. */
  browserTake(run: string): Promise<void>;
  /** Brings the login window to the front. */
  browserFront(run: string): Promise<void>;
  browserSessionForget(connection: string): Promise<void>;
  cancel(run: string): Promise<void>;
  passwordCurl(connection: string, username: string, scopes: string[]): Promise<void>;
  report(connection: string): Promise<SignInReport | null>;
  session(connection: string): Promise<SessionView>;
  tokenReveal(connection: string, kind: TokenKind): Promise<string>;
  tokenCopy(connection: string, kind: TokenKind): Promise<void>;
  sessionForget(connection: string): Promise<void>;
  sessionIntrospect(request: TokenRequest): Promise<SessionReport>;
  sessionRevoke(request: TokenRequest): Promise<SessionReport>;
  sessionSignOut(request: SignOutRequest): Promise<SessionReport>;
  claims(connection: string): Promise<ClaimsView | null>;
  provider(connection: string, again: boolean, run: string): Promise<ProviderView>;
  traffic(connection: string): Promise<Exchange[]>;
  exchangeCurl(connection: string, exchange: number): Promise<void>;
  trafficClear(connection: string): Promise<void>;
  settingsSave(settings: Settings): Promise<Settings>;
  chooseCaFile(): Promise<string | null>;
  copyText(text: string): Promise<void>;
  openFolder(): Promise<void>;
}

// Issuers as people read them, and the issuer behind what they type.

import type { Connection } from '../bindings/Connection';
import { METHOD_SHORT } from '../words';

/** `host` or `host:port` of a URL; the text itself where it is no URL. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host || url;
  } catch {
    return url;
  }
}

/** The issuer of a OneLogin tenant, from a subdomain, a custom domain or a pasted address. */
export function oneLoginIssuer(text: string): string {
  const host = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .toLowerCase();
  if (host === '') return '';
  return `https://${/[.:]/.test(host) ? host : `${host}.onelogin.com`}/oidc/2`;
}

/** The subdomain or custom domain behind a OneLogin v2 issuer; `null` for any other issuer. */
export function oneLoginName(issuer: string): string | null {
  const found = /^https:\/\/([a-z0-9-]+)\.onelogin\.com\/oidc\/2$/.exec(issuer);
  return found?.[1] ?? null;
}

/** Whether the issuer is one of OneLogin's first generation, which was removed in 2021. */
export function isRetired(issuer: string): boolean {
  return /^openid-connect(-eu)?\.onelogin\.com$/.test(hostOf(issuer));
}

/** Whether the issuer looks like OneLogin's second generation, on any domain. */
export function isOneLoginV2(issuer: string): boolean {
  return /\/oidc\/2$/.test(issuer);
}

/** The second line of a connection in the list: `acme.onelogin.com · Basic`, `on this computer`. */
export function subtitle(connection: Connection): string {
  if (connection.demo) return 'on this computer';
  const host = hostOf(connection.issuer);
  if (isRetired(connection.issuer)) return `${host.replace('.onelogin.com', '')} · v1, retired`;
  return `${host} · ${METHOD_SHORT[connection.auth_method]}`;
}

/** Whether a user's connection has the name of a managed one, which `--connection` means then. */
export function yields(connection: Connection, all: readonly Connection[]): boolean {
  const name = connection.name.toLowerCase();
  return (
    !connection.managed && all.some((other) => other.managed && other.name.toLowerCase() === name)
  );
}

/** Two letters for the narrow list. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const letters =
    words.length > 1
      ? words.slice(0, 2).map((word) => [...word][0])
      : [...(words[0] ?? '?')].slice(0, 2);
  return letters.join('').toLocaleUpperCase('en');
}

// What is typed into one field and means several values or a number; each says what was expected and what came.

import type { Parameter } from '../bindings/Parameter';
import { visible } from './visible';

export type Typed<T> = { value: T } | { error: string };

const LARGEST = 2 ** 32 - 1;

/** Whole seconds; nothing typed is no limit. */
export function seconds(text: string): Typed<number | null> {
  const typed = text.trim();
  if (typed === '') return { value: null };
  const value = /^\d+$/.test(typed) ? Number(typed) : NaN;
  if (value <= LARGEST) return { value };
  return { error: `Expected whole seconds, such as 0 or 300. Came: ${quoted(typed)}.` };
}

/** Words between blanks. */
export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** One `name=value` a line. */
export function parameters(text: string): Typed<Parameter[]> {
  const value: Parameter[] = [];
  for (const { line, at } of lines(text)) {
    const equals = line.indexOf('=');
    const name = line.slice(0, equals).trim();
    if (equals < 0 || name === '') {
      return { error: `Line ${at}: expected name=value. Came: ${quoted(line)}.` };
    }
    value.push({ name, value: line.slice(equals + 1).trim() });
  }
  return { value };
}

/** One absolute URI without a fragment a line (RFC 8707 §2). */
export function resources(text: string): Typed<string[]> {
  const value: string[] = [];
  for (const { line, at } of lines(text)) {
    if (!URL.canParse(line) || line.includes('#')) {
      return { error: `Line ${at}: expected a whole address without #. Came: ${quoted(line)}.` };
    }
    value.push(line);
  }
  return { value };
}

/** What is wrong with a redirect URI before anybody is asked; `null`: nothing that can be seen from here. */
export function redirectUriFault(text: string): string | null {
  if (!URL.canParse(text)) {
    return 'Enter a whole address, such as https://app.example.com/callback.';
  }
  if (text.includes('#')) return 'A redirect URI has no fragment: take out # and what follows.';
  return null;
}

/** Whether something on this computer can listen there (RFC 8252 §7.3). */
export function isLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'http:' && /^(127(\.\d+){3}|\[::1\]|localhost)$/.test(hostname);
}

function lines(text: string): { line: string; at: number }[] {
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), at: index + 1 }))
    .filter(({ line }) => line !== '');
}

function quoted(text: string): string {
  const shown = visible(text);
  return `“${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown}”`;
}

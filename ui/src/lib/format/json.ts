// JSON values as text, made harmless.

import type { Json } from '../json-value';
import { visible, visibleBlock } from './visible';

/** A value on one line: strings bare, the rest as JSON. */
export function inline(value: Json): string {
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A value over several lines, two spaces deep. */
export function pretty(value: Json): string {
  return visibleBlock(JSON.stringify(value, null, 2));
}

/** The first `limit` characters, whole ones, and whether any were cut. */
export function cut(text: string, limit: number): { text: string; cut: boolean } {
  if (text.length <= limit) return { text, cut: false };
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { text: text.slice(0, end), cut: true };
}

/** Whether a JSON value is an object with members. */
export function isRecord(value: Json | undefined): value is { [key in string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

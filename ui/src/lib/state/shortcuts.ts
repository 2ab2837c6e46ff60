// Which key does what. Ctrl, or Cmd on a Mac.

import { TABS, type Tab } from './connection.svelte';

export type Shortcut =
  { do: 'new' } | { do: 'main' } | { do: 'filter' } | { do: 'cancel' } | { do: 'tab'; tab: Tab };

export function shortcut(event: KeyboardEvent): Shortcut | null {
  if (event.key === 'Escape') return { do: 'cancel' };
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return null;
  if (event.key === 'Enter') return { do: 'main' };
  if (event.key.toLowerCase() === 'n') return { do: 'new' };
  if (event.key.toLowerCase() === 'f') return { do: 'filter' };
  const tab = /^[1-9]$/.test(event.key) ? TABS[Number(event.key) - 1] : undefined;
  return tab ? { do: 'tab', tab } : null;
}

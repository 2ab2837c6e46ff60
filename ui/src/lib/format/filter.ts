// Filters: every word must occur, in any order, without regard to case.

/** Whether each word of the filter occurs in one of the texts. */
export function matches(filter: string, ...texts: string[]): boolean {
  const words = filter.toLocaleLowerCase('en').split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const all = texts.join('\n').toLocaleLowerCase('en');
  return words.every((word) => all.includes(word));
}

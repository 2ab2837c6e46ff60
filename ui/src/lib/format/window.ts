// Which rows of a long list are on the screen, and a long text as rows of equal width.

/** Rows `[start, end)` are rendered. */
export interface Range {
  start: number;
  end: number;
}

/** The rows that are visible, with `overscan` more on either side. */
export function visibleRows(
  scrollTop: number,
  viewport: number,
  rowHeight: number,
  count: number,
  overscan = 8,
): Range {
  if (count <= 0 || rowHeight <= 0) return { start: 0, end: 0 };
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + viewport) / rowHeight);
  const end = Math.min(count, last + overscan);
  return { start: Math.max(0, Math.min(first - overscan, end)), end };
}

/** Lines no longer than `columns`; a longer one goes on in the next row, between whole characters. */
export function rows(text: string, columns: number): string[] {
  const width = Math.max(8, columns);
  const out: string[] = [];
  for (const line of text.split('\n')) {
    let at = 0;
    do {
      let end = Math.min(line.length, at + width);
      const last = line.charCodeAt(end - 1);
      if (end < line.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
      out.push(line.slice(at, end));
      at = end;
    } while (at < line.length);
  }
  return out;
}

// Numbers and sizes, in words.

const GROUPED = new Intl.NumberFormat('en-GB');

/** `5,000`. */
export function grouped(value: number): string {
  return GROUPED.format(value);
}

/** `1 key`, `5,000 keys`; the plural is given where an s does not make it. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

/** A size in bytes: `812 bytes`, `1.2 kB`, `200 kB`, `1.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte');
  const [value, unit] = bytes < 999_500 ? [bytes / 1000, 'kB'] : [bytes / 1e6, 'MB'];
  return `${value < 9.95 ? value.toFixed(1) : grouped(Math.round(value))} ${unit}`;
}

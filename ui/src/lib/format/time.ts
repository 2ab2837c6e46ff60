// Lengths and points of time, in words.

/** A length measured in microseconds: `0.3 ms`, `118 ms`, `2.4 s`, `1 min 5 s`. */
export function duration(us: number): string {
  const ms = us / 1000;
  if (ms < 0.05) return '0 ms';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return lifetime(seconds);
}

/** A length in whole seconds, the two largest units: `1 h 59 min`, `59 min 3 s`, `12 s`, `3 d 2 h`. */
export function lifetime(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const at = units.findIndex(([size]) => s >= size);
  if (at < 0) return '0 s';
  const parts: string[] = [];
  let rest = s;
  for (const [size, name] of units.slice(at, at + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const TIME = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** A point of time, Unix seconds, in this computer's time zone: `24 Nov 2026, 06:09:28`. */
export function when(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'unknown' : DAY_AND_TIME.format(date);
}

/** The time of day, Unix milliseconds: `06:09:28.123`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'unknown' : TIME.format(date);
}

/** What is left of a token's life: `expires in 1 h 59 min`, `expired 12 s ago`. */
export function remaining(expiresAt: number, now: number): string {
  const left = expiresAt - now;
  return left > 0 ? `expires in ${lifetime(left)}` : `expired ${lifetime(-left)} ago`;
}

/** How much of a life is left, 0 to 1. */
export function remainingShare(obtainedAt: number, expiresAt: number, now: number): number {
  const whole = expiresAt - obtainedAt;
  if (whole <= 0) return 0;
  return Math.min(1, Math.max(0, (expiresAt - now) / whole));
}

// Where two strings part: an issuer that differs by one character is the most reported set-up fault.

/** A text in three parts; `differing` is empty where the text ends before the difference. */
export interface Parted {
  same: string;
  differing: string;
  rest: string;
}

/** The place of the first character that differs; `null` where the texts are equal. Counts whole characters. */
export function firstDifference(a: string, b: string): number | null {
  if (a === b) return null;
  const left = [...a];
  const right = [...b];
  const limit = Math.min(left.length, right.length);
  for (let at = 0; at < limit; at += 1) if (left[at] !== right[at]) return at;
  return limit;
}

/** Both texts, parted at the first character that differs; `null` where they are equal. */
export function parted(a: string, b: string): [Parted, Parted] | null {
  const at = firstDifference(a, b);
  if (at === null) return null;
  const part = (text: string): Parted => {
    const characters = [...text];
    return {
      same: characters.slice(0, at).join(''),
      differing: characters[at] ?? '',
      rest: characters.slice(at + 1).join(''),
    };
  };
  return [part(a), part(b)];
}

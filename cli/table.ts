/** Rows under headings, each column as wide as it needs. Control characters of names and ids are not passed on. */
export function table(headings: string[], rows: string[][]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, i) =>
    Math.max(heading.length, ...clean.map((row) => [...(row[i] ?? '')].length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => cell + ' '.repeat(Math.max(0, widths[i]! - [...cell].length)))
      .join('  ')
      .trimEnd();
  return `${[headings, ...clean].map(line).join('\n')}\n`;
}

/** Text of others on a terminal: escape sequences would be obeyed. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

const UNITS: [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** `3 min`, `2 h`: the largest unit that fits, rounded down; negative counts as nothing. */
export function span(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= size) ?? [1_000, 's'];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

/** `90 s`, `15 min`: the largest unit that says it exactly. */
export function exactSpan(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= size && ms % size === 0) ?? [1_000, 's'];
  return `${ms / size} ${unit}`;
}

export function moment(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

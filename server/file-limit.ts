import { readFileSync } from 'node:fs';

const UNKNOWN = 10_000;
/** More than one process can serve. */
const MOST = 50_000;

/** For how many connections this process may open files, with some left for everything else. */
export function fileLimit(limits: () => string = () => readFileSync('/proc/self/limits', 'utf8')): number {
  try {
    const [, soft] = /^Max open files +(\d+|unlimited)/m.exec(limits()) ?? [];
    return soft === undefined || soft === 'unlimited'
      ? UNKNOWN
      : Math.min(MOST, Math.max(10, Math.floor(Number(soft) * 0.9)));
  } catch {
    return UNKNOWN;
  }
}

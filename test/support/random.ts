/** Random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** 0 ≤ n < 1. */
  fraction(): number;
  /** A whole number, 0 ≤ n < end. */
  below(end: number): number;
  pick<T>(choices: readonly T[]): T;
  bytes(length: number): Buffer;
}

/** mulberry32: small, and even enough to choose by. */
export function createRandom(seed: number = Math.floor(Math.random() * 2 ** 31)): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(fraction() * end);
  return {
    seed,
    fraction,
    below,
    pick: (choices) => choices[below(choices.length)]!,
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
  };
}

import type { PageClock } from '../clock.ts';

/** Settles as `promise` does; resolves to `late` where that takes longer than `ms`. */
export function bounded<T, L>(clock: PageClock, promise: Promise<T>, ms: number, late: L): Promise<T | L> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(late));
    promise.finally(cancel).then(resolve, reject);
  });
}

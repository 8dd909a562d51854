import { setImmediate as breathe } from 'node:timers/promises';

/** How many tabs are told in one go: about 5 ms of the event loop. */
const PIECE = 200;

/** Does something with each of many, letting the event loop breathe in between. */
export async function inPieces<T>(items: Iterable<T>, each: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    if (done > 0 && done % PIECE === 0) await breathe();
    each(item);
    done += 1;
  }
}

export { breathe };

/** Rejects, naming what did not come, where a promise does not settle in time. */
export async function withTimeout<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string | (() => string),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(inVain(timeoutMs, what));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is neither undefined nor false; for what can be observed but not subscribed to. */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  what: string | (() => string),
  { timeoutMs = 5_000, everyMs = 25 } = {},
): Promise<T> {
  const start = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - start > timeoutMs) throw inVain(timeoutMs, what);
    await pause(everyMs);
  }
}

/** Lets real time pass; only for what is about the passing of time itself. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function inVain(timeoutMs: number, what: string | (() => string)): Error {
  return new Error(`Waited ${timeoutMs} ms in vain for ${typeof what === 'string' ? what : what()}`);
}

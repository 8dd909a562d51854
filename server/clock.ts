/** Time as the process sees it; injected everywhere, so that tests move it. */
export interface Clock {
  /** Epoch milliseconds. May be stepped, forwards or backwards. */
  now(): number;
  /** Milliseconds that only grow, from an arbitrary start. */
  monotonic(): number;
  /** Runs `run` once, `delayMs` from now; returns what cancels it. `delayMs` is at most a minute: no timer is armed for a session. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** How often it is asked whether another server has taken over: one that was cut off knows nothing of it, and goes on. */
const LOOK_MS = 1_000;

/** Asks now and then whether another server has taken over, and calls back where it has. */
export interface Lookout {
  /** Now, and not only when it is time again. */
  look(): void;
  stop(): void;
}

export function lookOut(isOutdated: () => Promise<boolean>, onOutdated: () => void): Lookout {
  let looking = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    // Where nobody can be asked, things are as they were.
    if (await isOutdated().catch(() => false)) onOutdated();
    looking = false;
  }
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return { look: () => void look(), stop: () => clearInterval(timer) };
}

const TICK_MS = 5;

/** Calls `send` so often a second, evenly; answers how often that was. */
export async function atPace(
  perSecond: number,
  seconds: number,
  send: (count: number) => void,
): Promise<number> {
  const start = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const passed = Math.min(seconds * 1_000, performance.now() - start);
      for (const due = Math.floor((passed * perSecond) / 1_000); sent < due; sent += 1) send(sent);
      if (passed < seconds * 1_000) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  return sent;
}

/** Something else each time, far from the last: agents know nothing of each other. */
export function nextOf<T>(items: readonly T[], count: number): T {
  return items[(count * 7_919) % items.length]!;
}

import { readFileSync } from 'node:fs';
import type { Frame } from 'playwright-core';
import type { Device } from '../../test/support/chromium.ts';

/** What the main thread of a page, or of a frame in it, did for a while. */
export interface MainThread {
  /** Its share of one core, in percent. */
  busyPercent: number;
  longTasks: number;
  longestTaskMs: number;
}

/** Watches the main thread of the process that draws this frame: its CPU time by /proc, long tasks by the frame itself. */
export async function watchMainThread(
  device: Device,
  frame: Frame,
  run: () => Promise<unknown>,
): Promise<MainThread> {
  const pid = await rendererOf(device, frame);
  await frame.evaluate(OBSERVE);
  const [cpu, start] = [threadMs(pid), performance.now()];
  await run();
  const [spent, passed] = [threadMs(pid) - cpu, performance.now() - start];
  const tasks = (await frame.evaluate('globalThis.longTasks')) as number[];
  return {
    busyPercent: (100 * spent) / passed,
    longTasks: tasks.length,
    longestTaskMs: Math.max(0, ...tasks),
  };
}

const OBSERVE = `(() => {
  globalThis.longTasks = [];
  globalThis.longTaskObserver?.disconnect();
  globalThis.longTaskObserver = new PerformanceObserver((list) => {
    longTasks.push(...list.getEntries().map(({ duration }) => duration));
  });
  longTaskObserver.observe({ type: 'longtask' });
})()`;
/** Far more than any other process does meanwhile; a busy machine needs several turns for it. */
const SPIN_MS = 120;
const MOST_SPINS = 50;
const SPIN = `(() => { const end = performance.now() + ${SPIN_MS}; while (performance.now() < end); })()`;

/** Which process that is shows when it is kept busy. */
async function rendererOf(device: Device, frame: Frame): Promise<number> {
  const session = await device.browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const before = new Map(pids.map((pid) => [pid, threadMs(pid)]));
  for (let time = 0; time < MOST_SPINS; time += 1) {
    await frame.evaluate(SPIN);
    const busiest = pids.find((pid) => threadMs(pid) - before.get(pid)! >= SPIN_MS);
    if (busiest !== undefined) return busiest;
  }
  throw new Error('No process of the browser was as busy as the frame was kept');
}

/** CPU time of a process's main thread, in ms. */
function threadMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

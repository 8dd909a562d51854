/**
 * What the presence page costs with 10,000 agents of whom 700 change each second: `npx tsx bench/dashboard-load.ts`.
 * Says when the page is usable, how long frames take, and how much of one core the page's process needs.
 */
import { readFileSync } from 'node:fs';
import type { Frame, Page } from 'playwright-core';
import { type Device, startChromium } from '../test/support/chromium.ts';
import { keepWorking, playMorning } from '../test/support/dashboard/crowd.ts';
import { openStage } from '../test/support/dashboard/stage.ts';

const AGENTS = 10_000;
const CHANGES = 700;
const SECONDS = 10;
const HOUR = 3_600_000;

const stage = await openStage({}, 10 * HOUR);
const atWork = await playMorning(stage, AGENTS);
stage.signIn();
const device = await startChromium();
const page = await device.openPage();
await page.setViewportSize({ width: 1280, height: 900 });

for (let round = 1; round <= 3; round += 1) {
  await page.goto('about:blank');
  const start = performance.now();
  await page.goto(stage.host.url('#/presence'));
  const view = page.frameLocator('iframe');
  await view.locator('.agent').first().waitFor();
  const first = performance.now() - start;
  await view.locator('.link-state.live').waitFor();
  say('load', { round, firstRowMs: first, allRowsMs: performance.now() - start });
}
const frame = page.frames().find((one) => one.url().startsWith(stage.host.dashboard))!;

await measure('at rest', frame);
const stop = keepWorking(stage, atWork, CHANGES);
await measure(`${CHANGES}/s, by name`, frame);
await frame.locator('.head-endsAt button').click();
await measure(`${CHANGES}/s, by sign-out`, frame);
await frame.locator('.head-state button').click();
await measure(`${CHANGES}/s, by state`, frame);
stop();
await device.close();
await stage.close();
process.exit(0);

async function measure(what: string, frame: Frame): Promise<void> {
  const pid = await rendererOf(page, device);
  const cpu = cpuSeconds(pid);
  const frames = (await frame.evaluate(`new Promise((resolve) => {
    const gaps = [];
    const long = [];
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    const end = performance.now() + ${SECONDS * 1_000};
    let last = performance.now();
    requestAnimationFrame(function next(now) {
      gaps.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(next);
      else resolve({ gaps, long });
    });
  })`)) as { gaps: number[]; long: number[] };
  const gaps = frames.gaps.sort((a, b) => a - b);
  const at = (share: number) => gaps[Math.floor((gaps.length - 1) * share)]!;
  say(what, {
    cpuShare: (cpuSeconds(pid) - cpu) / SECONDS,
    frames: gaps.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    longestMs: at(1),
    tasksOver50Ms: frames.long.length,
    longestTaskMs: Math.max(0, ...frames.long),
  });
}

/** The process that draws the page: of all of this browser's, the one that holds most. */
async function rendererOf(page: Page, device: Device): Promise<number> {
  const session = await device.browser.newBrowserCDPSession();
  await page.bringToFront();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  return renderers.sort((a, b) => memoryOf(b) - memoryOf(a))[0]!;
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memoryOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
}

function say(what: string, figures: Record<string, number>): void {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`);
  console.log(`${what}: ${text.join(', ')}`);
}

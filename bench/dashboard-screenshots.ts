/**
 * Pictures of every page of the dashboard, for docs/images: `npm run screenshots`. A node with an invented account, and
 * Chromium. What is seen is real but for the past of the chart, which no node could have counted in the time.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { startChromium } from '../test/support/chromium.ts';
import { keepWorking, playMorning } from '../test/support/dashboard/crowd.ts';
import { ACCOUNT, openStage, type Stage } from '../test/support/dashboard/stage.ts';
import { PROJECT } from '../test/support/node-process.ts';
import { pause } from '../test/support/waiting.ts';

const HOUR = 3_600_000;
const FOLDER = join(PROJECT, 'docs', 'images');
const WIDE = { width: 1360, height: 940 };
const NARROW = { width: 360, height: 780 };

interface Shot {
  name: string;
  place: string;
  size?: { width: number; height: number };
  act?: (view: FrameLocator, page: Page) => Promise<void>;
}

const openFirst = async (view: FrameLocator) => {
  await view.locator('.agent .name').nth(3).click();
  await view.locator('.drawer .ribbon').waitFor();
};
const askFirst = async (view: FrameLocator) => {
  for (const row of [1, 2, 4]) await view.locator('.agent input').nth(row).check();
  await view.locator('.selection .danger').click();
};
const chooseQuarter = async (view: FrameLocator) => {
  await view.getByRole('button', { name: /^15 minutes/ }).click();
  await view.getByText(/would be signed out/).waitFor();
};

const OFFICE: Shot[] = [
  { name: 'presence', place: '#/presence' },
  { name: 'agent', place: '#/presence', act: openFirst },
  { name: 'sign-out', place: '#/presence', act: askFirst },
  { name: 'security', place: '#/security', act: chooseQuarter },
  { name: 'audit', place: '#/audit' },
  { name: 'presence-narrow', place: '#/presence', size: NARROW },
  { name: 'security-narrow', place: '#/security', size: NARROW },
];
const CROWD: Shot[] = [{ name: 'presence-10000', place: '#/presence' }];
const NOBODY: Shot[] = [{ name: 'presence-empty', place: '#/presence?state=idle' }];

await mkdir(FOLDER, { recursive: true });
await take(260, OFFICE);
await take(10_000, CROWD);
await take(0, NOBODY);
process.exit(0);

async function take(agents: number, shots: Shot[]): Promise<void> {
  const stage = await openStage({}, 10 * HOUR);
  const atWork = await playMorning(stage, agents);
  if (agents > 0) await warnSome(stage);
  stage.signIn();
  const stop = agents > 0 ? keepWorking(stage, atWork, Math.ceil(agents / 60)) : () => {};
  const device = await startChromium();
  const page = await device.openPage();
  await page.route('**/v1/presence/history*', (route) =>
    route.fulfill({ json: inventedHistory(agents, route.request().url().includes('hour')) }),
  );
  for (const shot of shots) for (const theme of ['light', 'dark']) await shoot(page, stage, shot, theme);
  stop();
  await device.close();
  await stage.close();
}

/** Some have not been there for a day, and are being warned. */
async function warnSome({ engine }: Stage): Promise<void> {
  for (const name of ['Ada Brandt', 'Ada Costa', 'Zoë Adeyemi']) {
    await engine.admit({
      account: ACCOUNT,
      agent: name.toLowerCase().replace(' ', '.'),
      sid: `login of ${name}`,
      loginAt: Date.now() - 24 * HOUR + 20_000,
      issuedAt: Date.now(),
      name,
      permissions: [],
      autoAssign: true,
    });
  }
}

async function shoot(
  page: Page,
  stage: Stage,
  { name, place, size = WIDE, act }: Shot,
  theme: string,
): Promise<void> {
  await page.setViewportSize(size);
  await page.goto('about:blank');
  await page.goto(stage.host.url(place, `theme=${theme}`));
  const view = page.frameLocator('iframe');
  await view.locator('.link-state.live').waitFor();
  await act?.(view, page);
  // For what slides in, and the first word of the chart.
  await pause(900);
  await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) });
  console.log(`${name}-${theme}.png`);
}

/** A working day as the server would have counted it. */
function inventedHistory(agents: number, hour: boolean) {
  const stepMs = hour ? 60_000 : 300_000;
  const steps = hour ? 60 : 288;
  const now = Date.now();
  const points = Array.from({ length: steps }, (_, index) => {
    const at = now - (steps - 1 - index) * stepMs;
    const hoursAgo = (now - at) / HOUR;
    // They come in the morning, and go one after the other in the evening before.
    const here = hoursAgo < 9 ? Math.min(1, (9 - hoursAgo) / 1.5) : Math.max(0, (hoursAgo - 15) / 9);
    const sway = (period: number, size: number) => 1 + size * Math.sin(at / period);
    const active = Math.round(agents * 0.46 * here * sway(600_000, 0.06) * sway(3_100_000, 0.08));
    const idle = Math.round(agents * 0.17 * here * sway(900_000, 0.15));
    const background = Math.round(agents * 0.2 * here * sway(1_700_000, 0.08));
    return { at, active, idle, background, offline: Math.round(agents * 0.17 * (0.25 + 0.75 * here)) };
  });
  return { stepSeconds: stepMs / 1000, points };
}

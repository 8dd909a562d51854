import type { Frame, Page } from 'playwright-core';
import { startChromium } from '../../test/support/chromium.ts';
import { startHostPage } from '../../test/support/dashboard/host-page.ts';
import { startRedis } from '../../test/support/redis.ts';
import { newSid, signToken } from '../../test/support/tokens.ts';
import type { Bench } from '../harness/bench.ts';
import { startCrowd } from '../harness/crowd.ts';
import { type MainThread, watchMainThread } from '../harness/main-thread.ts';
import { withOpened } from '../harness/opened.ts';
import { startVigilNode } from '../harness/servers.ts';

const AGENTS = 10_000;
const CHANGES = 700;
const SECONDS = 8;

export default {
  what: 'the presence page in Chromium: 10,000 agents, 700 changes a second',
  run: ({ rounds, scaled }) =>
    withOpened(async (opened) => {
      const host = opened.using(await startHostPage());
      const redis = opened.using(await startRedis());
      const settings = { REDIS_URL: redis.url, VIGIL_ALLOWED_ORIGINS: host.origin };
      const node = opened.using(await startVigilNode(settings));
      host.dashboard = `${node.url}/dashboard/`;
      const sid = newSid();
      host.token = () =>
        signToken({ account: 'account-0', sub: 'manager', sid, permissions: ['manage_security'] });
      const crowd = opened.using(await startCrowd());
      await crowd.tabs.open({ urls: [node.url], count: scaled(AGENTS), to: 'vigil', accounts: 1 });
      const device = opened.using(await startChromium());
      const page = await device.openPage();
      await page.setViewportSize({ width: 1280, height: 900 });

      const complete: number[] = [];
      const found = { name: [] as MainThread[], endsAt: [] as MainThread[] };
      for (let round = 0; round < rounds; round += 1) {
        complete.push(await load(page, host.url('#/presence')));
        const frame = page.frames().find((one) => one.url().startsWith(host.dashboard))!;
        const watch = () => watchMainThread(device, frame, () => crowd.tabs.report(CHANGES, SECONDS));
        await crowd.tabs.report(CHANGES, 2);
        found.name.push(await watch());
        await sortBy(frame, 'endsAt');
        found.endsAt.push(await watch());
      }
      const goal = { text: '≤ 30 % busy', atMost: 30 };
      const busy = (of: MainThread[]) => of.map(({ busyPercent }) => busyPercent);
      return [
        { what: 'main thread, sorted by name', unit: '%', vigil: busy(found.name), goal },
        { what: 'main thread, sorted by sign-out', unit: '%', vigil: busy(found.endsAt), goal },
        {
          what: 'longest task, sorted by sign-out',
          unit: 'ms',
          vigil: found.endsAt.map(({ longestTaskMs }) => longestTaskMs),
        },
        { what: 'from nothing to all 10,000 rows', unit: 'ms', vigil: complete },
      ];
    }),
} satisfies Bench;

async function load(page: Page, url: string): Promise<number> {
  await page.goto('about:blank');
  const start = performance.now();
  await page.goto(url);
  const view = page.frameLocator('iframe');
  await view.locator('.link-state.live').waitFor({ timeout: 60_000 });
  return performance.now() - start;
}

async function sortBy(frame: Frame, column: string): Promise<void> {
  await frame.locator(`.head-${column} button`).click();
}

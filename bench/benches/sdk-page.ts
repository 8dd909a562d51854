import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Device, startChromium } from '../../test/support/chromium.ts';
import { signToken } from '../../test/support/tokens.ts';
import { pause } from '../../test/support/waiting.ts';
import type { Bench } from '../harness/bench.ts';
import { type MainThread, watchMainThread } from '../harness/main-thread.ts';
import { withOpened } from '../harness/opened.ts';
import { inTurn } from '../harness/rounds.ts';
import { startVigilNode } from '../harness/servers.ts';

const SECONDS = 8;
/** Between two movements: a mouse of 125 Hz. */
const STEP_MS = 8;

export default {
  what: 'a page with the SDK under constant mouse movement',
  run: ({ rounds, scaled }) =>
    withOpened(async (opened) => {
      const pages = opened.using(await startPages());
      const node = opened.using(await startVigilNode({ VIGIL_ALLOWED_ORIGINS: pages.origin }));
      pages.vigil = node.url;
      const device = opened.using(await startChromium());
      const tasks: MainThread[] = [];
      const busy = (path: string) => async () => {
        const found = await moveIn(device, `${pages.origin}${path}`, scaled(SECONDS));
        if (path === '/with') tasks.push(found);
        return found.busyPercent;
      };
      const found = await inTurn(rounds, { without: busy('/without'), with: busy('/with') });
      return [
        {
          what: 'main thread under constant movement',
          unit: '%',
          vigil: found.with,
          baseline: { what: 'the page without the SDK', found: found.without },
        },
        {
          what: 'what the SDK adds',
          unit: '% of main-thread time',
          vigil: found.with.map((share, round) => share - found.without[round]!),
          goal: { text: '≤ 0.5 %', atMost: 0.5 },
        },
        {
          what: 'long tasks in the page with the SDK',
          unit: '',
          vigil: tasks.map(({ longTasks }) => longTasks),
          goal: { text: 'none', atMost: 0 },
        },
      ];
    }),
} satisfies Bench;

async function moveIn(device: Device, url: string, seconds: number): Promise<MainThread> {
  const page = await device.openPage(url);
  await page.waitForFunction('window.isReady === true', undefined, { timeout: 20_000 });
  const move = async (until: number) => {
    for (let step = 0; performance.now() < until; step += 1) {
      const next = performance.now() + STEP_MS;
      await page.mouse.move(100 + ((step * 7) % 900), 100 + ((step * 3) % 500));
      await pause(Math.max(0, next - performance.now()));
    }
  };
  await move(performance.now() + 2_000);
  const found = await watchMainThread(device, page.mainFrame(), () =>
    move(performance.now() + seconds * 1_000),
  );
  await page.close();
  return found;
}

/** A page with the SDK in it, and the same page without. */
async function startPages() {
  const pages = { origin: '', vigil: '', close: () => void server.close() };
  const page = (script: string) =>
    `<!doctype html><html lang="en"><title>Desk</title><link rel="icon" href="data:,">
     <main style="height: 2000px"><h1>Ticket 17</h1><textarea></textarea></main>${script}</html>`;
  const withSdk = () => `<script src="${pages.vigil}/vigil.js"></script><script>
     const client = Vigil.connect({ url: '${pages.vigil}', getToken: async () => '${signToken()}' });
     client.on('session', () => { window.isReady = true; });</script>`;
  const server = createServer((req, res) => {
    const script = req.url === '/with' ? withSdk() : '<script>window.isReady = true</script>';
    res.setHeader('Content-Type', 'text/html').end(page(script));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  pages.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return pages;
}

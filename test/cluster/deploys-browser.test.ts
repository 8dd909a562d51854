import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { startChromium } from '../support/chromium.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { figure, measureLateness } from '../support/measuring.ts';
import { startBalancer } from '../support/proxies.ts';
import { startRedis } from '../support/redis.ts';
import { signToken } from '../support/tokens.ts';
import { pause, until } from '../support/waiting.ts';
import { eventsOf, expectSound, startNodes, untilReady } from './nodes.ts';

const VISIBLE_AWAY_MS = 5_000;
const HIDDEN_AWAY_MS = 60_000;
/** HAProxy looks every half second, and twice before it believes it. */
const NOTICED_MS = 1_500;

interface Mark {
  what: 'offline' | 'session';
  at: number;
}

/** A page with the SDK, which notes when it lost the server and when it heard it again. */
function pageFor(vigilUrl: string, token: string): string {
  return `<!doctype html><title>desk</title><script type="module">
    import { connect } from ${JSON.stringify(`${vigilUrl}/vigil.mjs`)};
    window.marks = [];
    const mark = (what) => window.marks.push({ what, at: Date.now() });
    const vigil = connect({ url: ${JSON.stringify(vigilUrl)}, getToken: () => ${JSON.stringify(token)} });
    vigil.on('offline', () => mark('offline'));
    vigil.on('session', () => mark('session'));
  </script>`;
}

const marksOf = (page: Page) => page.evaluate(() => (window as unknown as { marks: Mark[] }).marks);

/** The longest time from losing the server to hearing it again. */
function longestAwayMs(marks: Mark[]): number {
  let longest = 0;
  let lostAt: number | null = null;
  for (const { what, at } of marks) {
    if (what === 'offline') lostAt ??= at;
    else if (lostAt !== null) {
      longest = Math.max(longest, at - lostAt);
      lostAt = null;
    }
  }
  return lostAt === null ? longest : Number.POSITIVE_INFINITY;
}

describe('a rolling restart, in a real browser', function () {
  this.timeout(120_000);
  const cleanup = cleanupAfterEach();

  it('leaves a visible tab at most 5 s without a connection, a hidden one at most 60 s, and both signed in', async () => {
    const redis = cleanup.using(await startRedis());
    const device = cleanup.using(await startChromium());
    let html = '';
    const desk = createServer((_req, res) => res.setHeader('content-type', 'text/html').end(html));
    await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve));
    cleanup.defer(() => {
      desk.closeAllConnections();
      desk.close();
    });
    const origin = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`;
    const times = { leadMs: 10_000, timeoutMs: 300_000 };
    const nodes = await startNodes(redis.url, { times, env: { VIGIL_ALLOWED_ORIGINS: origin } });
    cleanup.using({ close: () => Promise.all(nodes.map((node) => node.close())) });
    const balancer = cleanup.using(await startBalancer(nodes));
    const lateness = cleanup.using(measureLateness());
    html = pageFor(balancer.url, signToken({ sub: 'browsing' }));
    const hidden = await device.openPage(origin);
    const visible = await device.openPage(origin);
    for (const page of [hidden, visible]) {
      await until(async () => (await marksOf(page)).some(({ what }) => what === 'session'), 'its session');
    }
    expect(await hidden.evaluate(() => document.visibilityState)).to.equal('hidden');

    for (const [index, node] of nodes.entries()) {
      expect((await node.kill('SIGTERM')).code).to.equal(0);
      nodes[index] = await node.restart();
      await untilReady(nodes[index]!);
      await pause(NOTICED_MS);
    }

    for (const [page, what, most] of [
      [visible, 'visible', VISIBLE_AWAY_MS],
      [hidden, 'hidden', HIDDEN_AWAY_MS],
    ] as const) {
      await until(async () => longestAwayMs(await marksOf(page)) < Number.POSITIVE_INFINITY, `${what} back`, {
        timeoutMs: HIDDEN_AWAY_MS,
      });
      const marks = await marksOf(page);
      expect(marks.filter((one) => one.what === 'session').length, `${what}: it moved`).to.be.above(1);
      figure(`${what} tab without a connection, ms`, longestAwayMs(marks));
      expect(longestAwayMs(marks), what).to.be.at.most(most + lateness.worstMs);
    }
    const ends = (await eventsOf(nodes[0]!)).filter(({ type }) => type === 'session.ended');
    expect(ends).to.deep.equal([]);
    expectSound(nodes);
  });
});

import { expect } from 'chai';
import type { Engine } from '../../../server/engine/engine.ts';
import { openRedisEngine } from '../../../server/engine/redis/open-redis-engine.ts';
import { startWebhooks, type Webhooks } from '../../../server/webhooks/dispatcher.ts';
import { cleanupAfterEach } from '../../support/cleanup.ts';
import { createTestClock } from '../../support/clock.ts';
import { startRedis } from '../../support/redis.ts';
import { severable } from '../../support/redis-engine.ts';
import { pause, until } from '../../support/waiting.ts';
import { startReceiver, WEBHOOK_SECRET } from '../../support/webhook-receiver.ts';

const MINUTE = 60_000;
const ACCOUNTS = Array.from({ length: 20 }, (_, n) => `account ${n}`);
const SILENT = { info: () => {}, warn: () => {}, error: () => {} };
const UNCOUNTED = { delivered() {}, failed() {}, dead() {}, lag() {}, stopped() {}, forgot() {} };

/** Engine and dispatcher of one node; killed, nothing of it reaches Redis any more. */
interface Worker {
  engine: Engine;
  kill(): Promise<void>;
}

describe('a receiver that is away for an hour, while workers are killed', () => {
  const cleanup = cleanupAfterEach();

  it('misses none of 1,000 events, each signed, within a minute of being back', async () => {
    const redis = cleanup.using(await startRedis());
    const away = await startReceiver();
    await away.close();
    // Not long ago, so that the reference library takes what is signed by it.
    const clock = createTestClock(Date.now() - 62 * MINUTE);

    async function startWorker(): Promise<Worker> {
      const wire = severable();
      let webhooks: Webhooks | undefined;
      const engine = await openRedisEngine({
        target: { kind: 'single', url: redis.url },
        leadMs: MINUTE,
        minTimeoutMs: 15 * MINUTE,
        deliver: true,
        partitions: 2,
        clock,
        relay: (emission) => webhooks?.told(emission),
        log: SILENT,
        timeSource: clock.now,
        openLink: wire.open,
      });
      webhooks = startWebhooks({
        engine,
        url: away.url,
        secret: WEBHOOK_SECRET,
        clock,
        log: SILENT,
        counts: UNCOUNTED,
      });
      let killed = false;
      const kill = async () => {
        if (killed) return;
        killed = true;
        wire.sever();
        await webhooks?.stop();
        await engine.close();
      };
      cleanup.defer(kill);
      return { engine, kill };
    }

    /** Time passes as fast as what comes of it is done. */
    async function pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 5_000) {
        clock.advance(Math.min(5_000, left));
        await pause(4);
      }
    }

    let doomed = await startWorker();
    const lasting = await startWorker();
    let begun = 0;
    for (let round = 0; round < 10; round += 1) {
      const at = clock.now();
      for (const account of ACCOUNTS) {
        const { engine } = begun % 2 === 0 ? doomed : lasting;
        for (const agent of ['ann', 'bob', 'cem', 'dan', 'eve']) {
          begun += 1;
          const sid = `${agent} ${round}`;
          const rest = { name: null, permissions: [], autoAssign: false };
          await engine.admit({ account, agent, sid, loginAt: at, issuedAt: at, ...rest });
        }
      }
      await pass(6 * MINUTE);
      await doomed.kill();
      doomed = await startWorker();
    }
    expect(begun).to.equal(1_000);
    expect((await lasting.engine.deliveries.backlog()).accounts).to.equal(ACCOUNTS.length);

    const receiver = cleanup.using(await startReceiver(Number(new URL(away.url).port)));
    const back = clock.now();
    const ids = () => new Set(receiver.taken.map(({ id }) => id)).size;
    let dying: Promise<void> | null = null;
    await until(
      async () => {
        clock.advance(250);
        // One more dies in the middle of it, with what it has under way.
        if (ids() >= 200) dying ??= doomed.kill();
        return ids() >= 1_000;
      },
      () => `1,000 events; ${ids()} came. ${receiver.faults.slice(0, 3).join()}`,
      { timeoutMs: 60_000, everyMs: 20 },
    );
    expect(clock.now() - back).to.be.at.most(MINUTE);
    expect(dying, 'a death while they were sent').to.not.equal(null);
    await dying;
    expect(receiver.faults).to.deep.equal([]);
    expect(ids()).to.equal(1_000);
    for (const account of ACCOUNTS)
      expect(await lasting.engine.deliveries.deadLetters(account)).to.deep.equal([]);
  }).timeout(180_000);
});

import { expect } from 'chai';
import { parseRedisUrl } from '../../server/redis-url.ts';
import { DAY, MINUTE, SECOND, START } from '../contract/engine/harness.ts';
import { openNode } from '../server/engine/redis/node-under-test.ts';
import { cleanupAfterEach } from '../support/cleanup.ts';
import { createTestClock } from '../support/clock.ts';
import { openTabOf } from '../support/engine-tab.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/waiting.ts';

const ACCOUNTS = 20;
const AGENTS = 10;
const SIDS = 5;
/** Ended logins are remembered for 31 days, audit entries for 400. */
const LOGINS_FORGOTTEN = 32 * DAY;
const AUDIT_FORGOTTEN = 401 * DAY;

describe('what a storm leaves behind in Redis', function () {
  this.timeout(60_000);
  const cleanup = cleanupAfterEach();

  async function keysOf(redis: RedisServer): Promise<string[]> {
    const keys = await redis.command<string[]>('KEYS', '*');
    // One a partition, empty but for what is under way.
    return keys.filter((key) => !key.endsWith(':outbox')).sort();
  }

  it('is gone when it is no longer needed', async () => {
    const redis = cleanup.using(await startRedis());
    const clock = createTestClock(START);
    const node = cleanup.using(
      await openNode({ target: parseRedisUrl(redis.url), clock, timeSource: clock.now }),
    );
    const { engine } = node;
    const sweep = async () => {
      while ((await engine.sweep()) <= clock.now()) {}
    };
    await sweep();
    const before = await keysOf(redis);
    for (let a = 0; a < ACCOUNTS; a += 1) {
      const account = `account-${a}`;
      for (let n = 0; n < AGENTS; n += 1) {
        const agent = `agent-${n}`;
        for (let s = 0; s < SIDS; s += 1) {
          const sid = `sid-${a}-${n}-${s}`;
          const login = { account, agent, sid };
          await engine.admit({
            ...login,
            loginAt: clock.now(),
            issuedAt: clock.now(),
            name: agent,
            permissions: [],
            autoAssign: true,
          });
          await openTabOf(engine, { ...login, tab: `tab-${sid}` });
          await engine.updateTabs([{ ...login, tab: `tab-${sid}`, visible: true, at: clock.now() }]);
          await engine.touch([{ ...login, at: clock.now() }]);
          await engine.updateTabs([{ ...login, tab: `tab-${sid}`, visible: null, at: clock.now() }]);
          if (s % 2 === 0) await engine.endSession({ account, sid, by: agent });
        }
        if (n % 3 === 0) await engine.signOut({ account, agent, by: 'boss' });
      }
      await engine.record(account, { type: 'access.refused', data: { by: 'x', needs: 'y', call: 'z' } });
      await engine.changes(account, null);
    }
    // Somebody looks at a desk that nobody ever was at.
    await engine.changes('nobody’s', null);
    clock.advance(MINUTE);
    await sweep();
    const during = await keysOf(redis);
    expect(during.length).to.be.greaterThan(before.length + 4 * ACCOUNTS);
    // Everybody goes home: warned, after a lead that somebody watched ended, and in the end forgotten.
    clock.advance(DAY);
    await sweep();
    for (let passed = 0; passed <= MINUTE; passed += 2 * SECOND) {
      clock.advance(2 * SECOND);
      await sweep();
    }
    expect(await engine.totals()).to.deep.equal({ live: 0, warned: 0 });
    // Somebody looks once more at a desk that nobody is at any more.
    for (let a = 0; a < ACCOUNTS; a += 2) await engine.changes(`account-${a}`, null);
    for (const age of [LOGINS_FORGOTTEN, AUDIT_FORGOTTEN, 2 * MINUTE]) {
      clock.advance(age);
      await sweep();
    }
    const after = await keysOf(redis);
    expect(after).to.deep.equal(before);
    const outboxes = await redis.command<string[]>('KEYS', '*:outbox');
    await until(async () => {
      const waiting = await Promise.all(outboxes.map((key) => redis.command<number>('XLEN', key)));
      return waiting.every((length) => length === 0);
    }, 'outboxes with nothing in them');
  });
});
